// Fans: on and off, speed, preset, oscillation and direction.
#include <cmath>

#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

// FanEntityFeature, home-assistant/core components/fan.
constexpr std::uint32_t sets_speed = 1, oscillates = 2, has_direction = 4, has_presets = 8;

/// How many speeds the source has, from `percentage_step`, which is 100 divided by that. A fan of
/// one speed, or of as many as there are percents, is told in percents.
int speeds(const Description& entity) {
  const Json step = entity.value("percentage_step");
  if (!step.is_number() || step.get<double>() <= 0) return 100;
  const double count = std::round(100.0 / step.get<double>());
  return count < 2 || count > 100 ? 100 : static_cast<int>(count);
}

Json speed_range_max(const Facts& facts) { return speeds(facts.entity); }

/// Main counts speeds from 1 to N; so its `percentage_step` becomes the source's.
Json speed_template(const Facts& facts) {
  const std::string n = std::to_string(speeds(facts.entity));
  return "{% if value_json is defined %}{% set p = value_json['attributes'].get('percentage') %}"
         "{{ 'None' if p is not number else (p * " +
         n + " / 100) | round | int }}{% endif %}";
}

/// Back to the percents that Home Assistant itself gives each speed, which it rounds down.
Json percentage_of_speed(const Facts& facts) {
  return "(value * 100 / " + std::to_string(speeds(facts.entity)) + ") | int";
}

/// `None` is the word by which main resets the preset; a preset of that name cannot be shown.
Json preset_modes(const Facts& facts) { return modes_without(facts, "preset_modes", "None"); }

// https://www.home-assistant.io/integrations/fan.mqtt/
constexpr Field fields[] = {
    {"state_topic", document()},
    {"state_value_template", state()},
    {"payload_on", word("turn_on", "on")},
    {"payload_off", word("turn_off", "off")},
    {"command_topic", commands()},
    {"command_template", worded("turn_")},
    {"percentage_state_topic", document(), {.features = sets_speed}},
    {"percentage_value_template", made(speed_template), {.features = sets_speed}},
    {"percentage_command_topic", commands(), {.features = sets_speed}},
    {"percentage_command_template",
     call_with("set_percentage", "percentage", percentage_of_speed),
     {.features = sets_speed}},
    {"speed_range_max", made(speed_range_max), {.features = sets_speed}},
    {"preset_modes", made(preset_modes), {.features = has_presets, .capability = "preset_modes"}},
    {"preset_mode_state_topic",
     document(),
     {.features = has_presets, .capability = "preset_modes"}},
    {"preset_mode_value_template",
     attribute("preset_mode"),
     {.features = has_presets, .capability = "preset_modes"}},
    {"preset_mode_command_topic",
     commands(),
     {.features = has_presets, .capability = "preset_modes"}},
    {"preset_mode_command_template",
     call_with("set_preset_mode", "preset_mode"),
     {.features = has_presets, .capability = "preset_modes"}},
    {"oscillation_state_topic", document(), {.features = oscillates}},
    {"oscillation_value_template", attribute("oscillating", "''"), {.features = oscillates}},
    {"payload_oscillation_on", text("True"), {.features = oscillates}},
    {"payload_oscillation_off", text("False"), {.features = oscillates}},
    {"oscillation_command_topic", commands(), {.features = oscillates}},
    {"oscillation_command_template",
     call_with("oscillate", "oscillating", "value == 'True'"),
     {.features = oscillates}},
    {"direction_state_topic", document(), {.features = has_direction}},
    {"direction_value_template", attribute("direction", "''"), {.features = has_direction}},
    {"direction_command_topic", commands(), {.features = has_direction}},
    {"direction_command_template",
     call_with("set_direction", "direction"),
     {.features = has_direction}},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view capabilities[] = {"percentage_step", "preset_modes"};
constexpr Command commands_of[] = {
    {"turn_on"},         {"turn_off"},  {"set_percentage"},
    {"set_preset_mode"}, {"oscillate"}, {"set_direction"},
};
// fan.turn_on with a speed or preset reaches MQTT as two or three commands.
constexpr std::string_view parts[] = {"turn_on", "set_percentage", "set_preset_mode"};

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain fan{.name = "fan",
                     .component = "fan",
                     .fields = fields,
                     .commands = commands_of,
                     .capabilities = capabilities,
                     .merge = {.into = "turn_on", .parts = parts}};

static_assert(checked(fan) && known(fan));

}  // namespace discovery::kinds
