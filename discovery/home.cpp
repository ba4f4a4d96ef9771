#include "discovery/home.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "discovery/json.hpp"

namespace discovery {
namespace {

constexpr std::size_t registry_id_bytes_max = 64;

}  // namespace

bool valid_entity_id(std::string_view id) {
  const auto dot = id.find('.');
  if (id.size() > 255 || dot == std::string_view::npos || id.find("__") != std::string_view::npos) {
    return false;
  }
  const auto valid_part = [](std::string_view part) {
    return !part.empty() && part.front() != '_' && part.back() != '_' &&
           std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
  };
  return valid_part(id.substr(0, dot)) && valid_part(id.substr(dot + 1));
}

bool valid_registry_id(std::string_view id) {
  return !id.empty() && id.size() <= registry_id_bytes_max &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

Entity* Home::find(std::string_view entity_id) {
  const auto found = entities_.find(entity_id);
  return found == entities_.end() ? nullptr : &found->second;
}

Entity& Home::entity(std::string_view id) {
  const auto found = entities_.find(id);
  if (found != entities_.end()) return found->second;
  std::string key(id);
  Entity& entity = entities_[key];
  entity.id = std::move(key);
  return entity;
}

void Home::set_entities(std::vector<EntityEntry> entries, const OnEntity& on_change) {
  std::unordered_set<std::string> listed;
  std::vector<Entity*> changed;
  for (EntityEntry& entry : entries) {
    if (!valid_entity_id(entry.entity_id)) {
      not_taken_.add([&] { return shown(entry.entity_id) + " is no entity id"; });
      continue;
    }
    if (!entry.registry_id.empty() && !valid_registry_id(entry.registry_id)) {
      not_taken_.add([&] {
        return entry.entity_id + " has the registry id " + shown(entry.registry_id) +
               ", which is none";
      });
      entry.registry_id.clear();
    }
    listed.insert(entry.entity_id);
    Entity& known = entity(entry.entity_id);
    if (known.entry && *known.entry == entry) continue;
    known.entry = std::make_shared<const EntityEntry>(std::move(entry));
    changed.push_back(&known);
  }
  for (auto& [id, known] : entities_) {
    if (!known.entry || listed.contains(id)) continue;
    known.entry.reset();
    changed.push_back(&known);
  }
  for (Entity* known : changed) on_change(*known);
  std::erase_if(entities_,
                [](const auto& item) { return !item.second.entry && !item.second.state; });
}

void Home::set_devices(std::vector<DeviceEntry> devices, const OnEntity& on_change) {
  StringMap<DeviceEntry> old = std::move(devices_);
  devices_.clear();
  for (DeviceEntry& device : devices) {
    // The id becomes a level of topics.
    std::string id = device.id;
    if (!valid_registry_id(id)) {
      not_taken_.add([&] { return shown(id) + " is no id of a device"; });
      continue;
    }
    devices_.emplace(std::move(id), std::move(device));
  }
  const auto same = [&](std::string_view id) {
    const auto before = old.find(id);
    const DeviceEntry* now = device(id);
    if (before == old.end() || now == nullptr) return before == old.end() && now == nullptr;
    return before->second == *now;
  };
  for (auto& [id, known] : entities_) {
    if (!known.entry || known.entry->device_id.empty()) continue;
    const DeviceEntry* now = device(known.entry->device_id);
    const bool parent_same = now == nullptr || same(now->parent_device_id);
    if (!same(known.entry->device_id) || !parent_same) on_change(known);
  }
}

void Home::set_areas(std::vector<Place> areas, const OnEntity& on_change) {
  const Places old = std::exchange(areas_, keyed(std::move(areas)));
  for (auto& [id, known] : entities_) {
    const Place* now = area_of(known);
    const auto before = now == nullptr ? old.end() : old.find(now->id);
    if (now != nullptr && (before == old.end() || before->second != *now)) on_change(known);
  }
}

bool Home::set_labels(std::vector<Place> labels) {
  const Places old = std::exchange(labels_, keyed(std::move(labels)));
  return old != labels_;
}

Home::Places Home::keyed(std::vector<Place> places) {
  Places map;
  for (Place& place : places) {
    std::string id = place.id;
    map.emplace(std::move(id), std::move(place));
  }
  return map;
}

const DeviceEntry* Home::device(std::string_view id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : &found->second;
}

const Place* Home::area(std::string_view id) const {
  const auto found = areas_.find(id);
  return found == areas_.end() ? nullptr : &found->second;
}

const Place* Home::area_of(const Entity& entity) const {
  if (!entity.entry) return nullptr;
  if (const Place* own = area(entity.entry->area_id)) return own;
  const DeviceEntry* its_device = device(entity.entry->device_id);
  return its_device == nullptr ? nullptr : area_of(*its_device);
}

const Place* Home::area_of(const DeviceEntry& entry) const {
  if (const Place* own = area(entry.area_id)) return own;
  const DeviceEntry* parent = device(entry.parent_device_id);
  return parent == nullptr ? nullptr : area(parent->area_id);
}

void Home::remove_state(std::string_view id, const OnChange& on_change) {
  const auto found = entities_.find(id);
  if (found == entities_.end()) return;
  Entity& known = found->second;
  known.state.reset();
  known.is_service = false;
  on_change({known, StateChange::Kind::removed, true, {}});
  if (!known.entry) entities_.erase(found);
}

void Home::set_notifiers(const std::vector<std::string>& names, bool complete,
                         const OnChange& on_change) {
  const auto is_listed = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string> gone;
  for (const auto& [id, known] : entities_) {
    if (complete && known.is_service && !is_listed(known.object_id())) gone.push_back(id);
  }
  for (const std::string& id : gone) remove_state(id, on_change);
  for (const std::string& name : names) {
    const std::string id = "notify." + name;
    if (!valid_entity_id(id)) continue;
    Entity& known = entity(id);
    if (known.state || known.entry) continue;
    std::string shown = name;
    std::replace(shown.begin(), shown.end(), '_', ' ');
    known.is_service = true;
    known.state.emplace();
    known.state->value = "unknown";
    known.state->attributes.set("friendly_name", to_text(Json(shown)));
    on_change({known, StateChange::Kind::added, true, {}});
  }
}

}  // namespace discovery
