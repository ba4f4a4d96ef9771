#include "discovery/blocked.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace discovery {
namespace {

using Names = std::span<const std::string_view>;

// MQTT_ATTRIBUTES_BLOCKED of home-assistant/core components/mqtt/entity.py, 2026.11, and
// `restored`, which never leaves the source.
constexpr std::string_view everywhere[] = {
    "assumed_state",
    "available",
    "device_class",
    "device_info",
    "entity_category",
    "entity_id",
    "entity_picture",
    "entity_registry_enabled_default",
    "extra_state_attributes",
    "force_update",
    "friendly_name",
    "group_entities",
    "icon",
    "restored",
    "should_poll",
    "state",
    "supported_features",
    "unique_id",
    "unit_of_measurement",
};

// The MQTT_…_ATTRIBUTES_BLOCKED of each platform there.
constexpr std::string_view climate[] = {
    "current_humidity",
    "current_temperature",
    "fan_mode",
    "fan_modes",
    "humidity",
    "hvac_action",
    "hvac_modes",
    "max_humidity",
    "max_temp",
    "min_humidity",
    "min_temp",
    "preset_mode",
    "preset_modes",
    "swing_horizontal_mode",
    "swing_horizontal_modes",
    "swing_mode",
    "swing_modes",
    "target_temp_high",
    "target_temp_low",
    "target_temp_step",
    "temperature",
};
constexpr std::string_view cover[] = {"current_position", "current_tilt_position"};
constexpr std::string_view event[] = {"event_type", "event_types"};
constexpr std::string_view fan[] = {"direction",       "oscillating", "percentage",
                                    "percentage_step", "preset_mode", "preset_modes"};
constexpr std::string_view light[] = {
    "brightness",
    "color_mode",
    "color_temp",
    "color_temp_kelvin",
    "effect",
    "effect_list",
    "hs_color",
    "max_color_temp_kelvin",
    "max_mireds",
    "min_color_temp_kelvin",
    "min_mireds",
    "rgb_color",
    "rgbw_color",
    "rgbww_color",
    "supported_color_modes",
    "xy_color",
};
constexpr std::string_view lock[] = {"changed_by", "code_format"};
constexpr std::string_view number[] = {"max", "min", "step"};
constexpr std::string_view select[] = {"options"};
constexpr std::string_view sensor[] = {"last_reset", "state_class"};
constexpr std::string_view text[] = {"max", "min", "mode", "pattern"};

struct Row {
  std::string_view component;
  Names names;
};
constexpr Row platforms[] = {
    {"climate", climate}, {"cover", cover}, {"event", event},   {"fan", fan},
    {"light", light},     {"lock", lock},   {"number", number}, {"select", select},
    {"sensor", sensor},   {"text", text},
};

/// Attributes that a platform makes itself since some release, equal to the source's.
struct Own {
  std::string_view component;
  std::string_view attribute;
  Version since;
};
constexpr Own own_attributes[] = {
    {"cover", "is_closed", {2026, 11}},
    {"number", "mode", {}},
    {"sensor", "options", {2024, 12}},
};

bool has(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool may_be_taken(std::string_view component, std::string_view attribute) {
  if (has(everywhere, attribute)) return false;
  const auto row = std::find_if(std::begin(platforms), std::end(platforms),
                                [&](const Row& r) { return r.component == component; });
  return row == std::end(platforms) || !has(row->names, attribute);
}

bool is_taken(std::string_view component, std::string_view attribute, Version consumer) {
  const bool makes_it_itself =
      std::any_of(std::begin(own_attributes), std::end(own_attributes), [&](const Own& own) {
        return own.component == component && own.attribute == attribute && own.since <= consumer;
      });
  return may_be_taken(component, attribute) && !makes_it_itself && attribute != withheld(component);
}

std::string_view withheld(std::string_view component) {
  // Main converts temperatures to its own unit, which is then the one that holds.
  return component == "climate" ? "temperature_unit" : "";
}

}  // namespace discovery
