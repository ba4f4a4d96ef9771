// The publishing bridge: its Home Assistant to the broker, commands back to its Home Assistant.
//
// It wires the machines to each other and holds no knowledge of its own: read this file first.
// Home Assistant's frames go to HaSession, which tells this role; the role applies them to Home,
// and Publications marks what changed in the Outbox; the Outbox asks the role for payloads as it
// sends.
#pragma once

#include <array>

#include "bridge/allowance.hpp"
#include "bridge/broker_link.hpp"
#include "bridge/bulk_read.hpp"
#include "bridge/calls.hpp"
#include "bridge/command_desk.hpp"
#include "bridge/consume_role.hpp"
#include "bridge/consumers.hpp"
#include "bridge/deletions.hpp"
#include "bridge/firings.hpp"
#include "bridge/ha_session.hpp"
#include "bridge/images.hpp"
#include "bridge/outbox.hpp"
#include "bridge/own_prefix.hpp"
#include "bridge/presence.hpp"
#include "bridge/publications.hpp"
#include "bridge/refusals.hpp"
#include "bridge/settings.hpp"
#include "bridge/triggers.hpp"

namespace bridge {

class PublishRole : public HaListener {
 public:
  PublishRole(Settings settings, HaSession::Token token);

  void start(Now now, Effects& effects);

  // Home Assistant's connection.
  /// The user's rules from now on.
  void set_filter(std::vector<discovery::FilterRule> rules, Now now);
  /// The file with the token was read again.
  void token_may_be_new(Now now) { session_.token_may_be_new(now); }
  void ha_opened(Now now);
  void ha_frame(discovery::PaddedJson frame, Now now, Effects& effects);
  void ha_closed(const std::string& why, int http_status, Now now, Effects& effects);
  void picture_answered(PictureAnswer answer, Now now, Effects& effects) {
    images_.answered(std::move(answer), now, effects);
  }

  // The broker's connections.
  void broker_opened(Line line, const BrokerLimits& limits, Now now, Effects& effects);
  void broker_closed(Line line, const std::string& why, int reason, Now now, Effects& effects);
  void arrived(Line line, const Message& message, Now now, Effects& effects);
  void acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects);

  /// Does what is due. Every step ends with this one, and it is called again at the deadline.
  void tick(Now now, Effects& effects);
  Time deadline(Now now) const;

  /// The first snapshot is on the bus and the instance has called itself online.
  bool is_online() const { return presence_.is_online(); }
  /// Says `offline`, because the program ends; it may end once `is_idle`.
  void stop(Now now, Effects& effects);
  bool is_idle() const { return !outbox_.is_open() || outbox_.idle(); }
  const Publications& publications() const { return publications_; }
  /// How many topics it keeps in memory.
  std::size_t records() const { return outbox_.size(); }
  const discovery::Home& home() const { return home_; }

 private:
  /// Sets the effects that listeners write to for the length of a step.
  class Step {
   public:
    Step(Effects*& place, Effects& effects) : place_(place) { place_ = &effects; }
    ~Step() { place_ = nullptr; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Effects*& place_;
  };

  void ha_connected(const std::string& version, Now now) override;
  void ha_lost(Now now) override;
  void ha_config(const HaConfig& config, Now now) override;
  void ha_states(discovery::PaddedJson event, bool snapshot, Now now) override;
  void ha_registry(Registry registry, discovery::PaddedJson list, Now now) override;
  void ha_renamed(const std::string& from, const std::string& to, Now now) override;
  void ha_heard(const discovery::HaMessage& message, Now now) override;
  void ha_call_done(const CallResult& result, Now now) override;

  /// Who reads in bulk at present; the main line is there before another than `bulk_` does.
  BulkRead& bulk_line() { return consume_.reading() == nullptr ? bulk_ : *consume_.reading(); }
  void read_back(const Message& message);
  void take_consumers(Now now, Effects& effects);
  void expect_announcements();
  void start_reading(Now now, Effects& effects);
  void reading_done(Now now, Effects& effects);
  void main_line_lost(Effects& effects);
  void subscribe(Effects& effects);
  void watch_announcements(Effects& effects);
  void give_way(Now now, Effects& effects);
  void restore(const discovery::TopicParts& parts, const Message& message, Now now,
               Effects& effects);
  void announce_again(const discovery::TopicParts& parts, const Message& message, Now now);
  void tell_alarms(Now now, Effects& effects);
  void apply(discovery::Home::Applied applied, Now now);
  void reread_due(Now now);
  void judge_newcomers(Now now);
  void publish_places(const std::string& topic, What what);
  void stay_offline(Effects& effects);
  bool has_all_lists() const;
  /// Home Assistant tells all that it has.
  bool is_started() const { return config_.running && !config_.recovery_mode; }
  bool may_delete() const;
  bool may_fetch() const;
  void render(const Record& record, std::string& payload);

  Settings settings_;
  discovery::Topics topics_;
  discovery::Home home_;
  HaSession session_;
  BrokerLink link_;
  BulkRead bulk_;
  Consumers consumers_;
  Outbox outbox_;
  Publications publications_;
  Images images_;
  Refusals refusals_;
  CommandDesk desk_;
  Calls calls_;
  Firings firings_;
  Triggers triggers_;
  Deletions deletions_;
  OwnPrefix own_prefix_;
  Presence presence_;
  ConsumeRole consume_;

  HaConfig config_;
  std::array<bool, registry_count> listed_{};  // registries: have told their list since the login
  bool snapshot_applied_ = false;              // since the login
  bool snapshot_complete_ = false;             // it was taken after Home Assistant had started
  bool settled_ = false;                       // what only the broker knew has been decided on
  bool broker_read_ = false;                   // since the connection to the broker
  Now reading_since_;
  std::vector<std::string> watched_prefixes_;   // whose announcements are subscribed to
  std::string own_prefix_told_;                 // as the log was last told
  std::uint64_t consumer_changes_ = 0;          // as the others were last told
  bool told_withheld_ = false;                  // likewise: that the status stays offline
  Allowance tellings_{1.0 / 60, 3};             // of what could not be taken
  discovery::StringMap<Time> announced_again_;  // by topic, so that nobody has it without end
  std::vector<std::string> held_descriptions_;
  std::vector<std::string> indexed_announcements_;  // whose prefix no info has told yet
  Time reread_at_ = never;                          // all states, because something was lost
  Time reread_pause_until_{};                       // not before
  Effects* effects_ = nullptr;  // of the step that is being done; what listeners wish goes there
};

}  // namespace bridge
