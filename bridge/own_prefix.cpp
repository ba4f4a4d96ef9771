#include "bridge/own_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "discovery/identity.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

// Home Assistant was seen to take 0.2 s from an announcement to the entity; one that is busy and
// takes longer is noticed when the entity comes.
constexpr Time trial{3'000};
// An entity of MQTT vanishes for a while when the integration loads anew.
constexpr Time absence_grace{60'000};
constexpr std::size_t answer_bytes_max = 1024 * 1024;

constexpr const char* sign = "connectivity";  // of instance_entities, that every consumer shows
constexpr const char* sign_component = "binary_sensor";

/// The unique id of that entity, and the object of its announcement.
std::string sign_of(const discovery::Topics& topics) {
  return discovery::instance_name(topics.instance()) + "-" + sign;
}

/// The topics by which Home Assistant came to the entities of a device, from the answer to
/// `mqtt/device/debug_info`, home-assistant/core components/mqtt/debug_info.py.
std::vector<std::string> discovery_topics(std::string_view answer) {
  std::vector<std::string> topics;
  const auto json = discovery::parse_json(answer, answer_bytes_max);
  if (!json || !json->is_object() || !json->contains("entities")) return topics;
  const discovery::Json& entities = json->at("entities");
  if (!entities.is_array()) return topics;
  for (const discovery::Json& entity : entities) {
    if (!entity.is_object() || !entity.contains("discovery_data")) continue;
    topics.push_back(discovery::text_at(entity.at("discovery_data"), "topic"));
  }
  return topics;
}

}  // namespace

OwnPrefix::OwnPrefix(const discovery::Topics& topics, const discovery::Home& home,
                     Consumers& consumers, HaSession& session, Outbox& outbox)
    : topics_(topics), home_(home), consumers_(consumers), session_(session), outbox_(outbox) {}

void OwnPrefix::registry_told() {
  const std::string unique_id = sign_of(topics_);
  entity_id_.clear();
  device_id_.clear();
  for (const auto& [id, entity] : home_.entities()) {
    const bool is_own = entity.entry && entity.entry->unique_id == unique_id;
    if (!is_own) continue;
    entity_id_ = id;
    device_id_ = entity.entry->device_id;
  }
}

/// What is only restored after a start has not come by MQTT yet, and may never do so again.
bool OwnPrefix::is_shown() const {
  const auto entity = home_.entities().find(entity_id_);
  if (entity == home_.entities().end() || !entity->second.state) return false;
  const std::string* restored = entity->second.state->attributes.find("restored");
  return restored == nullptr || *restored != "true";
}

bool OwnPrefix::is_at_broker(const std::string& prefix) const {
  const Record* record =
      outbox_.find(topics_.announcement(prefix, sign_component, sign_of(topics_)));
  return record != nullptr && record->held != 0;
}

void OwnPrefix::broker_read() {
  for (const discovery::Consumer& consumer : consumers_.asked()) {
    if (is_at_broker(consumer.prefix)) told_since_.try_emplace(consumer.prefix, Time{});
  }
}

Time OwnPrefix::told_since(const std::string& prefix, Now now) {
  const auto known = told_since_.find(prefix);
  if (known != told_since_.end()) return known->second;
  if (!is_at_broker(prefix)) return never;
  return told_since_.emplace(prefix, now.at).first->second;
}

void OwnPrefix::heard(const discovery::HaMessage& message) {
  if (asked_ == 0 || message.id != asked_) return;
  asked_ = 0;
  answered_ = true;
  for (const std::string& topic : discovery_topics(message.payload)) {
    for (const discovery::Consumer& consumer : consumers_.asked()) {
      if (topics_.parse_announcement(consumer.prefix, topic)) {
        return consumers_.set_own(consumer.prefix);
      }
    }
  }
  // The entity came by another way than one of those that are asked for.
  consumers_.set_own("");
}

void OwnPrefix::tick(bool ha_tells_all, Now now, Effects& effects) {
  next_at_ = never;
  std::erase_if(told_since_, [&](const auto& told) { return !consumers_.is_asked(told.first); });
  // Without the integration nothing can turn up.
  if (config_.version != discovery::Version{} && !config_.has_mqtt && consumers_.own().empty()) {
    return consumers_.prove_all();
  }
  if (!ha_tells_all) {
    complete_since_ = never;
    return;
  }
  complete_since_ = std::min(complete_since_, now.at);
  if (is_shown()) {
    hidden_since_ = never;
    if (!answered_ && asked_ == 0) {
      asked_ = session_.request(fmt::format(R"("type":"mqtt/device/debug_info","device_id":{})",
                                            discovery::to_text(device_id_)),
                                effects);
    }
    if (!answered_) return;
  } else {
    answered_ = false;
    if (!consumers_.own().empty()) {
      hidden_since_ = std::min(hidden_since_, now.at);
      next_at_ = hidden_since_ + absence_grace;
      if (now.at < next_at_) return;
      consumers_.set_own("");
    }
  }
  next_at_ = never;
  for (const discovery::Consumer& consumer : consumers_.unproven()) {
    const Time since = told_since(consumer.prefix, now);
    // An acknowledgement is what happens next.
    if (since == never) continue;
    const bool is_old = since == Time{};
    const Time proven_at = is_old ? complete_since_ : std::max(since, complete_since_) + trial;
    if (now.at < proven_at) {
      next_at_ = std::min(next_at_, proven_at);
    } else {
      consumers_.prove(consumer.prefix);
    }
  }
}

}  // namespace bridge
