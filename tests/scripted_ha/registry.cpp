#include "tests/scripted_ha/registry.hpp"

#include <algorithm>
#include <charconv>

namespace scripted_ha {

Version read_version(std::string_view text) {
  Version version;
  const auto end = text.data() + text.size();
  const auto year = std::from_chars(text.data(), end, version.year);
  if (year.ptr != end) std::from_chars(year.ptr + 1, end, version.month);
  return version;
}

std::optional<Kind> kind_of(std::string_view plural) {
  const auto found = std::find_if(registry_names.begin(), registry_names.end(),
                                  [&](const auto& names) { return names.plural == plural; });
  if (found == registry_names.end()) return std::nullopt;
  return found->kind;
}

const Json* Registry::find(const std::string& id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

void Registry::put(Json row) {
  const auto id = row.at(key_).get<std::string>();
  const auto [place, added] = places_.emplace(id, rows_.size());
  if (added) {
    rows_.push_back(std::move(row));
  } else {
    rows_[place->second] = std::move(row);
  }
}

void Registry::rename(const std::string& id, const std::string& new_id) {
  const auto place = places_.at(id);
  places_.erase(id);
  places_[new_id] = place;
  rows_[place][key_] = new_id;
}

Json Registry::change(const std::string& id, const Json& fields) {
  Json& row = rows_[places_.at(id)];
  Json changes = Json::object();
  for (const auto& [name, value] : fields.items()) {
    if (row.contains(name) && same(row.at(name), value)) continue;
    changes[name] = member(row, name);
    row[name] = value;
  }
  return changes;
}

bool Registry::erase(const std::string& id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return false;
  const std::size_t place = found->second;
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
  places_.erase(found);
  for (auto& [key, later] : places_) {
    if (later > place) --later;
  }
  return true;
}

}  // namespace scripted_ha
