// Services of covers, locks and fans. What takes a real one some seconds is done at once.
#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

// CoverEntityFeature, LockEntityFeature and FanEntityFeature of home-assistant/core.
constexpr std::uint32_t opens = 1, closes = 2, positions = 4, stops = 8, opens_tilt = 16,
                        closes_tilt = 32, stops_tilt = 64, positions_tilt = 128;
constexpr std::uint32_t unlatches = 1;
constexpr std::uint32_t has_speed = 1, oscillates = 2, has_direction = 4, has_presets = 8;

int number_of(const Json& value) { return value.is_number() ? value.get<int>() : 0; }

std::optional<ServiceError> move_cover(const Action& action) {
  Json attributes = action.state.attributes;
  int position = number_of(action.field("position"));
  if (action.service == "open_cover") position = 100;
  if (action.service == "toggle") position = action.state.value == "closed" ? 100 : 0;
  if (attributes.contains("current_position")) attributes["current_position"] = position;
  if (attributes.contains("is_closed")) attributes["is_closed"] = position == 0;
  action.write(position == 0 ? "closed" : "open", attributes);
  return std::nullopt;
}

std::optional<ServiceError> stop_cover(const Action& action) {
  if (action.state.value == "opening" || action.state.value == "closing") action.write("open");
  return std::nullopt;
}

std::optional<ServiceError> tilt_cover(const Action& action) {
  Json attributes = action.state.attributes;
  int position = number_of(action.field("tilt_position"));
  if (action.service == "open_cover_tilt") position = 100;
  attributes["current_tilt_position"] = position;
  action.write(action.state.value, attributes);
  return std::nullopt;
}

std::optional<ServiceError> stay(const Action&) { return std::nullopt; }

std::optional<ServiceError> turn_lock(const Action& action) {
  if (action.service == "lock") {
    action.write("locked");
  } else {
    action.write(action.service == "open" ? "open" : "unlocked");
  }
  return std::nullopt;
}

std::optional<ServiceError> set_fan(const Action& action) {
  Json attributes = action.state.attributes;
  bool on = action.service != "turn_off";
  if (action.service == "toggle") on = action.state.value != "on";
  if (const Json& preset = action.field("preset_mode"); !preset.is_null()) {
    if (auto error = check_choice(action, "preset_modes", preset)) return error;
    attributes["preset_mode"] = preset;
    if (attributes.contains("percentage")) attributes["percentage"] = nullptr;
  } else if (const Json& percentage = action.field("percentage"); !percentage.is_null()) {
    attributes["percentage"] = percentage;
    if (attributes.contains("preset_mode")) attributes["preset_mode"] = nullptr;
    on = number_of(percentage) > 0;
  } else if (attributes.contains("percentage")) {
    const bool stands = number_of(member(attributes, "percentage")) == 0;
    if (!on) attributes["percentage"] = 0;
    if (on && stands && member(attributes, "preset_mode").is_null()) {
      attributes["percentage"] = 100;
    }
  }
  action.write(on ? "on" : "off", attributes);
  return std::nullopt;
}

std::optional<ServiceError> steer_fan(const Action& action) {
  Json attributes = action.state.attributes;
  if (action.service == "oscillate") attributes["oscillating"] = action.field("oscillating");
  if (action.service == "set_direction") attributes["direction"] = action.field("direction");
  action.write(action.state.value, attributes);
  return std::nullopt;
}

constexpr Service services[] = {
    {"cover", "open_cover", "", move_cover, opens},
    {"cover", "close_cover", "", move_cover, closes},
    {"cover", "toggle", "", move_cover, opens | closes},
    {"cover", "set_cover_position", "position*", move_cover, positions},
    {"cover", "stop_cover", "", stop_cover, stops},
    {"cover", "open_cover_tilt", "", tilt_cover, opens_tilt},
    {"cover", "close_cover_tilt", "", tilt_cover, closes_tilt},
    {"cover", "set_cover_tilt_position", "tilt_position*", tilt_cover, positions_tilt},
    {"cover", "stop_cover_tilt", "", stay, stops_tilt},
    {"lock", "lock", "code", turn_lock},
    {"lock", "unlock", "code", turn_lock},
    {"lock", "open", "code", turn_lock, unlatches},
    {"fan", "turn_on", "percentage preset_mode", set_fan},
    {"fan", "turn_off", "", set_fan},
    {"fan", "toggle", "", set_fan},
    {"fan", "set_percentage", "percentage*", set_fan, has_speed},
    {"fan", "set_preset_mode", "preset_mode*", set_fan, has_presets},
    {"fan", "oscillate", "oscillating*", steer_fan, oscillates},
    {"fan", "set_direction", "direction", steer_fan, has_direction},
};

}  // namespace

std::span<const Service> motion_services() { return services; }

}  // namespace scripted_ha
