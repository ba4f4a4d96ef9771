// Lawn mowers, valves and sirens.
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// LawnMowerEntityFeature, home-assistant/core components/lawn_mower.
constexpr std::uint32_t mows = 1, pauses = 2, docks = 4;

/// Older releases complain of any other activity at each update.
Json old_activity(const Facts&) {
  return "{% set a = value_json['state'] if value_json is defined else 'unknown' %}{{ a if a in "
         "('mowing', 'paused', 'docked', 'error') else 'None' if a in ('unknown', 'unavailable') "
         "else 'paused' }}";
}

// https://www.home-assistant.io/integrations/lawn_mower.mqtt/
constexpr Field mower_fields[] = {
    {"activity_state_topic", document()},
    {"activity_value_template", state(), {.since = since::mower_returning}},
    {"activity_value_template", made(old_activity), {.before = since::mower_returning}},
    {"start_mowing_command_topic", commands(), {.features = mows}},
    {"start_mowing_command_template", call("start_mowing"), {.features = mows}},
    {"pause_command_topic", commands(), {.features = pauses}},
    {"pause_command_template", call("pause"), {.features = pauses}},
    {"dock_command_topic", commands(), {.features = docks}},
    {"dock_command_template", call("dock"), {.features = docks}},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr Command mower_commands[] = {{"start_mowing"}, {"pause"}, {"dock"}};

// ValveEntityFeature, home-assistant/core components/valve.
constexpr std::uint32_t opens = 1, closes = 2, sets_position = 4, stops = 8;

/// A position that is null would be an error on main.
Json valve_position(const Facts&) {
  return "{% if value_json is defined %}{% set p = value_json['attributes'].get('current_position')"
         " %}{{ 'None' if p is none else {'position': p, 'state': value_json['state']} | to_json }}"
         "{% endif %}";
}

/// Older releases show a valve that has stopped in between as moving for ever.
Json position_alone(const Facts&) {
  return "{% if value_json is defined %}{% set p = value_json['attributes'].get('current_position')"
         " %}{{ '' if p is none else p }}{% endif %}";
}

Json valve_command(const Facts&) {
  return "{{ ({'service': 'set_valve_position', 'data': {'position': position}} if position is "
         "defined else {'service': value}) | to_json }}";
}

// https://www.home-assistant.io/integrations/valve.mqtt/
// A valve that can be set to a position gets open and close as such.
constexpr Field valve_fields[] = {
    {"state_topic", document()},
    {"value_template", state(), {.lacks = sets_position}},
    {"value_template",
     made(valve_position),
     {.features = sets_position, .since = since::valve_moves}},
    {"value_template",
     made(position_alone),
     {.features = sets_position, .before = since::valve_moves}},
    {"reports_position", supports(sets_position)},
    {"command_topic", commands(), {.features = opens | closes | sets_position | stops}},
    {"command_template", worded(""), {.features = opens | closes | stops, .lacks = sets_position}},
    {"command_template",
     made_call("set_valve_position", valve_command),
     {.features = sets_position}},
    {"state_open", text("open"), {.lacks = sets_position}},
    {"state_closed", text("closed"), {.lacks = sets_position}},
    {"payload_open", word("open_valve", "open_valve"), {.features = opens, .lacks = sets_position}},
    {"payload_open", absent(), {.lacks = opens | sets_position}},
    {"payload_close",
     word("close_valve", "close_valve"),
     {.features = closes, .lacks = sets_position}},
    {"payload_close", absent(), {.lacks = closes | sets_position}},
    {"payload_stop", word("stop_valve", "stop_valve"), {.features = stops}},
    {"device_class", made(device_class)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr Command valve_commands[] = {
    {"open_valve"}, {"close_valve"}, {"stop_valve"}, {"set_valve_position"}};

// SirenEntityFeature, home-assistant/core components/siren.
constexpr std::uint32_t has_tones = 4, sets_volume = 8, lasts = 16;

/// The names of the tones; a siren may tell them with numbers of its own.
Json tones(const Facts& facts) {
  const Json told = facts.entity.value("available_tones");
  if (!told.is_object() && !told.is_array()) return nullptr;
  Json names = Json::array();
  for (const Json& tone : told) names.push_back(tone.is_string() ? tone : Json(to_text(tone)));
  return names;
}

/// Main's siren fails on each update with an attribute that is a list or an object.
bool is_scalar(const Attribute& attribute) {
  return attribute.json.front() != '[' && attribute.json.front() != '{';
}

// https://www.home-assistant.io/integrations/siren.mqtt/
constexpr Field siren_fields[] = {
    {"state_topic", plain("state")},
    {"state_on", text("on")},
    {"state_off", text("off")},
    {"command_topic", commands()},
    {"command_template",
     call_with_data("turn_on",
                    "{'tone': tone | default(none), 'volume_level': volume_level | "
                    "default(none), 'duration': duration | default(none)}")},
    {"command_off_template", call("turn_off")},
    {"available_tones", made(tones), {.features = has_tones}},
    {"support_duration", supports(lasts)},
    {"support_volume_set", supports(sets_volume)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view siren_capabilities[] = {"available_tones"};
constexpr Command siren_commands[] = {{"turn_on"}, {"turn_off"}};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain lawn_mower{.name = "lawn_mower",
                            .component = "lawn_mower",
                            .fields = mower_fields,
                            .commands = mower_commands};
constexpr Domain valve{
    .name = "valve", .component = "valve", .fields = valve_fields, .commands = valve_commands};
constexpr Domain siren{.name = "siren",
                       .component = "siren",
                       .fields = siren_fields,
                       .commands = siren_commands,
                       .capabilities = siren_capabilities,
                       .bears = is_scalar};

static_assert(checked(lawn_mower) && known(lawn_mower));
static_assert(checked(valve) && known(valve));
static_assert(checked(siren) && known(siren));

}  // namespace discovery::kinds
