// What the instance says of itself: whether it is online, what it is, and that it still lives.
#pragma once

#include <map>
#include <string>

#include "bridge/consumers.hpp"
#include "bridge/ha_facts.hpp"
#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"
#include "bridge/trespass.hpp"
#include "discovery/announce.hpp"
#include "discovery/reason.hpp"

namespace bridge {

class Presence {
 public:
  Presence(const Settings& settings, const discovery::Topics& topics, const Consumers& consumers,
           Outbox& outbox);

  /// What the retained info of an earlier run said.
  void hold_info(const std::string& payload);
  /// The broker is read anew: who else gives heartbeats as this instance will be told.
  void begin_reading() { rival_epoch_ = 0; }
  /// A heartbeat that stands under the own name, or arrives there. One that no bridge can have
  /// given makes nobody give way.
  void hold_heartbeat(const std::string& payload, Now now);
  /// Another bridge of this instance lives, and was started later than this one.
  bool is_superseded() const { return begun_ && rival_epoch_ > epoch_; }
  /// All prefixes that this instance ever announced under and may still have something at.
  const std::vector<std::string>& announced_under() const { return announced_under_; }
  /// The broker was read: from here on the epoch is known and info and status may be written.
  void begin(Now now);

  void ha_config(const HaConfig& config, Now now);
  /// The instance itself is announced for the consumers that there are now, and for no other.
  void consumers_changed(Now now);
  /// All states are known and Home Assistant has finished starting.
  void ha_ready(Now now);
  void ha_lost(Now now);
  /// The broker holds all that is wanted: this instance may call itself online.
  void caught_up();
  /// It does not hold it: this instance calls itself offline until it does.
  void withhold();
  /// It would, and waits for that.
  bool awaits_broker() const { return begun_ && ready_ && (!online_ || status_due_); }
  /// The connection to the broker was lost, and its will has said so to everybody.
  void broker_lost() {
    status_due_ = true;
    repair_at_ = never;
  }
  /// The status at the broker is not what this instance wrote there last; somebody else's will did.
  void repair_status(Now now);
  /// Others write what only this bridge may: a sentence for the log.
  std::optional<std::string> take_alarm(Now now) { return trespass_.take_alarm(now); }
  /// `last_refused` is null while nothing was refused.
  void count(std::size_t published, std::uint64_t refused, const discovery::Json& last_refused,
             const discovery::ReasonCounts& reasons, Now now);
  /// How many entities of other instances the own Home Assistant lacks, by instance.
  void count_lacks(const std::map<std::string, std::size_t>& lacks, Now now);
  void count_images(std::uint64_t refused) { images_refused_ = refused; }

  /// The program ends: says `offline`.
  void stop();

  void tick(Now now);
  Time deadline() const;
  void render(const Record& record, std::string& payload);

  bool is_online() const { return online_; }
  std::int64_t epoch() const { return epoch_; }

 private:
  void set_online(bool online);
  discovery::Json info() const;
  void announced_at(const std::string& prefix);
  void forget_prefixes();

  const Settings& settings_;
  const discovery::Topics& topics_;
  const Consumers& consumers_;
  Outbox& outbox_;
  Record* status_ = nullptr;
  Record* info_ = nullptr;
  Record* heartbeat_ = nullptr;
  HaConfig config_;
  std::vector<Record*> instance_;  // its announcements
  bool begun_ = false;
  bool ready_ = false;
  bool stopped_ = false;
  bool online_ = false;
  bool said_ = false;        // a status was written in this run
  bool status_due_ = false;  // and must be written again
  Time repair_at_ = never;   // because somebody else has written one
  Trespass trespass_;
  std::int64_t epoch_ = 0;
  std::int64_t held_epoch_ = 0;
  std::int64_t rival_epoch_ = 0;  // of the heartbeat at the broker
  std::string held_version_;
  std::int64_t link_since_ms_ = 0;
  std::vector<std::string> announced_under_;
  Time lost_at_{};  // when Home Assistant was lost; the start counts as a loss
  Time beat_at_ = never;
  Time info_at_ = never;
  std::uint64_t beats_ = 0;
  std::size_t published_ = 0;
  std::uint64_t refused_ = 0;
  discovery::Json last_refused_;
  std::map<std::string, std::size_t> lacks_;
  std::uint64_t images_refused_ = 0;
  discovery::ReasonCounts reasons_{};
};

}  // namespace bridge
