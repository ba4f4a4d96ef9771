// Commands: what main's Home Assistant publishes to an entity, read into one service call or
// refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "discovery/domain.hpp"
#include "discovery/json.hpp"

namespace discovery {

constexpr std::size_t command_bytes_max = 16 * 1024;
constexpr std::size_t id_bytes_max = 128;  // each id is remembered for a while

/// A service for one entity.
struct ServiceCall {
  std::string entity_id;
  std::string service;
  Json data = Json::object();
  std::string id;  // the caller's; empty without one. A call whose id was seen runs once
  std::string_view service_domain = {};  // empty: the entity's own
  std::string_view entity_key = {};  // of the data, for the entity's id; empty: it is the target

  std::string_view domain() const {
    return std::string_view(entity_id).substr(0, entity_id.find('.'));
  }
  std::string_view domain_of_service() const {
    return service_domain.empty() ? domain() : service_domain;
  }
};

/// The services that a kind takes, each once.
std::vector<std::string_view> services_of(const Domain& domain);

/// Why a command is not run. `code` is one of a closed list (docs/topics.md), `message` a sentence
/// for people that says what to do.
struct Refusal {
  std::string_view code;
  std::string message;
};

/// What a command asks for and its caller's id, as far as it can be read, for the answer that it is
/// not taken. Both are cut to 64 bytes, empty when they are not there.
struct Asked {
  std::string service;
  std::string id;
};
Asked read_asked(std::string_view payload);

using CommandResult = std::variant<ServiceCall, Refusal>;

/// Reads `{"service": "turn_on", "data": {…}, "id": …}`, or what Home Assistant sends in a slot.
/// Only services of the kind's table are taken, and never a target but the entity of the topic.
CommandResult read_command(const Domain& domain, std::string_view entity_id, std::string_view slot,
                           std::string_view payload);

/// Puts a command to one that waits for the same entity when Home Assistant has split one call into
/// both; false when they do not belong together.
bool merge_command(const Domain& domain, ServiceCall& waiting, const ServiceCall& next);

/// Whether more parts of the same call on main may follow this command.
bool may_be_part(const Domain& domain, const ServiceCall& call);

}  // namespace discovery
