#include "discovery/attributes.hpp"

#include <algorithm>

namespace discovery {
namespace {

bool stands_before(const Attribute& attribute, std::string_view name) {
  return attribute.name < name;
}

auto position(auto& sorted, std::string_view name) {
  return std::lower_bound(sorted.begin(), sorted.end(), name, stands_before);
}

}  // namespace

const std::string* Attributes::find(std::string_view name) const {
  const auto found = position(sorted_, name);
  return found != sorted_.end() && found->name == name ? &found->json : nullptr;
}

bool Attributes::has_value(std::string_view name) const {
  const std::string* json = find(name);
  return json != nullptr && *json != "null";
}

bool Attributes::set(std::string_view name, std::string_view json) {
  const auto found = position(sorted_, name);
  if (found == sorted_.end() || found->name != name) {
    sorted_.insert(found, Attribute{std::string(name), std::string(json)});
    return true;
  }
  if (found->json == json) return false;
  found->json.assign(json);
  return true;
}

bool Attributes::erase(std::string_view name) {
  const auto found = position(sorted_, name);
  if (found == sorted_.end() || found->name != name) return false;
  sorted_.erase(found);
  return true;
}

}  // namespace discovery
