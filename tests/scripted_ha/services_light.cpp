// Services of lights. A light that is off keeps its keys with null, as Home Assistant's do, and
// remembers brightness and colour.
#include <algorithm>
#include <cmath>

#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

/// The attributes that describe the light of a lamp that is on.
constexpr std::string_view shine[] = {"effect",     "color_mode", "brightness", "color_temp_kelvin",
                                      "color_temp", "hs_color",   "rgb_color",  "xy_color",
                                      "rgbw_color", "rgbww_color"};

struct ColorForm {
  std::string_view field;
  std::string_view mode;
};
constexpr ColorForm color_forms[] = {{"color_temp_kelvin", "color_temp"},
                                     {"hs_color", "hs"},
                                     {"rgb_color", "rgb"},
                                     {"rgbw_color", "rgbw"},
                                     {"rgbww_color", "rgbww"},
                                     {"xy_color", "xy"}};

bool supports(const Action& action, std::string_view mode) {
  const Json& modes = action.attribute("supported_color_modes");
  return modes.is_array() && std::find(modes.begin(), modes.end(), mode) != modes.end();
}

double part(const Json& list, std::size_t index) {
  return index < list.size() && list[index].is_number() ? list[index].get<double>() : 0;
}

/// Home Assistant gives hue and saturation with three decimals.
Json hs_of_rgb(const Json& rgb) {
  const double red = part(rgb, 0), green = part(rgb, 1), blue = part(rgb, 2);
  const double most = std::max({red, green, blue});
  const double range = most - std::min({red, green, blue});
  double hue = 0;
  if (range > 0) {
    if (most == red) {
      hue = std::fmod((green - blue) / range + 6, 6);
    } else {
      hue = most == green ? (blue - red) / range + 2 : (red - green) / range + 4;
    }
  }
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  return {rounded(hue * 60), rounded(most > 0 ? range / most * 100 : 0)};
}

Json rgb_of_hs(const Json& hs) {
  const auto channel = [&](double offset) {
    const double place = std::fmod(offset + part(hs, 0) / 60, 6);
    const double share = std::clamp(std::min(place, 4 - place), 0.0, 1.0);
    return static_cast<int>(std::round(255 * (1 - part(hs, 1) / 100 * share)));
  };
  return {channel(5), channel(3), channel(1)};
}

/// Sets the colour of the call and clears the other forms.
void set_color(const Action& action, Json& attributes) {
  for (const ColorForm& form : color_forms) {
    const Json& value = action.field(form.field);
    if (value.is_null()) continue;
    for (const ColorForm& other : color_forms) {
      if (attributes.contains(other.field)) attributes[std::string(other.field)] = nullptr;
    }
    const bool as_hs = form.mode == "rgb" && !supports(action, "rgb") && supports(action, "hs");
    attributes["color_mode"] = as_hs ? "hs" : form.mode;
    attributes[std::string(form.field)] = value;
    if (as_hs) attributes["hs_color"] = hs_of_rgb(value);
    if (form.mode == "hs") attributes["rgb_color"] = rgb_of_hs(value);
  }
}

std::optional<int> wanted_brightness(const Action& action) {
  if (const Json& value = action.field("brightness"); value.is_number()) return value.get<int>();
  if (const Json& percent = action.field("brightness_pct"); percent.is_number()) {
    return static_cast<int>(std::lround(percent.get<double>() * 255 / 100));
  }
  return std::nullopt;
}

void switch_off(const Action& action) {
  Json attributes = action.state.attributes;
  Json& memory = action.house.memory(action.entity_id);
  for (const std::string_view name : shine) {
    if (!attributes.contains(name)) continue;
    if (action.state.value == "on") memory[std::string(name)] = member(attributes, name);
    attributes[std::string(name)] = nullptr;
  }
  action.write("off", attributes);
}

void switch_on(const Action& action) {
  const auto brightness = wanted_brightness(action);
  if (brightness == 0) return switch_off(action);
  Json attributes = action.state.attributes;
  if (action.state.value != "on") {
    for (const auto& [name, value] : action.house.memory(action.entity_id).items()) {
      attributes[name] = value;
    }
  }
  const Json& modes = action.attribute("supported_color_modes");
  const bool dims = modes.is_array() && !modes.empty() && !supports(action, "onoff");
  if (!modes.empty() && member(attributes, "color_mode").is_null()) {
    attributes["color_mode"] = modes.front();
  }
  if (brightness) {
    attributes["brightness"] = *brightness;
  } else if (dims && member(attributes, "brightness").is_null()) {
    attributes["brightness"] = 255;
  }
  set_color(action, attributes);
  if (const Json& effect = action.field("effect"); !effect.is_null()) attributes["effect"] = effect;
  action.write("on", attributes);
}

std::optional<ServiceError> turn(const Action& action) {
  const bool on =
      action.service == "toggle" ? action.state.value != "on" : action.service == "turn_on";
  if (on) {
    switch_on(action);
  } else {
    switch_off(action);
  }
  return std::nullopt;
}

constexpr std::string_view on_fields =
    "transition brightness brightness_pct brightness_step brightness_step_pct color_temp_kelvin "
    "hs_color rgb_color rgbw_color rgbww_color xy_color color_name white profile effect flash";

constexpr Service services[] = {
    {"light", "turn_on", on_fields, turn},
    {"light", "turn_off", "transition flash", turn},
    {"light", "toggle", on_fields, turn},
};

}  // namespace

std::span<const Service> light_services() { return services; }

}  // namespace scripted_ha
