#include "bridge/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

namespace bridge {
namespace {

using discovery::Refusal;
using Words = std::vector<std::string>;
using Ids = std::set<std::string, std::less<>>;

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return small;
}

bool is_named(const std::string& word, std::string_view name) {
  return !name.empty() && lower(word) == lower(name);
}

/// The text as Home Assistant would take it for an entity id: it strips white space of all kinds
/// and makes small letters, also of the Kelvin sign.
std::string as_entity_id(std::string_view word) {
  constexpr std::string_view kelvin = "\u212a";
  std::string text = lower(word);
  for (auto at = text.find(kelvin); at != std::string::npos; at = text.find(kelvin)) {
    text.replace(at, kelvin.size(), "k");
  }
  const auto is_edge = [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  };
  const auto begin = std::find_if_not(text.begin(), text.end(), is_edge);
  const auto end = std::find_if_not(text.rbegin(), std::make_reverse_iterator(begin), is_edge);
  return {begin, end.base()};
}

/// `all` at a key for entity ids is every entity of the house.
bool says_all(std::string_view key, const discovery::Json& value) {
  if (!key.ends_with("entity_id") && !key.ends_with("entity_ids")) return false;
  if (value.is_string()) return as_entity_id(value.get_ref<const std::string&>()) == "all";
  return value.is_array() && std::any_of(value.begin(), value.end(), [&](const auto& each) {
           return each.is_string() && says_all(key, each);
         });
}

/// The target in this home's own ids, and what becomes of it.
struct Search {
  const discovery::Home& home;
  Ids entities;
  Ids devices;
  Ids areas;
  Ids floors;
  Ids labels;
  std::optional<Refusal> fault;

  void find_places(const char* what, const Words& words, const auto& places, Ids& ids) {
    for (const std::string& word : words) {
      auto found = places.find(word);
      if (found == places.end()) {
        found = std::find_if(places.begin(), places.end(),
                             [&](const auto& each) { return is_named(word, each.second.name); });
      }
      if (found == places.end()) return unknown(what, word);
      ids.insert(found->first);
    }
  }

  void find_devices(const Words& words) {
    std::map<std::string_view, const discovery::DeviceEntry*> known;
    for (const auto& [id, entity] : home.entities()) {
      if (!entity.entry || entity.entry->device_id.empty()) continue;
      const discovery::DeviceEntry* device = home.device(entity.entry->device_id);
      if (device != nullptr) known.emplace(device->id, device);
    }
    for (const std::string& word : words) {
      bool is_known = known.contains(word);
      if (is_known) devices.insert(word);
      for (const auto& [id, device] : known) {
        if (known.contains(word) || !is_named(word, device->name)) continue;
        devices.emplace(id);
        is_known = true;
      }
      if (!is_known) return unknown("device", word);
    }
  }

  void unknown(const char* what, const std::string& word) {
    fault = Refusal{"unknown_target", fmt::format("this instance has no {} '{}'", what, word)};
  }

  bool bears_label(const Words& worn) const {
    return std::any_of(worn.begin(), worn.end(),
                       [&](const std::string& label) { return labels.contains(label); });
  }

  /// Whether it is meant without being named: those that a user does not see are not.
  bool includes(const discovery::Entity& entity) const {
    if (!entity.entry || !entity.entry->entity_category.empty()) return false;
    if (!entity.entry->hidden_by.empty()) return false;
    const discovery::DeviceEntry* device = home.device(entity.entry->device_id);
    if (devices.contains(entity.entry->device_id)) return true;
    if (bears_label(entity.entry->labels)) return true;
    if (device != nullptr && bears_label(device->labels)) return true;
    const discovery::Place* area = home.area_of(entity);
    return area != nullptr && (areas.contains(area->id) || floors.contains(area->floor_id) ||
                               bears_label(area->labels));
  }
};

}  // namespace

bool Targets::is_published(std::string_view entity_id) const {
  const Publication* publication = publications_.find(entity_id);
  return publication != nullptr && publication->live;
}

Targets::Resolved Targets::resolve(const discovery::Call& call) const {
  Search search{home_, {}, {}, {}, {}, {}, {}};
  const discovery::Target& target = call.target;
  bool is_all = false;
  for (const std::string& word : target.entities) {
    const std::string entity_id = lower(word);
    is_all = is_all || entity_id == "all";
    if (entity_id == "all" || entity_id == "none") continue;
    if (!is_published(entity_id)) {
      return Refusal{"not_published",
                     fmt::format("this instance publishes no '{}'", entity_id.substr(0, 255))};
    }
    if (const std::string* glob = discovery::matching_glob(settings_.deny, entity_id)) {
      return Refusal{"denied", fmt::format("commands.deny names {}", *glob)};
    }
    search.entities.insert(entity_id);
  }
  search.find_devices(target.devices);
  search.find_places("area", target.areas, home_.areas(), search.areas);
  search.find_places("floor", target.floors, home_.floors(), search.floors);
  search.find_places("label", target.labels, home_.labels(), search.labels);
  if (search.fault) return *search.fault;

  Words reached;
  bool has_unavailable = false;
  for (const auto& [id, entity] : home_.entities()) {
    // A notifier that is a service is called by its name, and is no entity there.
    if (entity.domain() != call.domain || entity.is_service || !is_published(id)) continue;
    if (!is_all && !search.entities.contains(id) && !search.includes(entity)) continue;
    if (discovery::matching_glob(settings_.deny, id) != nullptr) continue;
    const bool is_there = entity.state && entity.state->value != "unavailable";
    has_unavailable = has_unavailable || !is_there;
    if (is_there) reached.push_back(id);
  }
  if (reached.empty() && has_unavailable) {
    return Refusal{"unavailable", "what it is for is unavailable at its Home Assistant"};
  }
  if (reached.empty()) {
    return Refusal{"no_target",
                   fmt::format("its target names no {} that this instance publishes", call.domain)};
  }
  std::sort(reached.begin(), reached.end());
  return reached;
}

/// Home Assistant takes lists of entity ids as texts with commas, too, and in any case.
std::string Targets::unpublished_among(const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    std::string entity_id = as_entity_id(word);
    if (!home_.entities().contains(entity_id)) continue;
    const bool is_denied = discovery::matching_glob(settings_.deny, entity_id) != nullptr;
    if (is_denied || !is_published(entity_id)) return entity_id;
  }
  return {};
}

std::string Targets::unpublished_in(const discovery::Json& data) const {
  if (data.is_string()) return unpublished_among(data.get_ref<const std::string&>());
  if (!data.is_structured()) return {};
  for (const auto& [key, value] : data.items()) {
    if (says_all(key, value)) return "all";
    if (std::string found = unpublished_among(key); !found.empty()) return found;
    if (std::string found = unpublished_in(value); !found.empty()) return found;
  }
  return {};
}

}  // namespace bridge
