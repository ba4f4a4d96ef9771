// Climate: mode, temperatures, humidity, fan, swing and presets.
#include <algorithm>

#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

// ClimateEntityFeature, home-assistant/core components/climate.
constexpr std::uint32_t one_target = 1, range = 2, humidity = 4, fan_mode = 8, presets = 16;
constexpr std::uint32_t swing = 32, turns = 128 | 256, swing_horizontal = 512;

/// Main puts `none` in front of the presets itself and refuses a list that has it.
Json preset_modes(const Facts& facts) { return modes_without(facts, "preset_modes", "none"); }

/// Older releases know no defrosting, and complain of it at each update.
Json action_without_defrosting(const Facts&) {
  return "{{ 'heating' if value == 'defrosting' else value }}";
}

// HVACMode, home-assistant/core components/climate.
constexpr std::string_view known_modes[] = {"off",  "heat", "cool",    "heat_cool",
                                            "auto", "dry",  "fan_only"};

/// Those that main knows; it fails on a state that is another word.
Json hvac_modes(const Facts& facts) {
  Json modes = Json::array();
  for (const Json& mode : facts.entity.value("hvac_modes")) {
    const auto is_mode = [&](std::string_view word) { return mode == word; };
    if (std::any_of(std::begin(known_modes), std::end(known_modes), is_mode)) modes.push_back(mode);
  }
  return modes.empty() ? Json::array({"off"}) : modes;
}

/// Before 2025.7 a mode cannot be reset and must be of the list; all that is asked of it is that
/// main does not complain, since the entity shows as unavailable.
UnknownForm unknown_climate(const Facts& facts) {
  if (facts.consumer.version >= since::unknown_mode) return {};
  return {.literal = std::string(first_listed(hvac_modes(facts), known_modes)),
          .unavailable = true};
}

/// Home Assistant's climate.set_temperature wants both ends of a range.
void complete_range(const State& state, Json& data) {
  constexpr std::string_view low = "target_temp_low", high = "target_temp_high";
  if (data.contains(low) == data.contains(high)) return;
  const std::string_view missing = data.contains(low) ? high : low;
  const std::string* held = state.attributes.find(missing);
  if (held == nullptr || *held == "null") return;
  if (const auto value = parse_json(*held, held->size())) data[std::string(missing)] = *value;
}

// The fallback for a mode that is null: 2025.7 and later take None, those before only what is
// listed.
constexpr std::string_view first_fan_mode =
    "(value_json['attributes'].get('fan_modes') or ['auto'])[0]";
constexpr std::string_view first_swing_mode =
    "(value_json['attributes'].get('swing_modes') or ['off'])[0]";

constexpr Version modern = since::unknown_mode;
constexpr When heats_or_cools{.features = one_target};
constexpr When keeps_range{.features = range};
constexpr When keeps_humidity{.features = humidity};
constexpr When can_turn{.features = turns};
constexpr When has_old_action{.reported = "hvac_action", .before = since::hvac_defrosting};
constexpr When has_fan{.features = fan_mode, .capability = "fan_modes"};
constexpr When has_new_fan{.features = fan_mode, .capability = "fan_modes", .since = modern};
constexpr When has_old_fan{.features = fan_mode, .capability = "fan_modes", .before = modern};
constexpr When has_presets{.features = presets, .capability = "preset_modes"};
constexpr When has_swing{.features = swing, .capability = "swing_modes"};
constexpr When has_new_swing{.features = swing, .capability = "swing_modes", .since = modern};
constexpr When has_old_swing{.features = swing, .capability = "swing_modes", .before = modern};
constexpr When has_side_swing{.features = swing_horizontal,
                              .capability = "swing_horizontal_modes",
                              .since = since::swing_horizontal};

// https://www.home-assistant.io/integrations/climate.mqtt/
constexpr Field fields[] = {
    {"modes", made(hvac_modes)},
    {"mode_state_topic", view("settings")},
    {"mode_state_template", state()},
    {"mode_command_topic", commands()},
    {"mode_command_template", call_with("set_hvac_mode", "hvac_mode")},
    {"power_command_topic", commands(), can_turn},
    {"payload_on", call("turn_on"), can_turn},
    {"payload_off", call("turn_off"), can_turn},
    {"temperature_unit", made(temperature_unit)},
    {"precision", made([](const Facts&) { return Json(0.1); })},
    {"min_temp", capability("min_temp"), {.capability = "min_temp"}},
    {"max_temp", capability("max_temp"), {.capability = "max_temp"}},
    {"temp_step", capability("target_temp_step"), {.capability = "target_temp_step"}},
    {"current_temperature_topic",
     plain("current_temperature"),
     {.reported = "current_temperature"}},
    {"temperature_state_topic", view("settings"), heats_or_cools},
    {"temperature_state_template", attribute("temperature"), heats_or_cools},
    {"temperature_command_topic", commands(), heats_or_cools},
    {"temperature_command_template", call_with("set_temperature", "temperature"), heats_or_cools},
    {"temperature_low_state_topic", view("settings"), keeps_range},
    {"temperature_low_state_template", attribute("target_temp_low"), keeps_range},
    {"temperature_low_command_topic", commands(), keeps_range},
    {"temperature_low_command_template", call_with("set_temperature", "target_temp_low"),
     keeps_range},
    {"temperature_high_state_topic", view("settings"), keeps_range},
    {"temperature_high_state_template", attribute("target_temp_high"), keeps_range},
    {"temperature_high_command_topic", commands(), keeps_range},
    {"temperature_high_command_template", call_with("set_temperature", "target_temp_high"),
     keeps_range},
    {"current_humidity_topic", plain("current_humidity"), {.reported = "current_humidity"}},
    {"min_humidity", made([](const Facts& f) { return humidity_end(f, "min_humidity"); })},
    {"max_humidity", made([](const Facts& f) { return humidity_end(f, "max_humidity"); })},
    {"target_humidity_state_topic", view("settings"), keeps_humidity},
    {"target_humidity_state_template", attribute("humidity"), keeps_humidity},
    {"target_humidity_command_topic", commands(), keeps_humidity},
    {"target_humidity_command_template", call_with("set_humidity", "humidity"), keeps_humidity},
    {"action_topic", plain("hvac_action"), {.reported = "hvac_action"}},
    {"action_template", made(action_without_defrosting), has_old_action},
    {"fan_modes", capability("fan_modes"), has_fan},
    {"fan_mode_state_topic", view("settings"), has_fan},
    {"fan_mode_state_template", attribute("fan_mode"), has_new_fan},
    {"fan_mode_state_template", attribute("fan_mode", first_fan_mode), has_old_fan},
    {"fan_mode_command_topic", commands(), has_fan},
    {"fan_mode_command_template", call_with("set_fan_mode", "fan_mode"), has_fan},
    {"preset_modes", made(preset_modes), has_presets},
    {"preset_mode_state_topic", view("settings"), has_presets},
    {"preset_mode_value_template", attribute("preset_mode"), has_presets},
    {"preset_mode_command_topic", commands(), has_presets},
    {"preset_mode_command_template", call_with("set_preset_mode", "preset_mode"), has_presets},
    {"swing_modes", capability("swing_modes"), has_swing},
    {"swing_mode_state_topic", view("settings"), has_swing},
    {"swing_mode_state_template", attribute("swing_mode"), has_new_swing},
    {"swing_mode_state_template", attribute("swing_mode", first_swing_mode), has_old_swing},
    {"swing_mode_command_topic", commands(), has_swing},
    {"swing_mode_command_template", call_with("set_swing_mode", "swing_mode"), has_swing},
    {"swing_horizontal_modes", capability("swing_horizontal_modes"), has_side_swing},
    {"swing_horizontal_mode_state_topic", view("settings"), has_side_swing},
    {"swing_horizontal_mode_state_template", attribute("swing_horizontal_mode"), has_side_swing},
    {"swing_horizontal_mode_command_topic", commands(), has_side_swing},
    {"swing_horizontal_mode_command_template",
     call_with("set_swing_horizontal_mode", "swing_horizontal_mode"), has_side_swing},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view capabilities[] = {
    "fan_modes",    "hvac_modes",       "max_humidity",     "max_temp",
    "min_humidity", "min_temp",         "preset_modes",     "swing_horizontal_modes",
    "swing_modes",  "target_temp_step", "temperature_unit",
};
// What somebody sets changes together and seldom; what is measured comes often and by itself.
constexpr std::string_view settings[] = {
    "fan_mode",   "fan_modes",   "humidity",         "preset_mode",     "swing_horizontal_mode",
    "swing_mode", "swing_modes", "target_temp_high", "target_temp_low", "temperature",
};
constexpr View views[] = {{.slot = "settings", .attributes = settings}};
constexpr std::string_view required[] = {"hvac_modes"};
constexpr std::string_view reports[] = {"current_humidity", "current_temperature", "hvac_action"};
constexpr Command commands_of[] = {
    {"set_hvac_mode"},   {"turn_on"},        {"turn_off"},
    {"set_temperature"}, {"set_humidity"},   {"set_fan_mode"},
    {"set_preset_mode"}, {"set_swing_mode"}, {"set_swing_horizontal_mode"},
};
// climate.set_temperature with a range reaches MQTT as two or three commands, and with a mode as
// one more before them. The mode stays a call of its own: two of three integrations of Home
// Assistant pass over a mode in set_temperature (docs/decisions/003-climate-mode.md).
constexpr std::string_view parts[] = {"set_temperature"};
constexpr std::string_view in_order[] = {"set_hvac_mode", "turn_on", "turn_off", "set_temperature"};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain climate{.name = "climate",
                         .component = "climate",
                         .fields = fields,
                         .commands = commands_of,
                         .capabilities = capabilities,
                         .needs = required,
                         .reports = reports,
                         .merge = {.into = "set_temperature", .parts = parts},
                         .in_order = in_order,
                         .unknown = unknown_climate,
                         .complete = complete_range,
                         .views = views};

static_assert(checked(climate) && known(climate));

}  // namespace discovery::kinds
