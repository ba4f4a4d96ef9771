// The few payloads of Home Assistant that concern the conversation itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "discovery/version.hpp"

namespace bridge {

enum class Registry : std::uint8_t { entities, devices, areas, floors, labels };
constexpr std::size_t registry_count = 5;

/// As Home Assistant's commands and events call it: entity, device, area, floor, label.
std::string_view name_of(Registry registry);

/// Facts of `get_config`.
struct HaConfig {
  discovery::Version version;  // {} when it could not be read
  std::string version_text;    // 2026.11.0
  std::string location_name;
  std::string temperature_unit;  // °C
  bool running = false;        // false while Home Assistant starts or stops: nothing may be deleted
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
