// Services of climates: the state is the mode, everything else an attribute.
#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

// ClimateEntityFeature of home-assistant/core.
constexpr std::uint32_t has_target = 1, has_range = 2, has_humidity = 4, has_fan = 8,
                        has_presets = 16, swings = 32, swings_horizontally = 512;

/// A mode of a list, such as fan_mode of fan_modes.
struct Mode {
  std::string_view service;
  std::string_view field;
  std::string_view list;
};
constexpr Mode modes[] = {
    {"set_fan_mode", "fan_mode", "fan_modes"},
    {"set_preset_mode", "preset_mode", "preset_modes"},
    {"set_swing_mode", "swing_mode", "swing_modes"},
    {"set_swing_horizontal_mode", "swing_horizontal_mode", "swing_horizontal_modes"},
};

std::optional<ServiceError> set_mode(const Action& action) {
  for (const Mode& mode : modes) {
    if (mode.service != action.service) continue;
    if (auto error = check_choice(action, mode.list, action.field(mode.field))) return error;
    Json attributes = action.state.attributes;
    attributes[std::string(mode.field)] = action.field(mode.field);
    action.write(action.state.value, attributes);
  }
  return std::nullopt;
}

std::optional<ServiceError> set_hvac_mode(const Action& action) {
  const Json& mode = action.field("hvac_mode");
  if (auto error = check_choice(action, "hvac_modes", mode)) return error;
  action.write(mode.get<std::string>());
  return std::nullopt;
}

std::optional<ServiceError> set_temperature(const Action& action) {
  Json attributes = action.state.attributes;
  std::string value = action.state.value;
  for (const std::string_view name : {"temperature", "target_temp_high", "target_temp_low"}) {
    const Json& wanted = action.field(name);
    if (wanted.is_null()) continue;
    const Json& min = action.attribute("min_temp");
    const Json& max = action.attribute("max_temp");
    if ((min.is_number() && wanted < min) || (max.is_number() && wanted > max)) {
      return invalid("Provided temperature " + to_text(wanted) +
                         " is not valid. Accepted range is " + to_text(min) + " to " + to_text(max),
                     "temp_out_of_range", "climate",
                     {{"check_temp", to_text(wanted)},
                      {"min_temp", to_text(min)},
                      {"max_temp", to_text(max)}});
    }
    attributes[std::string(name)] = wanted;
  }
  if (const Json& mode = action.field("hvac_mode"); mode.is_string()) {
    if (auto error = check_choice(action, "hvac_modes", mode)) return error;
    value = mode.get<std::string>();
  }
  action.write(value, attributes);
  return std::nullopt;
}

std::optional<ServiceError> set_humidity(const Action& action) {
  Json attributes = action.state.attributes;
  attributes["humidity"] = action.field("humidity");
  action.write(action.state.value, attributes);
  return std::nullopt;
}

/// Turned on, a climate takes the first of its modes that does something.
std::optional<ServiceError> turn(const Action& action) {
  const bool off = action.state.value == "off";
  if (action.service == "turn_off" || (action.service == "toggle" && !off)) {
    action.write("off");
    return std::nullopt;
  }
  if (!off) return std::nullopt;
  for (const Json& mode : action.attribute("hvac_modes")) {
    if (mode == "off") continue;
    action.write(mode.get<std::string>());
    break;
  }
  return std::nullopt;
}

constexpr Service services[] = {
    {"climate", "set_temperature", "temperature target_temp_high target_temp_low hvac_mode",
     set_temperature, has_target | has_range},
    {"climate", "set_hvac_mode", "hvac_mode*", set_hvac_mode},
    {"climate", "set_humidity", "humidity*", set_humidity, has_humidity},
    {"climate", "set_fan_mode", "fan_mode*", set_mode, has_fan},
    {"climate", "set_preset_mode", "preset_mode*", set_mode, has_presets},
    {"climate", "set_swing_mode", "swing_mode*", set_mode, swings},
    {"climate", "set_swing_horizontal_mode", "swing_horizontal_mode*", set_mode,
     swings_horizontally},
    {"climate", "turn_on", "", turn},
    {"climate", "turn_off", "", turn},
    {"climate", "toggle", "", turn},
};

}  // namespace

std::span<const Service> climate_services() { return services; }

}  // namespace scripted_ha
