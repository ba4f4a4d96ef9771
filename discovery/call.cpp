#include "discovery/call.hpp"

#include <utility>

#include "discovery/home.hpp"
#include "discovery/raw_json.hpp"

namespace discovery {
namespace {

using Words = std::vector<std::string>;

constexpr std::pair<const char*, Words Target::*> target_keys[] = {
    {"entity_id", &Target::entities}, {"device_id", &Target::devices}, {"area_id", &Target::areas},
    {"floor_id", &Target::floors},    {"label_id", &Target::labels},
};

Refusal malformed(const std::string& fault) {
  return {"malformed", "the call " + fault +
                           "; send {\"service\": \"light.turn_on\", \"target\": {\"entity_id\": "
                           "[\"light.kitchen\"]}, \"data\": {}}"};
}

/// False when it is neither a text nor a list of texts.
bool read_words(const Json& value, Words& words) {
  if (value.is_string()) {
    words.push_back(value.get<std::string>());
    return true;
  }
  if (!value.is_array()) return false;
  for (const Json& word : value) {
    if (!word.is_string()) return false;
    words.push_back(word.get<std::string>());
  }
  return true;
}

/// Takes the keys of a target out of `object`; the fault, or nothing.
std::optional<Refusal> take_target(Json& object, Target& target) {
  for (const auto& [key, words] : target_keys) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (!found->is_null() && !read_words(*found, target.*words)) {
      return malformed("has a target whose " + std::string(key) +
                       " is neither a text nor a list of texts");
    }
    object.erase(found);
  }
  return std::nullopt;
}

std::optional<Refusal> read_target(const Json& json, Target& target) {
  const auto found = json.find("target");
  if (found == json.end() || found->is_null()) return std::nullopt;
  if (!found->is_object()) return malformed("has a target that is no object");
  Json rest = *found;
  if (auto fault = take_target(rest, target)) return fault;
  if (rest.empty()) return std::nullopt;
  return malformed("has a target with '" + rest.items().begin().key() +
                   "'; a target has entity_id, device_id, area_id, floor_id and label_id");
}

std::optional<Refusal> read_service(const Json& json, Call& call) {
  const std::string name = text_at(json, "service");
  if (!valid_entity_id(name)) {
    return malformed("names no service, such as light.turn_on");
  }
  const auto dot = name.find('.');
  call.domain = name.substr(0, dot);
  call.service = name.substr(dot + 1);
  return std::nullopt;
}

std::optional<Refusal> read_rest(const Json& json, Call& call) {
  if (auto fault = read_service(json, call)) return fault;
  if (to_text(call.id).size() > id_bytes_max) {
    call.id = nullptr;
    return malformed("has an id of over 128 bytes");
  }
  if (auto fault = read_target(json, call.target)) return fault;
  if (const auto data = json.find("data"); data != json.end() && !data->is_null()) {
    if (!data->is_object()) return malformed("has data that is no object");
    call.data = *data;
    if (auto fault = take_target(call.data, call.target)) return fault;
  }
  if (call.target.size() > target_words_max) return malformed("has a target of over 1000 words");
  if (const auto wants = json.find("return_response"); wants != json.end() && !wants->is_null()) {
    if (!wants->is_boolean()) return malformed("has a return_response that is not true or false");
    call.return_response = wants->get<bool>();
  }
  return std::nullopt;
}

}  // namespace

ReadCall read_call(std::string_view payload) {
  ReadCall read;
  if (payload.size() > call_bytes_max) {
    read.fault = malformed("has more than 64 kB");
    return read;
  }
  const auto json = parse_json(payload, call_bytes_max);
  if (!json || !json->is_object()) {
    read.fault = malformed("is no JSON object of at most 32 levels");
    return read;
  }
  read.call.reply_to = text_at(*json, "reply_to");
  if (const auto id = json->find("id"); id != json->end()) read.call.id = *id;
  read.fault = has_key_twice(payload) ? malformed("has a key twice") : read_rest(*json, read.call);
  return read;
}

Json to_json(const Target& target) {
  Json json = Json::object();
  for (const auto& [key, words] : target_keys) {
    if (!(target.*words).empty()) json[key] = target.*words;
  }
  return json;
}

std::string answer_payload(const Json& id, const Json& response) {
  Json json{{"id", id}, {"ok", true}};
  if (!response.is_null()) json["response"] = response;
  return to_text(json);
}

std::string answer_payload(const Json& id, const Refusal& why) {
  return to_text(
      {{"id", id}, {"ok", false}, {"error", {{"code", why.code}, {"message", why.message}}}});
}

}  // namespace discovery
