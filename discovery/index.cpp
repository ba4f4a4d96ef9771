#include "discovery/index.hpp"

#include <algorithm>

#include "discovery/json.hpp"

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

std::optional<std::vector<std::string>> read_index(std::string_view payload) {
  const auto json = parse_json(payload, index_bytes_max);
  if (!json || !json->is_array()) return std::nullopt;
  std::vector<std::string> topics;
  topics.reserve(json->size());
  for (const Json& topic : *json) {
    if (!topic.is_string()) return std::nullopt;
    topics.push_back(topic.get<std::string>());
  }
  return topics;
}

}  // namespace discovery
