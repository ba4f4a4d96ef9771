#include "discovery/command.hpp"

#include <algorithm>

#include "discovery/raw_json.hpp"

namespace discovery {
namespace {

const Command* find_service(const Domain& domain, std::string_view service) {
  const auto found = std::find_if(domain.commands.begin(), domain.commands.end(),
                                  [&](const Command& c) { return c.service == service; });
  return found == domain.commands.end() ? nullptr : &*found;
}

/// Keys that would widen a call beyond the entity of its topic.
bool names_target(const Json& data) {
  for (const std::string_view key : {"entity_id", "device_id", "area_id", "floor_id", "label_id"}) {
    if (data.contains(key)) return true;
  }
  return false;
}

Refusal malformed(std::string_view entity_id, const std::string& fault) {
  return {"malformed", "the command for " + std::string(entity_id) + " " + fault +
                           "; send {\"service\": \"turn_on\", \"data\": {}}"};
}

Refusal target_refused() {
  return {"target_not_allowed",
          "a command reaches the entity of its topic alone; leave target, entity_id, device_id and "
          "area_id out"};
}

CommandResult read_slot(const Domain& domain, std::string_view entity_id, std::string_view slot,
                        std::string_view payload) {
  const bool known = std::any_of(domain.commands.begin(), domain.commands.end(),
                                 [&](const Command& command) { return command.slot == slot; });
  if (!known || domain.translate == nullptr) {
    return Refusal{"unknown_slot", "there is no slot '" + std::string(slot) +
                                       "' below the commands of " + std::string(entity_id) +
                                       "; leave the last level of the topic out"};
  }
  std::optional<SlotCall> call = domain.translate(slot, payload);
  if (!call) return malformed(entity_id, "is not in the form of its slot");
  return ServiceCall{std::string(entity_id), std::move(call->service), std::move(call->data), {}};
}

/// The caller's id may be any JSON; what is no text is told in its JSON form.
std::string id_of(const Json& command) {
  const auto id = command.find("id");
  if (id == command.end() || id->is_null()) return {};
  return id->is_string() ? id->get<std::string>() : to_text(*id);
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : ", ") += word;
  return text;
}

}  // namespace

std::vector<std::string_view> services_of(const Domain& domain) {
  std::vector<std::string_view> services;
  for (const Command& command : domain.commands) {
    const bool known =
        std::find(services.begin(), services.end(), command.service) != services.end();
    if (!known) services.push_back(command.service);
  }
  return services;
}

Asked read_asked(std::string_view payload) {
  constexpr std::size_t told_max = 64;
  const auto json = parse_json(payload, command_bytes_max);
  if (!json || !json->is_object()) return {};
  Asked asked{{}, id_of(*json).substr(0, told_max)};
  const auto service = json->find("service");
  if (service != json->end() && service->is_string()) {
    asked.service = service->get<std::string>().substr(0, told_max);
  }
  return asked;
}

CommandResult read_command(const Domain& domain, std::string_view entity_id, std::string_view slot,
                           std::string_view payload) {
  if (payload.size() > command_bytes_max) return malformed(entity_id, "has more than 16 kB");
  if (!slot.empty()) return read_slot(domain, entity_id, slot, payload);
  const auto json = parse_json(payload, command_bytes_max);
  if (!json) return malformed(entity_id, "is no JSON of at most 32 levels");
  if (!json->is_object()) return malformed(entity_id, "is no JSON object");
  if (has_key_twice(payload)) return malformed(entity_id, "has a key twice");

  const auto service = json->find("service");
  if (service == json->end() || !service->is_string())
    return malformed(entity_id, "names no service");
  ServiceCall call{std::string(entity_id), service->get<std::string>(), Json::object(), {}};
  const Command* const command = find_service(domain, call.service);
  if (command == nullptr) {
    const std::string services = joined(services_of(domain));
    return Refusal{"unknown_service",
                   "'" + call.service + "' is no command of " + std::string(entity_id) +
                       (services.empty() ? "; it is read-only" : "; it takes " + services)};
  }
  if (names_target(*json) || json->contains("target")) return target_refused();
  if (const auto data = json->find("data"); data != json->end() && !data->is_null()) {
    if (!data->is_object()) return malformed(entity_id, "has data that is no object");
    if (names_target(*data)) return target_refused();
    // Templates on main give null for what the caller left out.
    for (const auto& [key, value] : data->items()) {
      if (!value.is_null()) call.data[key] = value;
    }
  }
  call.service_domain = command->domain;
  call.entity_key = command->entity_key;
  call.id = id_of(*json);
  if (call.id.size() > id_bytes_max) return malformed(entity_id, "has an id of over 128 bytes");
  return call;
}

bool may_be_part(const Domain& domain, const ServiceCall& call) {
  const auto& parts = domain.merge.parts;
  return std::find(parts.begin(), parts.end(), call.service) != parts.end();
}

bool merge_command(const Domain& domain, ServiceCall& waiting, const ServiceCall& next) {
  if (waiting.entity_id != next.entity_id || !waiting.id.empty() || !next.id.empty()) return false;
  if (!may_be_part(domain, waiting) || !may_be_part(domain, next)) return false;
  if (waiting.service != next.service) waiting.service = std::string(domain.merge.into);
  waiting.data.update(next.data);
  return true;
}

}  // namespace discovery
