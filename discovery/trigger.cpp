#include "discovery/trigger.hpp"

#include "discovery/identity.hpp"

namespace discovery {
namespace {

constexpr std::size_t list_bytes_max = 1024 * 1024;
constexpr std::size_t triggers_max = 500;  // of one device
constexpr std::size_t word_bytes_max = 256;

}  // namespace

std::string DeviceTrigger::key() const { return trigger_key(type, subtype); }

std::optional<std::vector<DeviceTrigger>> read_device_triggers(std::string_view list) {
  const auto rows = parse_json(list, list_bytes_max);
  if (!rows || !rows->is_array()) return std::nullopt;
  std::vector<DeviceTrigger> triggers;
  for (const Json& row : *rows) {
    if (!row.is_object() || row.contains("entity_id") || triggers.size() == triggers_max) continue;
    DeviceTrigger trigger{text_at(row, "type"), text_at(row, "subtype"), to_text(row)};
    if (trigger.subtype.empty()) trigger.subtype = text_at(row, "domain");
    if (trigger.type.empty() || trigger.type.size() > word_bytes_max) continue;
    if (trigger.subtype.empty() || trigger.subtype.size() > word_bytes_max) continue;
    triggers.push_back(std::move(trigger));
  }
  return triggers;
}

Json announce_trigger(const DeviceTrigger& trigger, const DeviceFacts& device,
                      const Consumer& consumer, const Topics& topics) {
  // Main takes `payload` for a template, so it is our own text and not the user's.
  return {{"automation_type", "trigger"},
          {"type", trigger.type},
          {"subtype", trigger.subtype},
          {"topic", topics.trigger(device.device->id)},
          {"payload", trigger.key()},
          {"value_template", "{{ value_json['key'] if value_json is defined }}"},
          {"origin", {{"name", "statebus"}}},
          {"qos", 0},
          {"device", device_map(device, consumer, topics)}};
}

std::string firing_of(const DeviceTrigger& trigger) {
  return to_text({{"type", trigger.type}, {"subtype", trigger.subtype}, {"key", trigger.key()}});
}

}  // namespace discovery
