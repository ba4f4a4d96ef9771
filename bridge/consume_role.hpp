// The consuming bridge: what an instance does that wants the others' entities, beside publishing
// its own. It wires the machines that look after what the others have on the broker and after what
// the instance's own Home Assistant makes of it.
#pragma once

#include <vector>

#include "bridge/ha_session.hpp"
#include "bridge/lacking.hpp"
#include "bridge/liveness.hpp"
#include "bridge/outbox.hpp"
#include "bridge/relay.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"

namespace bridge {

class ConsumeRole {
 public:
  ConsumeRole(const Settings& settings, const discovery::Topics& topics,
              const discovery::Home& home, HaSession& session, Outbox& outbox);

  /// What it follows of others; nothing unless the instance consumes.
  std::vector<Subscription> subscriptions() const;

  /// A message of another instance, and the parts of its topic.
  void arrived(const discovery::TopicParts& parts, const Message& message, Now now,
               Effects& effects);
  void broker_lost();

  /// A new login at Home Assistant.
  void ha_connected();
  void ha_config(const HaConfig& config) { has_mqtt_ = config.has_mqtt; }
  /// Home Assistant has told this registry anew.
  void ha_registry(Registry registry, Now now);
  /// An answer of Home Assistant that may be for one of these machines.
  void ha_heard(const discovery::HaMessage& message, Now now, Effects& effects);

  /// How many entities of other instances Home Assistant lacks, by instance.
  const std::map<std::string, std::size_t>& lacks() const { return lacking_.lacks(); }

  /// `ha_tells_all`: states and registries are known, and Home Assistant has finished starting.
  void tick(bool ha_tells_all, Now now, Effects& effects);
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
  Lacking lacking_;
  bool has_mqtt_ = false;  // at the login, Home Assistant had loaded its MQTT integration
};

}  // namespace bridge
