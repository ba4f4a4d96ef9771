// Login and the way of each command to its handler; protocol_commands.cpp has the handlers.
#include "tests/scripted_ha/protocol.hpp"

#include <algorithm>

#include "tests/scripted_ha/messages.hpp"
#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {

Connection::Connection(House& house, Services& services, Send send)
    : house_(house),
      services_(services),
      send_(std::move(send)),
      listener_(house.listen([this](const Event& event) { tell(event); })) {}

Connection::~Connection() { house_.unlisten(listener_); }

void Connection::open() { send_(messages::auth_required(house_.options().version)); }

bool Connection::receive(std::string_view frame) {
  const Json message = Json::parse(frame, nullptr, false);
  if (message.is_discarded()) return false;
  if (!authenticated_) return log_in(message);
  if (message.is_array()) {
    for (const Json& each : message) handle(each);
  } else {
    handle(message);
  }
  return true;
}

bool Connection::log_in(const Json& message) {
  const std::string format = "Auth message incorrectly formatted: ";
  for (const auto& [key, value] : message.items()) {
    if (key == "type" || key == "access_token") continue;
    send_(messages::auth_invalid(format +
                                 (house_.since(2026, 9)
                                      ? "not a valid option at '" + key + "'. Got "
                                      : "extra keys not allowed @ data['" + key + "']. Got ") +
                                 python_text(value)));
    return false;
  }
  if (member(message, "type") != "auth" ||
      member(message, "access_token") != house_.options().token) {
    send_(messages::auth_invalid("Invalid access token or password"));
    return false;
  }
  authenticated_ = true;
  send_(messages::auth_ok(house_.options().version));
  return true;
}

bool Connection::known(const Command& command) const {
  const bool of_mqtt = command.name.starts_with("mqtt/");
  return read_version(house_.options().version) >= command.since &&
         (house_.options().mqtt || !of_mqtt) &&
         !house_.options().unknown_commands.contains(std::string(command.name));
}

void Connection::refuse(const Json& id, std::string code, std::string message) {
  send_(messages::error(id, {std::move(code), std::move(message), {}}));
}

void Connection::handle(const Json& message) {
  const Json& id = member(message, "id");
  const Json& type = member(message, "type");
  const bool ascending = house_.since(2024, 4);  // 2024.3 lets negative ids pass this check
  if (!message.is_object() || !id.is_number_integer() || id == 0 || (ascending && id < 0) ||
      !type.is_string() || type == "") {
    return refuse(message.is_object() ? id : Json(0), "invalid_format",
                  "Message incorrectly formatted.");
  }
  const auto number = id.get<std::int64_t>();
  if (number <= last_id_) {
    return refuse(id, "id_reuse", "Identifier values have to increase.");
  }
  const Command* command = find_command(type.get_ref<const std::string&>());
  // The id of an unknown command does not count as used.
  if (command == nullptr || !known(*command)) {
    return refuse(id, "unknown_command", "Unknown command.");
  }
  last_id_ = number;
  if (auto text = problem(*command, message)) {
    return refuse(id, "invalid_format", std::move(*text));
  }
  try {
    (this->*command->handle)(number, message);
  } catch (const Json::exception& exception) {
    // A field of a wrong type; Home Assistant's own sentence would differ for each of them.
    refuse(id, "invalid_format", exception.what());
  }
}

std::optional<std::string> Connection::problem(const Command& command, const Json& message) const {
  const bool voluptuous = !house_.since(2026, 9);
  const auto at = [&](const std::string& key) {
    return voluptuous ? " @ data['" + key + "']" : " at '" + key + "'";
  };
  Json fields = message;
  fields.erase("id");
  fields.erase("type");
  if (command.fields.empty() && !fields.empty() && !voluptuous) {
    return "extra keys not allowed. Got " + python_text(message);
  }
  for (const auto& [key, value] : fields.items()) {
    if (has_word(command.fields, key) || has_word(command.fields, key + '*')) continue;
    return (voluptuous ? "extra keys not allowed" : "not a valid option") + at(key) + ". Got " +
           python_text(value);
  }
  for (std::size_t star = command.fields.find('*'); star != std::string_view::npos;
       star = command.fields.find('*', star + 1)) {
    const std::string_view before = command.fields.substr(0, star);
    const std::string key(before.substr(before.rfind(' ') + 1));
    if (!fields.contains(key)) return "required key not provided" + at(key) + ". Got None";
  }
  return std::nullopt;
}

void Connection::tell(const Event& event) {
  if (subscriptions_.empty()) return;
  const bool of_state = !event.entity_id().empty();
  // Home Assistant calls the listeners of one type before those of all types.
  for (const bool all : {false, true}) {
    for (const auto& [id, subscription] : subscriptions_) {
      if ((subscription.event_type == "*") != all) continue;
      if (subscription.event_type.empty()) {
        if (!of_state || !subscription.filter.takes(event.entity_id())) continue;
        send_(messages::event(messages::event_head(event.difference()), id));
      } else if (all ? event.is_on_bus() : subscription.event_type == event.type()) {
        send_(messages::event(messages::event_head(event.text()), id));
      }
    }
  }
}

void Connection::send_change(const std::string& entity_id, std::string_view event_head) {
  for (const auto& [id, subscription] : subscriptions_) {
    if (!subscription.event_type.empty() || !subscription.filter.takes(entity_id)) continue;
    send_(messages::event(event_head, id));
  }
}

bool Connection::has_entity_subscription() const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [](const auto& each) { return each.second.event_type.empty(); });
}

}  // namespace scripted_ha
