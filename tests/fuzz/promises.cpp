#include "tests/fuzz/promises.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "discovery/json.hpp"
#include "discovery/simdjson.hpp"
#include "discovery/topic.hpp"

namespace fuzz {
namespace {

using Kind = discovery::TopicParts::Kind;

constexpr std::size_t topic_bytes_max = 65535;
constexpr std::ptrdiff_t slashes_max = 200;  // that Mosquitto takes

/// Control characters and those that Unicode calls none: a broker may hang up on them, and
/// Mosquitto does (MQTT 5, 1.5.4; mosquitto's lib/utf8_mosq.c).
bool has_refused_character(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      code = code << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3fU);
    }
    const bool is_control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const bool is_none = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
    if (is_control || is_none) return true;
    at += length;
  }
  return false;
}

/// Whether an instance may write there.
bool is_own(const bridge::Publish& message, const std::string& instance) {
  const discovery::Topics topics("statebus", instance);
  const std::string& topic = message.topic;
  const auto parts = topics.parse(topic);
  if (!parts) {
    const std::string node = "/" + instance + "/statebus-" + instance;
    return topic.ends_with("/config") && topic.find(node) != std::string::npos;
  }
  if (parts->kind == Kind::reply) return true;
  if (parts->instance == instance) return parts->kind != Kind::call && parts->kind != Kind::command;
  // Of another instance that has died, and for what is lacking of it.
  if (parts->kind == Kind::status) return message.retain && message.payload == "offline";
  return parts->kind == Kind::command && parts->slot == "announce" && !message.retain;
}

bool is_as_promised(Kind kind, const bridge::Publish& message) {
  if (kind == Kind::image) return true;
  if (kind == Kind::status) return message.payload == "online" || message.payload == "offline";
  // A view is what its platform reads: JSON or a plain text.
  if (kind == Kind::view) return is_utf8(message.payload);
  return is_json(message.payload);
}

}  // namespace

void broken(std::string_view promise, std::string_view what) {
  std::cerr << "broken promise: " << promise << ": " << what << std::endl;
  std::abort();
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_json(std::string_view text) {
  return is_utf8(text) && discovery::parse_json(text, text.size()).has_value();
}

bool is_topic(std::string_view topic) {
  return !topic.empty() && topic.size() <= topic_bytes_max && is_utf8(topic) &&
         topic.find_first_of("+#") == std::string_view::npos && !has_refused_character(topic) &&
         std::count(topic.begin(), topic.end(), '/') <= slashes_max;
}

bool is_filter(std::string_view filter) {
  std::string topic(filter);
  for (std::size_t at = 0; at < topic.size(); ++at) {
    const bool is_wild = topic[at] == '+' || topic[at] == '#';
    if (!is_wild) continue;
    const bool begins = at == 0 || topic[at - 1] == '/';
    const bool ends = at + 1 == topic.size() || (topic[at] == '+' && topic[at + 1] == '/');
    if (!begins || !ends) return false;
    topic[at] = 'x';
  }
  return is_topic(topic);
}

void look_at(const bridge::Publish& message, const std::string& instance) {
  if (!is_topic(message.topic)) broken("a topic that brokers take", message.topic);
  if (!is_own(message, instance)) broken("nothing outside its own tree", message.topic);
  if (message.retain && message.payload.empty()) return;
  const auto parts = discovery::Topics("statebus", instance).parse(message.topic);
  if (!is_as_promised(parts ? parts->kind : Kind::announcement, message)) {
    broken("a payload that others can read", message.topic + " " + message.payload);
  }
}

void look_at(const bridge::Subscribe& subscribe) {
  for (const bridge::Subscription& each : subscribe.subscriptions) {
    if (!is_filter(each.filter)) broken("a filter that brokers take", each.filter);
  }
}

void look_at_request(std::string_view frame) {
  const auto json = is_utf8(frame) ? discovery::parse_json(frame, frame.size()) : std::nullopt;
  if (!json || discovery::text_at(*json, "type").empty()) {
    broken("a request that Home Assistant reads", frame);
  }
}

}  // namespace fuzz
