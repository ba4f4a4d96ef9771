// How a call goes its way; what each service does stands in services_*.cpp.
#include "tests/scripted_ha/services.hpp"

#include <algorithm>

#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

std::vector<std::string> split_ids(const Json& value) {
  std::vector<std::string> ids;
  if (value.is_array()) {
    for (const Json& each : value) {
      for (std::string& id : split_ids(each)) ids.push_back(std::move(id));
    }
  } else if (value.is_string()) {
    std::string id;
    for (const char c : value.get<std::string>() + ',') {
      if (c == ' ') continue;
      if (c != ',') {
        id += c;
      } else if (!id.empty()) {
        ids.push_back(std::exchange(id, {}));
      }
    }
  }
  return ids;
}

bool contains(const std::vector<std::string>& list, const Json& value) {
  return value.is_string() &&
         std::find(list.begin(), list.end(), value.get<std::string>()) != list.end();
}

bool has_target(const Json& data) {
  return data.contains("entity_id") || data.contains("device_id") || data.contains("area_id") ||
         data.contains("floor_id") || data.contains("label_id");
}

std::string missing_target_text(const House& house) {
  if (house.since(2026, 9)) {
    return "at least one of ['entity_id', 'device_id', 'area_id', 'floor_id', 'label_id'] is "
           "required";
  }
  return house.since(2024, 4) ? "must contain at least one of entity_id, device_id, area_id, "
                                "floor_id, label_id."
                              : "must contain at least one of entity_id, device_id, area_id.";
}

ServiceError not_found(const std::string& domain, const std::string& service) {
  return {"not_found", "Service " + domain + '.' + service + " not found.",
          Json{{"translation_key", "service_not_found"},
               {"translation_placeholders", {{"domain", domain}, {"service", service}}},
               {"translation_domain", "homeassistant"}}};
}

ServiceError no_response(const House& house) {
  if (!house.since(2024, 4)) {
    return {"unknown_error",
            "Invalid argument return_response=True when handler does not support responses",
            {}};
  }
  return invalid(
      "An action which does not return responses can't be called with "
      "return_response=True",
      "service_does_not_support_response", "homeassistant",
      {{"return_response", "return_response=True"}});
}

ServiceError not_supported(const House& house, const Call& call, const std::string& entity_id) {
  if (!house.since(2024, 4)) {
    return {"home_assistant_error", "Entity " + entity_id + " does not support this service.", {}};
  }
  return invalid(
      "Entity " + entity_id + " does not support action " + call.domain + '.' + call.service,
      "service_not_supported", "homeassistant",
      {{"domain", call.domain}, {"service", call.service}, {"entity_id", entity_id}});
}

}  // namespace

Json to_json(const Call& call) {
  return {{"domain", call.domain},
          {"service", call.service},
          {"service_data", call.data},
          {"context", to_json(call.context)}};
}

void Services::fail(std::string service, std::string entity_id, ServiceError error) {
  failures_.push_back({std::move(service), std::move(entity_id), std::move(error)});
}

const ServiceError* Services::failure(const std::string& service,
                                      const std::string& entity_id) const {
  const auto found = std::find_if(failures_.begin(), failures_.end(), [&](const Failure& each) {
    return each.service == service && (each.entity_id.empty() || each.entity_id == entity_id);
  });
  return found == failures_.end() ? nullptr : &found->error;
}

std::vector<std::string> Services::resolve(const std::string& domain, const Json& data) const {
  std::vector<std::string> ids = split_ids(member(data, "entity_id"));
  const auto devices = split_ids(member(data, "device_id"));
  const auto areas = split_ids(member(data, "area_id"));
  const bool all = ids == std::vector<std::string>{"all"};
  for (const Json& row : house_.registry(Kind::entities).rows()) {
    if (!all && devices.empty() && areas.empty()) break;
    const Json* device = nullptr;
    if (const Json& id = member(row, "device_id"); id.is_string()) {
      device = house_.registry(Kind::devices).find(id.get<std::string>());
    }
    Json area = member(row, "area_id");
    if (area.is_null() && device != nullptr) area = member(*device, "area_id");
    if (all || contains(devices, member(row, "device_id")) || contains(areas, area)) {
      ids.push_back(row.at("entity_id").get<std::string>());
    }
  }
  // A service does nothing to entities of other domains, to missing and to unavailable ones.
  std::erase_if(ids, [&](const std::string& id) {
    const State* state = house_.state(id);
    return id.substr(0, id.find('.')) != domain || state == nullptr ||
           state->value == "unavailable";
  });
  return ids;
}

std::optional<ServiceError> Services::run(const std::string& name, const Call& call) {
  const Service& service = *find_service(call.domain, call.service);
  for (const std::string& id : call.entity_ids) {
    if (const ServiceError* error = failure(name, id)) return *error;
    const State* state = house_.state(id);
    if (state == nullptr) continue;
    const Json& features = member(state->attributes, "supported_features");
    if (service.features != 0 && features.is_number_integer() &&
        (features.get<std::uint32_t>() & service.features) == 0) {
      return not_supported(house_, call, id);
    }
    const State before = *state;
    const Action action{house_, id, before, call.data, call.context, call.service};
    if (auto error = service.handler(action)) return error;
  }
  return std::nullopt;
}

/// Tells a call on the bus.
void Services::accept(const Call& call) {
  calls_.push_back(call);
  if (on_call_) on_call_(call);
  house_.fire("call_service",
              {{"domain", call.domain}, {"service", call.service}, {"service_data", call.data}},
              call.context);
}

/// A notifier that is a service takes a message and no target (notify/legacy.py).
CallAnswer Services::notify(const CallRequest& request, CallAnswer answer) {
  if (!request.target.empty()) {
    answer.error = {"invalid_format", "extra keys not allowed @ data['entity_id']", {}};
  } else if (!request.data.contains("message")) {
    answer.error = {"invalid_format", "required key not provided @ data['message']", {}};
  } else {
    accept({request.domain, request.service, request.data, {}, answer.context, house_.now()});
  }
  return answer;
}

CallAnswer Services::call(const CallRequest& request) {
  const std::string name = request.domain + '.' + request.service;
  CallAnswer answer{house_.new_context(), std::nullopt};
  answer.context.user_id = house_.options().user_id;
  const auto refuse = [&](ServiceError error) {
    answer.error = std::move(error);
    return answer;
  };
  if (request.domain == "notify" && house_.notifiers().contains(request.service)) {
    return notify(request, answer);
  }
  if (name == "persistent_notification.create") {
    accept({request.domain, request.service, request.data, {}, answer.context, house_.now()});
    return answer;
  }
  const Service* service = find_service(request.domain, request.service);
  const ServiceError* scripted = failure(name, "");
  if (service == nullptr) return refuse(not_found(request.domain, request.service));
  if (scripted != nullptr && scripted->code == "not_found") return refuse(*scripted);
  if (request.return_response) return refuse(no_response(house_));
  Call call{request.domain, request.service, request.data, {}, answer.context, house_.now()};
  for (const auto& [key, value] : request.target.items()) {
    // Home Assistant's schema makes a list of each kind of target.
    call.data[key] = value.is_array() ? value : Json::array({value});
  }
  if (!has_target(call.data)) return refuse({"invalid_format", missing_target_text(house_), {}});
  if (auto problem = field_problem(*service, call.data, !house_.since(2026, 9))) {
    return refuse({"invalid_format", std::move(*problem), {}});
  }
  call.entity_ids = resolve(request.domain, call.data);
  accept(call);
  if (scripted != nullptr) return refuse(*scripted);
  answer.error = run(name, call);
  return answer;
}

}  // namespace scripted_ha
