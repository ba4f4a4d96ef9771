// Home Assistant's services: what `call_service` does to the house.
//
// A call is checked as Home Assistant checks it (known service, its fields, a target, the entity's
// features and ranges), recorded, told on the bus, and then changes states at once. Tests can make
// a service fail for an entity.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {

/// The `error` of a result: one of Home Assistant's codes and its sentence.
struct ServiceError {
  std::string code;
  std::string message;
  Json translation;  // null, or translation_key, translation_placeholders and translation_domain
};

/// A call that Home Assistant accepted and told on the bus, whatever came of it.
struct Call {
  std::string domain;
  std::string service;
  Json data;  // as on the bus: service_data with the target in it
  std::vector<std::string> entity_ids;
  Context context;
  Seconds time = 0;
};
Json to_json(const Call& call);

struct CallRequest {
  std::string domain;
  std::string service;
  Json data = Json::object();
  Json target = Json::object();
  bool return_response = false;
};

struct CallAnswer {
  Context context;
  std::optional<ServiceError> error;
};

class Services {
 public:
  explicit Services(House& house) : house_(house) {}

  /// Runs a call of the house's user.
  CallAnswer call(const CallRequest& request);

  const std::vector<Call>& calls() const { return calls_; }
  void forget_calls() { calls_.clear(); }
  void on_call(std::function<void(const Call&)> listener) { on_call_ = std::move(listener); }

  /// Makes `service` (light.turn_on) fail for an entity, or for all with an empty id. The code
  /// not_found stands for a service that does not exist, and so is not told on the bus.
  void fail(std::string service, std::string entity_id, ServiceError error);
  void heal() { failures_.clear(); }

 private:
  struct Failure {
    std::string service;
    std::string entity_id;
    ServiceError error;
  };
  const ServiceError* failure(const std::string& service, const std::string& entity_id) const;
  void accept(const Call& call);
  CallAnswer notify(const CallRequest& request, CallAnswer answer);
  std::vector<std::string> resolve(const std::string& domain, const Json& data) const;
  std::optional<ServiceError> run(const std::string& name, const Call& call);

  House& house_;
  std::vector<Call> calls_;
  std::vector<Failure> failures_;
  std::function<void(const Call&)> on_call_;
};

}  // namespace scripted_ha
