#include "discovery/identity.hpp"

#include <algorithm>

namespace discovery {

std::string instance_name(std::string_view instance) {
  return std::string(mirror_mark) + std::string(instance);
}

std::string_view instance_of(std::string_view name) {
  if (!name.starts_with(mirror_mark)) return {};
  name.remove_prefix(mirror_mark.size());
  const auto dash = name.find('-');
  return dash == std::string_view::npos ? std::string_view() : name.substr(0, dash);
}

std::string device_name(std::string_view instance, std::string_view device_id) {
  return instance_name(instance) + "-" + std::string(device_id);
}

std::string trigger_key(std::string_view type, std::string_view subtype) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 1099511628211U; };
  for (const char c : type) add(static_cast<unsigned char>(c));
  add(0);
  for (const char c : subtype) add(static_cast<unsigned char>(c));
  std::string key;
  for (int shift = 60; shift >= 0; shift -= 4) key += "0123456789abcdef"[(hash >> shift) & 15];
  return key;
}

namespace {

std::string trigger_start(std::string_view instance) {
  return instance_name(instance) + "-trigger-";
}

}  // namespace

std::string trigger_name(std::string_view instance, std::string_view device_id,
                         std::string_view key) {
  return trigger_start(instance) + std::string(device_id) + "-" + std::string(key);
}

std::string_view device_of_trigger(std::string_view instance, std::string_view name) {
  const std::string start = trigger_start(instance);
  if (!name.starts_with(start)) return {};
  name.remove_prefix(start.size());
  const auto dash = name.find('-');
  return dash == std::string_view::npos ? std::string_view() : name.substr(0, dash);
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
  return device != nullptr && is_mirror(*device);
}

bool is_mirror(const DeviceEntry& device) {
  // The identifiers of a device that MQTT discovery made are mqtt:statebus-….
  const std::string marked = "mqtt:" + std::string(mirror_mark);
  return std::any_of(device.identifiers.begin(), device.identifiers.end(),
                     [&](const std::string& identifier) { return identifier.starts_with(marked); });
}

}  // namespace discovery
