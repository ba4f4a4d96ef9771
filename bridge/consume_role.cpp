#include "bridge/consume_role.hpp"

#include <algorithm>

#include "bridge/follow_role.hpp"

namespace bridge {

using Kind = discovery::TopicParts::Kind;

ConsumeRole::ConsumeRole(const Settings& settings, const discovery::Topics& topics,
                         const discovery::Home& home, HaSession& session, Outbox& outbox)
    : settings_(settings),
      liveness_(settings, topics, outbox),
      relay_(settings, topics, session),
      lacking_(settings, topics, home, outbox) {
  if (!settings.consume.follows()) return;
  follow_ = std::make_unique<FollowRole>(
      settings_.consume.follow, topics, home,
      [this](std::string_view instance) { return takes(instance); }, session, outbox);
}

ConsumeRole::~ConsumeRole() = default;

bool ConsumeRole::takes(std::string_view instance) const {
  return !settings_.consume.prefix.empty() &&
         discovery::matching_glob(settings_.consume.from, instance) != nullptr;
}

std::vector<Subscription> ConsumeRole::subscriptions() const {
  std::vector<Subscription> wanted;
  for (const auto& filters : {liveness_.filters(), lacking_.filters()}) {
    for (const std::string& filter : filters) wanted.push_back({.filter = filter, .own = false});
  }
  // What has happened is over, so nobody is told what the broker may have kept of it.
  for (const std::string& filter : relay_.filters()) {
    wanted.push_back({.filter = filter, .retained = false, .own = false});
  }
  return wanted;
}

void ConsumeRole::arrived(const discovery::TopicParts& parts, const Message& message, Now now,
                          Effects& effects) {
  if (parts.kind == Kind::status || parts.kind == Kind::heartbeat) {
    liveness_.heard(parts, message, now);
  }
  if (follow_) {
    follow_->neighbors().heard(parts, message, now);
    const bool is_cleared = parts.kind == Kind::info && message.payload.empty();
    if (is_cleared) follow_->purged(parts.instance);
  }
  if (!takes(parts.instance)) return;
  if (parts.kind == Kind::fired || parts.kind == Kind::refused) {
    relay_.heard(parts, message, now, effects);
  } else if (parts.kind == Kind::index || parts.kind == Kind::status || parts.kind == Kind::info) {
    lacking_.heard(parts, message, now);
  }
}

void ConsumeRole::broker_lost(Effects& effects) {
  liveness_.broker_lost();
  lacking_.broker_lost();
  if (follow_) follow_->neighbors().broker_lost(effects);
}

BulkRead* ConsumeRole::reading() {
  const bool reads = follow_ && follow_->neighbors().is_reading();
  return reads ? &follow_->neighbors().bulk() : nullptr;
}

void ConsumeRole::hold_followed(const discovery::TopicParts& parts, const Message& message) {
  if (follow_) follow_->followed().hold(parts, message.topic, message.payload);
}

void ConsumeRole::broker_read() {
  if (follow_) follow_->followed().end_reading();
}

void ConsumeRole::render(const Record& record, std::string& payload) const {
  if (follow_) follow_->followed().render(record, payload);
}

void ConsumeRole::ha_connected() {
  relay_.connected();
  lacking_.ha_connected();
  if (follow_) follow_->ha_connected();
}

void ConsumeRole::ha_lost() {
  if (follow_) follow_->ha_lost();
}

void ConsumeRole::ha_config(const HaConfig& config) {
  has_mqtt_ = config.has_mqtt;
  if (follow_) follow_->ha_config(config);
}

void ConsumeRole::ha_listed(Registry registry, Now now) {
  if (registry == Registry::entities) lacking_.registry_told(now);
  if (follow_) follow_->ha_listed(registry, now);
}

void ConsumeRole::ha_heard(const discovery::HaMessage& message, Now now, Effects& effects) {
  relay_.answered(message, effects);
  if (follow_) follow_->ha_heard(message, now, effects);
}

void ConsumeRole::tick(bool knows_all, Now now, Effects& effects) {
  liveness_.tick(now, effects);
  relay_.tick(now, effects);
  lacking_.tick(knows_all && (has_mqtt_ || lacking_.sees_mqtt()), now, effects);
  remove_left_behind(now, effects);
  if (follow_) follow_->tick(knows_all, now, effects);
}

/// An old Home Assistant keeps a disabled entity whose announcement is gone.
void ConsumeRole::remove_left_behind(Now now, Effects& effects) {
  for (const std::string& entity_id : lacking_.take_left_behind()) {
    if (follow_) follow_->remove(entity_id, now, effects);
  }
}

Time ConsumeRole::deadline() const {
  return std::min({liveness_.deadline(), relay_.deadline(), lacking_.deadline(),
                   follow_ ? follow_->deadline() : never});
}

}  // namespace bridge
