// The consuming bridge: what an instance does that wants the others' entities, beside publishing
// its own. It wires the machines that look after what the others have on the broker and after what
// the instance's own Home Assistant makes of it.
#pragma once

#include <memory>
#include <vector>

#include "bridge/ha_session.hpp"
#include "bridge/lacking.hpp"
#include "bridge/liveness.hpp"
#include "bridge/outbox.hpp"
#include "bridge/relay.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"

namespace bridge {

class BulkRead;
class FollowRole;

class ConsumeRole {
 public:
  ConsumeRole(const Settings& settings, const discovery::Topics& topics,
              const discovery::Home& home, HaSession& session, Outbox& outbox);
  ~ConsumeRole();

  /// What it follows of others; nothing unless the instance consumes.
  std::vector<Subscription> subscriptions() const;

  /// A message of another instance, and the parts of its topic.
  void arrived(const discovery::TopicParts& parts, const Message& message, Now now,
               Effects& effects);
  void broker_lost(Effects& effects);
  /// What reads in bulk at present; null: nothing of this role's. The line's events are its own.
  BulkRead* reading();

  /// A record of an earlier run, and the end of reading them.
  void hold_followed(const discovery::TopicParts& parts, const Message& message);
  void broker_read();
  void render(const Record& record, std::string& payload) const;

  // What the instance's Home Assistant tells.
  void ha_connected();
  void ha_lost();
  void ha_config(const HaConfig& config);
  void ha_listed(Registry registry, Now now);
  void ha_heard(const discovery::HaMessage& message, Now now, Effects& effects);

  /// How many entities of other instances Home Assistant lacks, by instance.
  const std::map<std::string, std::size_t>& lacks() const { return lacking_.lacks(); }

  /// `knows_all`: Home Assistant and the broker have told all that they have.
  void tick(bool knows_all, Now now, Effects& effects);
  Time deadline() const;

 private:
  /// Whether the instance consumes, and takes from that one.
  bool takes(std::string_view instance) const;
  void remove_left_behind(Now now, Effects& effects);

  const Settings& settings_;
  Liveness liveness_;
  Relay relay_;
  Lacking lacking_;
  bool has_mqtt_ = false;  // at the login, Home Assistant had loaded its MQTT integration
  std::unique_ptr<FollowRole> follow_;  // null: nothing is to follow
};

}  // namespace bridge
