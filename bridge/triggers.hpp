// The device triggers of published devices: asks Home Assistant for them, device by device, keeps
// an announcement of each one that belongs to no entity, and tells when it fires.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bridge/ha_session.hpp"
#include "bridge/outbox.hpp"
#include "bridge/publications.hpp"
#include "bridge/settings.hpp"
#include "discovery/trigger.hpp"

namespace bridge {

class Triggers {
 public:
  Triggers(const Settings& settings, const discovery::Topics& topics, const discovery::Home& home,
           const Publications& publications, const Consumers& consumers, HaSession& session,
           Outbox& outbox)
      : settings_(settings),
        topics_(topics),
        home_(home),
        publications_(publications),
        consumers_(consumers),
        session_(session),
        outbox_(outbox) {}

  /// A new login: Home Assistant knows of no subscription.
  void connected();
  /// Main may have to be told something else of a device, and a device may have other triggers.
  void facts_changed(Now now);
  /// They are announced for the consumers that there are now, and for no other.
  void consumers_changed();
  void heard(const discovery::HaMessage& message, Now now, Effects& effects);

  /// Asks and removes what is due; nothing while `may_delete` is false.
  void tick(bool may_delete, Now now, Effects& effects);
  Time deadline(bool may_delete) const;

  /// Makes the payload of an announcement.
  void render(const Record& record, std::string& payload) const;

 private:
  struct Trigger {
    std::string device_id;
    discovery::DeviceTrigger told;       // empty: known from the broker alone
    std::vector<Record*> announcements;  // one for each consumer
    Time missing_since = never;
  };
  struct Subscribed {
    std::string device_id;
    discovery::DeviceTrigger trigger;
  };

  void look_soon(Time at);
  void begin_pass(Now now, Effects& effects);
  void line_up();
  void adopt(Now now);
  void ask_next(Now now, Effects& effects);
  void listed(const std::vector<discovery::DeviceTrigger>& triggers, Now now, Effects& effects);
  void announce(const Subscribed& subscribed);
  void touch_announcements(const std::string& object, Trigger& trigger);
  void refused(const discovery::HaMessage& message, Effects& effects);
  template <typename Lacks>
  void unsubscribe(Lacks lacks, Effects& effects);

  const Settings& settings_;
  const discovery::Topics& topics_;
  const discovery::Home& home_;
  const Publications& publications_;
  const Consumers& consumers_;
  HaSession& session_;
  Outbox& outbox_;
  std::map<std::string, Trigger, std::less<>> by_object_;
  std::map<std::int64_t, Subscribed> subscribed_;  // by the number of the subscription
  std::deque<std::string> to_ask_;                 // device ids
  std::set<std::string> known_;                    // asked for since the login
  std::string asked_device_;
  std::int64_t asked_ = 0;  // the number of the question; 0: none waits for its answer
  Time next_at_{};          // when the next is asked, or an answer is given up
  Time pass_at_{};
  bool looks_twice_ = false;
  std::uint64_t device_changes_ = 0;  // of the publications, as last seen
  bool may_delete_ = false;
  bool denied_ = false;         // since the login
  std::set<std::string> said_;  // codes of refusals
};

}  // namespace bridge
