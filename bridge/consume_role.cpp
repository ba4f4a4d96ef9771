#include "bridge/consume_role.hpp"

#include <algorithm>

namespace bridge {

using Kind = discovery::TopicParts::Kind;

ConsumeRole::ConsumeRole(const Settings& settings, const discovery::Topics& topics,
                         const discovery::Home& home, HaSession& session, Outbox& outbox)
    : settings_(settings),
      topics_(topics),
      session_(session),
      outbox_(outbox),
      liveness_(settings, topics, outbox),
      relay_(settings, topics, session),
      lacking_(settings, topics, home, outbox) {}

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
  if (!takes(parts.instance)) return;
  if (parts.kind == Kind::fired || parts.kind == Kind::refused) {
    relay_.heard(parts, message, now, effects);
  } else if (parts.kind == Kind::index || parts.kind == Kind::status || parts.kind == Kind::info) {
    lacking_.heard(parts, message, now);
  }
}

void ConsumeRole::broker_lost() {
  liveness_.broker_lost();
  lacking_.broker_lost();
}

void ConsumeRole::ha_connected() {
  relay_.connected();
  lacking_.ha_connected();
}

void ConsumeRole::ha_registry(Registry registry, Now now) {
  if (registry == Registry::entities) lacking_.registry_told(now);
}

void ConsumeRole::ha_heard(const discovery::HaMessage& message, Now, Effects& effects) {
  relay_.answered(message, effects);
}

void ConsumeRole::tick(bool ha_tells_all, Now now, Effects& effects) {
  liveness_.tick(now, effects);
  relay_.tick(now, effects);
  const bool has_mqtt = has_mqtt_ || lacking_.sees_mqtt();
  lacking_.tick(ha_tells_all && has_mqtt, now, effects);
}

Time ConsumeRole::deadline() const {
  return std::min({liveness_.deadline(), relay_.deadline(), lacking_.deadline()});
}

}  // namespace bridge
