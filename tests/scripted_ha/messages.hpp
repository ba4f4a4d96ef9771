// The texts of Home Assistant's messages, key by key as websocket_api/messages.py writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/scripted_ha/services.hpp"

namespace scripted_ha::messages {

std::string auth_required(std::string_view version);
std::string auth_ok(std::string_view version);
std::string auth_invalid(std::string_view message);

/// `json` is the text of the result.
std::string result(std::int64_t id, std::string_view json = "null");
std::string error(const Json& id, const ServiceError& error);
std::string pong(std::int64_t id);

/// {"type":"event","event":…,"id":7}; `head` gives it up to the comma, for all subscriptions alike.
std::string event_head(std::string_view event);
std::string event(std::string_view head, std::int64_t id);

/// The first event of subscribe_entities: the only one with its id in front.
std::string first_states(std::int64_t id, const std::string& states);

/// Rows joined by commas, as the entity and device registries answer: with spaces after two colons.
std::string registry_list(std::int64_t id, const std::string& rows);

}  // namespace scripted_ha::messages
