#include "discovery/identity.hpp"

#include <algorithm>

namespace discovery {

std::string instance_name(std::string_view instance) {
  return std::string(mirror_mark) + std::string(instance);
}

std::string device_name(std::string_view instance, std::string_view device_id) {
  return instance_name(instance) + "-" + std::string(device_id);
}

std::string object_name(std::string_view instance, const Entity& entity) {
  const std::string start = instance_name(instance) + "-";
  if (entity.entry && !entity.entry->registry_id.empty()) return start + entity.entry->registry_id;
  return start + std::string(entity.domain()) + "-" + std::string(entity.object_id());
}

bool is_mirror(const Home& home, const Entity& entity) {
  if (!entity.entry) return false;
  if (entity.entry->unique_id.starts_with(mirror_mark)) return true;
  const DeviceEntry* device = home.device(entity.entry->device_id);
  if (device == nullptr) return false;
  // The identifiers of a device that MQTT discovery made are mqtt:statebus-….
  const std::string marked = "mqtt:" + std::string(mirror_mark);
  return std::any_of(device->identifiers.begin(), device->identifiers.end(),
                     [&](const std::string& identifier) { return identifier.starts_with(marked); });
}

}  // namespace discovery
