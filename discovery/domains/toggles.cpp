// Kinds that are on or off and can be turned so. Scripts and automations are switch_ on main: a
// script is on while it runs, an automation while it is enabled.
#include "discovery/classes.hpp"
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

static_assert(checked(switch_) && known(switch_));

}  // namespace discovery::kinds
