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
constexpr std::string_view alarm_control_panel[] = {"changed_by", "code_arm_required",
                                                    "code_format"};
constexpr std::string_view camera[] = {"access_token", "brand", "model_name", "motion_detection",
                                       // Main's has a picture and no stream.
                                       "frontend_stream_type"};
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
    // Main converts temperatures to its own unit, which is then the one that holds.
    "temperature_unit",
};
constexpr std::string_view cover[] = {"current_position", "current_tilt_position"};
constexpr std::string_view event[] = {"event_type", "event_types"};
constexpr std::string_view fan[] = {"direction",       "oscillating", "percentage",
                                    "percentage_step", "preset_mode", "preset_modes"};
constexpr std::string_view humidifier[] = {"available_modes", "humidity", "max_humidity",
                                           "min_humidity", "mode"};
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
constexpr std::string_view siren[] = {"available_tones", "duration", "tone", "volume_level"};
constexpr std::string_view text[] = {"max", "min", "mode", "pattern"};
constexpr std::string_view vacuum[] = {"fan_speed"};
constexpr std::string_view valve[] = {"current_position"};
constexpr std::string_view water_heater[] = {
    "current_temperature",
    "max_temp",
    "min_temp",
    "operation_list",
    "operation_mode",
    "temperature",
    // As with climates.
    "temperature_unit",
};

struct Row {
  std::string_view component;
  Names names;
};
constexpr Row platforms[] = {
    {"alarm_control_panel", alarm_control_panel},
    {"camera", camera},
    {"climate", climate},
    {"cover", cover},
    {"event", event},
    {"fan", fan},
    {"humidifier", humidifier},
    {"light", light},
    {"lock", lock},
    {"number", number},
    {"select", select},
    {"sensor", sensor},
    {"siren", siren},
    {"text", text},
    {"vacuum", vacuum},
    {"valve", valve},
    {"water_heater", water_heater},
};

/// Attributes that a platform makes itself since some release, equal to the source's.
struct Own {
  std::string_view component;
  std::string_view attribute;
  Version since;
};
constexpr Own own_attributes[] = {
    {"cover", "is_closed", {2026, 11}},     {"device_tracker", "source_type", {}},
    {"humidifier", "current_humidity", {}}, {"number", "mode", {}},
    {"sensor", "options", {2024, 12}},      {"vacuum", "fan_speed_list", {}},
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

bool was_taken(std::string_view component, std::string_view attribute) {
  return attribute == "entity_id" ||
         (component == "climate" && attribute.starts_with("swing_horizontal_mode"));
}

bool is_taken(std::string_view component, std::string_view attribute, Version consumer) {
  const bool makes_it_itself =
      std::any_of(std::begin(own_attributes), std::end(own_attributes), [&](const Own& own) {
        return own.component == component && own.attribute == attribute && own.since <= consumer;
      });
  return may_be_taken(component, attribute) && !makes_it_itself;
}

}  // namespace discovery
