// Water heaters: mode of operation, target and current temperature.
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

// WaterHeaterEntityFeature, home-assistant/core components/water_heater.
constexpr std::uint32_t one_target = 1, selects_mode = 2, turns = 8;

UnknownForm unknown_water_heater(const Facts& facts) {
  if (facts.consumer.version >= since::unknown_mode) return {};
  return {.literal = "off", .unavailable = true};
}

/// Before 2025.7 a mode cannot be reset and must be of the list; the entity shows as unavailable,
/// so that nobody sees which one it is.
Json old_mode(const Facts&) {
  return "{% if value_json is defined %}{{ (value_json['attributes'].get('operation_list') or "
         "['off'])[0] if value_json['state'] in ('unknown', 'unavailable') else value_json['state']"
         " }}{% endif %}";
}

constexpr std::string_view list = "operation_list";
constexpr Version modern = since::unknown_mode;
constexpr When heats{.features = one_target};
constexpr When has_modes{.features = selects_mode, .capability = "operation_list"};

// https://www.home-assistant.io/integrations/water_heater.mqtt/
constexpr Field fields[] = {
    {"modes", capability("operation_list"), {.capability = "operation_list"}},
    {"mode_state_topic", view("settings")},
    {"mode_state_template", state(), {.since = modern}},
    {"mode_state_template", made(old_mode), {.capability = list, .before = modern}},
    {"mode_state_template", state(), {.without = list, .before = modern}},
    {"mode_command_topic", commands(), has_modes},
    {"mode_command_template", call_with("set_operation_mode", "operation_mode"), has_modes},
    {"power_command_topic", commands(), {.features = turns}},
    {"payload_on", call("turn_on"), {.features = turns}},
    {"payload_off", call("turn_off"), {.features = turns}},
    {"temperature_unit", made(temperature_unit)},
    {"precision", made([](const Facts&) { return Json(0.1); })},
    {"min_temp", capability("min_temp"), {.capability = "min_temp"}},
    {"max_temp", capability("max_temp"), {.capability = "max_temp"}},
    {"current_temperature_topic",
     plain("current_temperature"),
     {.reported = "current_temperature"}},
    {"temperature_state_topic", view("settings"), heats},
    {"temperature_state_template", attribute("temperature"), heats},
    {"temperature_command_topic", commands(), heats},
    {"temperature_command_template", call_with("set_temperature", "temperature"), heats},
};
constexpr std::string_view capabilities[] = {"max_temp", "min_temp", "operation_list",
                                             "temperature_unit"};
constexpr std::string_view reports[] = {"current_temperature"};
constexpr std::string_view settings[] = {"operation_list", "temperature"};
constexpr View views[] = {{.slot = "settings", .attributes = settings}};
constexpr Command commands_of[] = {
    {"set_operation_mode"}, {"turn_on"}, {"turn_off"}, {"set_temperature"}};
constexpr std::string_view in_order[] = {"set_operation_mode", "turn_on", "set_temperature"};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain water_heater{.name = "water_heater",
                              .component = "water_heater",
                              .fields = fields,
                              .commands = commands_of,
                              .capabilities = capabilities,
                              .reports = reports,
                              .in_order = in_order,
                              .unknown = unknown_water_heater,
                              .views = views};

static_assert(checked(water_heater) && known(water_heater));

}  // namespace discovery::kinds
