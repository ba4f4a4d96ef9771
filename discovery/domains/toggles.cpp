// Kinds that are on or off and can be turned so. Scripts and automations are switch_ on main: a
// script is on while it runs, an automation while it is enabled.
#include <algorithm>

#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// https://www.home-assistant.io/integrations/switch.mqtt/
// `command_template` came with 2024.8; calls written out in the payloads hold for every release.
constexpr Field fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"state_on", text("on")},
    {"state_off", text("off")},
    {"command_topic", commands()},
    {"payload_on", call("turn_on")},
    {"payload_off", call("turn_off")},
    {"device_class", made(device_class)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr Command turns[] = {{"turn_on"}, {"turn_off"}};

// An alert is on while it repeats; turned off it is acknowledged, and `idle` without its condition.
constexpr Field alert_fields[] = {
    {"state_topic", document()},
    {"value_template",
     text("{{ {'idle': 'off'}.get(value_json['state'], value_json['state']) if value_json is "
          "defined and value_json['state'] not in ('unknown', 'unavailable') else 'None' }}")},
    {"state_on", text("on")},
    {"state_off", text("off")},
    {"command_topic", commands()},
    {"payload_on", call("turn_on")},
    {"payload_off", call("turn_off")},
};

// Groups of what can be switched answer to Home Assistant's own service, which knows the members.
constexpr Command member_turns[] = {{"turn_on", {}, "homeassistant"},
                                    {"turn_off", {}, "homeassistant"}};
constexpr std::string_view members[] = {"entity_id"};

bool is_switchable(std::string_view entity_id) {
  constexpr std::string_view domains[] = {"automation",    "fan",   "humidifier",
                                          "input_boolean", "light", "remote",
                                          "script",        "siren", "switch"};
  const std::string_view domain = entity_id.substr(0, entity_id.find('.'));
  return std::find(std::begin(domains), std::end(domains), domain) != std::end(domains);
}

/// A group is a switch when all of its members can be turned on and off, else it only tells.
const Domain& form_of_group(const Description& entity, const Consumer&) {
  const Json ids = entity.value("entity_id");
  const bool switches =
      ids.is_array() && !ids.empty() && std::all_of(ids.begin(), ids.end(), [](const Json& id) {
        return id.is_string() && is_switchable(id.get<std::string>());
      });
  return switches ? kinds::group : kinds::stand_in;
}

constexpr Domain toggle(std::string_view name) {
  return {.name = name, .component = "switch", .fields = fields, .commands = turns};
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain switch_ = toggle("switch");
constexpr Domain input_boolean = toggle("input_boolean");
constexpr Domain automation = toggle("automation");
constexpr Domain script = toggle("script");
constexpr Domain remote = toggle("remote");
constexpr Domain alert{
    .name = "alert", .component = "switch", .fields = alert_fields, .commands = turns};
constexpr Domain group{.name = "group",
                       .component = "switch",
                       .fields = fields,
                       .commands = member_turns,
                       .capabilities = members,
                       .form = form_of_group};

static_assert(checked(alert) && known(alert));
static_assert(checked(group) && known(group));
static_assert(checked(switch_) && known(switch_));

}  // namespace discovery::kinds
