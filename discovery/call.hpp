// Calls: a service with a target and data that somebody asks an instance for, and its answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/command.hpp"
#include "discovery/json.hpp"

namespace discovery {

constexpr std::size_t call_bytes_max = 64 * 1024;
constexpr std::size_t target_words_max = 1000;

/// Whom a call is for, in the caller's words: ids, or of all but entities also names.
struct Target {
  std::vector<std::string> entities;
  std::vector<std::string> devices;
  std::vector<std::string> areas;
  std::vector<std::string> floors;
  std::vector<std::string> labels;

  std::size_t size() const {
    return entities.size() + devices.size() + areas.size() + floors.size() + labels.size();
  }
};

struct Call {
  std::string domain;   // of the service: weather
  std::string service;  // get_forecasts
  Target target;
  Json data = Json::object();  // without a target
  bool return_response = false;
  Json id;               // the caller's, given back as it is; null without one
  std::string reply_to;  // empty: the payload does not say

  std::string name() const { return domain.empty() ? service : domain + "." + service; }
};

/// Reads `{"id": …, "reply_to": …, "service": "weather.get_forecasts", "target": {…}, "data": {…},
/// "return_response": true}`. Home Assistant takes a target within the data as well, so that is
/// read as one. With a fault, `call` has what an answer needs, as far as it can be read.
struct ReadCall {
  Call call;
  std::optional<Refusal> fault;
};
ReadCall read_call(std::string_view payload);

/// The target in Home Assistant's own form.
Json to_json(const Target& target);

/// `{"id": …, "ok": true, "response": …}`. `response` is null where none was asked for.
std::string answer_payload(const Json& id, const Json& response);
/// `{"id": …, "ok": false, "error": {"code": …, "message": …}}`.
std::string answer_payload(const Json& id, const Refusal& why);

}  // namespace discovery
