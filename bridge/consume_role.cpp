#include "bridge/consume_role.hpp"

namespace bridge {

using Kind = discovery::TopicParts::Kind;

ConsumeRole::ConsumeRole(const Settings& settings, const discovery::Topics& topics,
                         HaSession& session, Outbox& outbox)
    : settings_(settings),
      topics_(topics),
      session_(session),
      outbox_(outbox),
      liveness_(settings, topics, outbox) {}

bool ConsumeRole::takes(std::string_view instance) const {
  return !settings_.consume.prefix.empty() &&
         discovery::matching_glob(settings_.consume.from, instance) != nullptr;
}

std::vector<Subscription> ConsumeRole::subscriptions() const {
  std::vector<Subscription> wanted;
  for (const std::string& filter : liveness_.filters()) {
    wanted.push_back({.filter = filter, .own = false});
  }
  return wanted;
}

void ConsumeRole::arrived(const discovery::TopicParts& parts, const Message& message, Now now,
                          Effects&) {
  if (parts.kind == Kind::status || parts.kind == Kind::heartbeat) {
    liveness_.heard(parts, message, now);
  }
}

void ConsumeRole::broker_lost() { liveness_.broker_lost(); }

void ConsumeRole::tick(Now now, Effects& effects) { liveness_.tick(now, effects); }

Time ConsumeRole::deadline() const { return liveness_.deadline(); }

}  // namespace bridge
