// Kinds that are pressed or spoken to and have no state of their own on main.
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
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

// https://www.home-assistant.io/integrations/notify.mqtt/
constexpr Field notify_fields[] = {
    {"command_topic", commands()},
    {"command_template", call_with("send_message", "message")},
};
constexpr Command send_message[] = {{"send_message"}};

constexpr Field conversation_fields[] = {
    {"command_topic", commands()},
    {"command_template", call_with("process", "text")},
};
constexpr Command process[] = {{.service = "process", .entity_key = "agent_id"}};

constexpr Field voice_fields[] = {
    {"command_topic", commands()},
    {"command_template", call_with("speak", "message")},
};
constexpr Command speak[] = {{"speak"}};

/// Main has entities that are notified since 2024.5.
const Domain& form_of_notify(const Description& entity, const Consumer& consumer) {
  const bool is_heard = entity.domain() != "tts" || !entity.speaks_on.empty();
  if (consumer.version < since::notify || !is_heard) return kinds::stand_in;
  return domain_of(entity.domain());
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain button{
    .name = "button", .component = "button", .fields = button_fields, .commands = press};
constexpr Domain input_button{
    .name = "input_button", .component = "button", .fields = button_fields, .commands = press};
constexpr Domain scene{
    .name = "scene", .component = "scene", .fields = scene_fields, .commands = turn_on};

constexpr Domain notify{.name = "notify",
                        .component = "notify",
                        .fields = notify_fields,
                        .commands = send_message,
                        .form = form_of_notify};

// Whoever converses or speaks takes a message, which is all that a notifier is on main.
constexpr Domain conversation{.name = "conversation",
                              .component = "notify",
                              .fields = conversation_fields,
                              .commands = process,
                              .form = form_of_notify};
constexpr Domain tts{.name = "tts",
                     .component = "notify",
                     .fields = voice_fields,
                     .commands = speak,
                     .form = form_of_notify};

static_assert(checked(conversation) && known(conversation));
static_assert(checked(tts) && known(tts));
static_assert(checked(notify) && known(notify));
static_assert(checked(button) && known(button));
static_assert(checked(scene) && known(scene));

}  // namespace discovery::kinds
