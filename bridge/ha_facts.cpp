#include "bridge/ha_facts.hpp"

#include "discovery/json.hpp"

namespace bridge {

std::string_view name_of(Registry registry) {
  constexpr std::string_view names[] = {"entity", "device", "area", "floor", "label"};
  static_assert(std::size(names) == registry_count);
  return names[static_cast<std::size_t>(registry)];
}

namespace {

constexpr std::size_t event_bytes_max = 64 * 1024;
constexpr std::size_t config_bytes_max = 4 * 1024 * 1024;

}  // namespace

HaConfig read_ha_config(std::string_view payload) {
  HaConfig config;
  const auto json = discovery::parse_json(payload, config_bytes_max);
  if (!json || !json->is_object()) return config;
  config.version_text = discovery::text_at(*json, "version");
  config.version = discovery::parse_version(config.version_text).value_or(discovery::Version{});
  config.location_name = discovery::text_at(*json, "location_name");
  config.running = discovery::text_at(*json, "state") == "RUNNING";
  const auto recovery = json->find("recovery_mode");
  config.recovery_mode = recovery != json->end() && *recovery == true;
  if (const auto units = json->find("unit_system"); units != json->end() && units->is_object()) {
    config.temperature_unit = discovery::text_at(*units, "temperature");
  }
  return config;
}

std::optional<Rename> read_rename(std::string_view payload) {
  const auto event = discovery::parse_json(payload, event_bytes_max);
  if (!event || !event->is_object()) return std::nullopt;
  const auto data = event->find("data");
  if (data == event->end() || !data->is_object()) return std::nullopt;
  Rename rename{discovery::text_at(*data, "old_entity_id"), discovery::text_at(*data, "entity_id")};
  if (rename.from.empty() || rename.to.empty() || rename.from == rename.to) return std::nullopt;
  return rename;
}

}  // namespace bridge
