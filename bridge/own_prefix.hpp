// Whether the instance's own Home Assistant listens under a prefix that the instance announces
// under: it would then show everything twice.
//
// So the instance itself is announced first. If its entity turns up in the own Home Assistant, that
// one tells by which topic it came; if it does not, somebody else listens there.
#pragma once

#include <map>
#include <string>

#include "bridge/consumers.hpp"
#include "bridge/ha_session.hpp"
#include "bridge/outbox.hpp"

namespace bridge {

class OwnPrefix {
 public:
  OwnPrefix(const discovery::Topics& topics, const discovery::Home& home, Consumers& consumers,
            HaSession& session, Outbox& outbox);

  /// A new login: what was asked gets no answer.
  void connected() { asked_ = 0; }
  void ha_config(const HaConfig& config) { config_ = config; }
  /// Home Assistant has told its entity registry.
  void registry_told();
  /// The broker was read: what it held of the instance's announcements is as old as an earlier run.
  void broker_read();
  void heard(const discovery::HaMessage& message);

  /// Looks; does nothing while Home Assistant does not tell all (`ha_tells_all`).
  void tick(bool ha_tells_all, Now now, Effects& effects);
  /// When the next look is due; between, only what happens makes one necessary.
  Time deadline() const { return next_at_; }

 private:
  bool is_shown() const;
  Time told_since(const std::string& prefix, Now now);
  bool is_at_broker(const std::string& prefix) const;

  const discovery::Topics& topics_;
  const discovery::Home& home_;
  Consumers& consumers_;
  HaSession& session_;
  Outbox& outbox_;
  HaConfig config_;
  std::string entity_id_;   // of the instance's own entity at home; empty: there is none
  std::string device_id_;   // of its device
  bool answered_ = false;   // since it has been shown
  std::int64_t asked_ = 0;  // the number of the question; 0: none waits for its answer
  std::map<std::string, Time, std::less<>> told_since_;  // by prefix, at the broker
  Time complete_since_ = never;                          // Home Assistant tells all
  Time hidden_since_ = never;                            // it ceased to show the instance's entity
  Time next_at_ = never;
};

}  // namespace bridge
