#include "bridge/ha_facts.hpp"

#include <algorithm>

#include "discovery/json.hpp"

namespace bridge {

const RegistryWords& words_of(Registry registry) {
  static constexpr RegistryWords words[] = {
      {"entity registry", "config/entity_registry/list", {"entity_registry_updated"}},
      {"device registry", "config/device_registry/list", {"device_registry_updated"}},
      {"area registry", "config/area_registry/list", {"area_registry_updated"}},
      {"floor registry", "config/floor_registry/list", {"floor_registry_updated"}},
      {"label registry", "config/label_registry/list", {"label_registry_updated"}},
      {"services", "get_services", {"service_registered", "service_removed"}},
  };
  static_assert(std::size(words) == registry_count);
  return words[static_cast<std::size_t>(registry)];
}

namespace {

constexpr std::size_t event_bytes_max = 64 * 1024;
constexpr std::size_t config_bytes_max = 4 * 1024 * 1024;

/// The data of an event; an empty object when it has none.
discovery::Json data_of(std::string_view payload) {
  const auto event = discovery::parse_json(payload, event_bytes_max);
  if (!event || !event->is_object()) return discovery::Json::object();
  const auto data = event->find("data");
  return data != event->end() && data->is_object() ? *data : discovery::Json::object();
}

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
  if (const auto parts = json->find("components"); parts != json->end() && parts->is_array()) {
    config.has_mqtt = std::find(parts->begin(), parts->end(), "mqtt") != parts->end();
  }
  if (const auto units = json->find("unit_system"); units != json->end() && units->is_object()) {
    config.temperature_unit = discovery::text_at(*units, "temperature");
  }
  return config;
}

bool concerns_notifier(std::string_view payload) {
  return discovery::text_at(data_of(payload), "domain") == "notify";
}

std::optional<Rename> read_rename(std::string_view payload) {
  const discovery::Json data = data_of(payload);
  Rename rename{discovery::text_at(data, "old_entity_id"), discovery::text_at(data, "entity_id")};
  if (rename.from.empty() || rename.to.empty() || rename.from == rename.to) return std::nullopt;
  return rename;
}

}  // namespace bridge
