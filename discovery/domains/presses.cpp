// Kinds that are pressed and have no state of their own on main.
#include "discovery/classes.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// https://www.home-assistant.io/integrations/button.mqtt/
constexpr Field button_fields[] = {
    {"command_topic", commands()},
    {"payload_press", call("press")},
    {"device_class", made(device_class)},
};
constexpr Command press[] = {{"press"}};

// https://www.home-assistant.io/integrations/scene.mqtt/
constexpr Field scene_fields[] = {
    {"command_topic", commands()},
    {"payload_on", call("turn_on")},
};
constexpr Command turn_on[] = {{"turn_on"}};

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain button{
    .name = "button", .component = "button", .fields = button_fields, .commands = press};
constexpr Domain input_button{
    .name = "input_button", .component = "button", .fields = button_fields, .commands = press};
constexpr Domain scene{
    .name = "scene", .component = "scene", .fields = scene_fields, .commands = turn_on};

static_assert(checked(button) && known(button));
static_assert(checked(scene) && known(scene));

}  // namespace discovery::kinds
