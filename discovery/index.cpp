#include "discovery/index.hpp"

#include <algorithm>

#include "discovery/json.hpp"
#include "discovery/topic_form.hpp"

namespace discovery {

std::string index_payload(std::vector<std::string_view> topics) {
  std::sort(topics.begin(), topics.end());
  std::string payload = "[";
  for (const std::string_view topic : topics) {
    if (payload.size() > 1) payload += ',';
    append_json_string(payload, topic);
  }
  return payload += ']';
}

/// Without names that no broker takes: it would hang up on whoever asks for one of them, or clears
/// it.
std::optional<std::vector<std::string>> read_index(std::string_view payload) {
  const auto json = parse_json(payload, index_bytes_max);
  if (!json || !json->is_array()) return std::nullopt;
  std::vector<std::string> topics;
  topics.reserve(json->size());
  for (const Json& topic : *json) {
    if (!topic.is_string()) return std::nullopt;
    std::string name = topic.get<std::string>();
    if (valid_topic(name)) topics.push_back(std::move(name));
  }
  return topics;
}

}  // namespace discovery
