// The consuming bridge: what an instance does that wants the others' entities, beside publishing
// its own. It wires the machines that look after what the others have on the broker and after what
// the instance's own Home Assistant makes of it.
#pragma once

#include <vector>

#include "bridge/ha_session.hpp"
#include "bridge/liveness.hpp"
#include "bridge/outbox.hpp"
#include "bridge/relay.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"

namespace bridge {

class ConsumeRole {
 public:
  ConsumeRole(const Settings& settings, const discovery::Topics& topics, HaSession& session,
              Outbox& outbox);

  /// What it follows of others; nothing unless the instance consumes.
  std::vector<Subscription> subscriptions() const;

  /// A message of another instance, and the parts of its topic.
  void arrived(const discovery::TopicParts& parts, const Message& message, Now now,
               Effects& effects);
  void broker_lost();

  /// A new login at Home Assistant.
  void ha_connected();
  /// An answer of Home Assistant that may be for one of these machines.
  void ha_heard(const discovery::HaMessage& message, Now now, Effects& effects);

  void tick(Now now, Effects& effects);
  Time deadline() const;

 private:
  /// Whether the instance consumes, and takes from that one.
  bool takes(std::string_view instance) const;

  const Settings& settings_;
  const discovery::Topics& topics_;
  HaSession& session_;
  Outbox& outbox_;
  Liveness liveness_;
  Relay relay_;
};

}  // namespace bridge
