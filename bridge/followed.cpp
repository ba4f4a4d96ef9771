#include "bridge/followed.hpp"

#include <vector>

namespace bridge {
namespace {

using discovery::Json;

constexpr std::size_t record_bytes_max = 64 * 1024;
constexpr std::size_t records_max = 200'000;

std::optional<Applied> read_applied(std::string_view payload) {
  const auto json = discovery::parse_json(payload, record_bytes_max);
  if (!json || !json->is_object()) return std::nullopt;
  Applied applied;
  for (const auto& [key, value] : json->items()) {
    if (key == "of") {
      applied.of = discovery::text_at(*json, "of");
    } else if (key == "name") {
      applied.name = discovery::text_at(*json, "name");
    } else if (key == "made") {
      applied.made = value == true;
    } else if (key == "kept") {
      if (!value.is_array()) continue;
      for (const Json& fact : value) {
        if (fact.is_string()) applied.kept.insert(fact.get<std::string>());
      }
    } else {
      applied.values[key] = value;
    }
  }
  if (applied.of.empty()) return std::nullopt;
  return applied;
}

}  // namespace

const Json* Applied::value(std::string_view fact) const {
  const auto found = values.find(fact);
  return found == values.end() ? nullptr : &found->second;
}

void Followed::hold(const discovery::TopicParts& parts, const std::string& topic,
                    const std::string& payload) {
  // Later reads find what this run has written itself.
  if (is_read_ || applied_.size() == records_max) return;
  auto applied = read_applied(payload);
  if (!applied) return;
  const FollowedKey key{parts.source, parts.domain, parts.object};
  if (topic_of(key) == topic) store(key, std::move(*applied));
}

const Applied* Followed::find(const FollowedKey& key) const {
  const auto found = applied_.find(topic_of(key));
  return found == applied_.end() ? nullptr : &found->second;
}

void Followed::store(const FollowedKey& key, Applied applied) {
  if (applied.says_nothing()) return forget(key);
  const std::string topic = topic_of(key);
  const auto found = applied_.find(topic);
  if (found != applied_.end() && found->second == applied) return;
  applied_.insert_or_assign(topic, std::move(applied));
  outbox_.touch(outbox_.record(topic, What::followed, 0));
}

void Followed::forget(const FollowedKey& key) {
  const std::string topic = topic_of(key);
  if (applied_.erase(topic) == 0) return;
  if (Record* record = outbox_.find(topic)) outbox_.drop(*record);
}

void Followed::forget_all(std::string_view source) {
  for (const char* kind : {"area", "floor", "label", "device", "entity"}) {
    std::vector<std::string> ids;
    each(source, kind, [&](const std::string& id, const Applied&) { ids.push_back(id); });
    for (const std::string& id : ids) forget({source, kind, id});
  }
}

void Followed::each(std::string_view source, std::string_view kind, const Each& hear) const {
  const std::string start = topic_of({source, kind, ""});
  std::vector<const std::pair<const std::string, Applied>*> found;
  for (auto at = applied_.lower_bound(start); at != applied_.end(); ++at) {
    if (!at->first.starts_with(start)) break;
    found.push_back(&*at);
  }
  for (const auto* each : found) hear(each->first.substr(start.size()), each->second);
}

void Followed::render(const Record& record, std::string& payload) const {
  const auto found = applied_.find(record.topic);
  if (found == applied_.end()) return;
  const Applied& applied = found->second;
  Json json = Json::object();
  for (const auto& [fact, value] : applied.values) json[fact] = value;
  json["of"] = applied.of;
  if (!applied.name.empty()) json["name"] = applied.name;
  if (applied.made) json["made"] = true;
  if (!applied.kept.empty()) json["kept"] = applied.kept;
  payload = discovery::to_text(json);
}

}  // namespace bridge
