// The few payloads of Home Assistant that concern the conversation itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "discovery/version.hpp"

namespace bridge {

/// What Home Assistant lists as a whole and tells changes of. Of its services only the notifiers
/// matter.
enum class Registry : std::uint8_t { entities, devices, areas, floors, labels, services };
constexpr std::size_t registry_count = 6;

/// In Home Assistant's own words.
struct RegistryWords {
  std::string_view name;                     // for people: entity registry
  std::string_view list;                     // the command: config/entity_registry/list
  std::array<std::string_view, 2> events{};  // entity_registry_updated; empty: none
};
const RegistryWords& words_of(Registry registry);

/// Whether a `service_registered` or `service_removed` event concerns a notifier.
bool concerns_notifier(std::string_view payload);

/// Facts of `get_config`.
struct HaConfig {
  discovery::Version version;  // {} when it could not be read
  std::string version_text;    // 2026.11.0
  std::string location_name;
  std::string temperature_unit;  // °C
  bool running = false;        // false while Home Assistant starts or stops: nothing may be deleted
  bool has_mqtt = false;       // its MQTT integration is loaded
  bool recovery_mode = false;  // it failed to load: likewise
};
HaConfig read_ha_config(std::string_view payload);

/// The rename that an `entity_registry_updated` event tells; nothing when it tells something else.
struct Rename {
  std::string from;
  std::string to;
};
std::optional<Rename> read_rename(std::string_view payload);

}  // namespace bridge
