// What other instances have announced for this one's Home Assistant and what that one has not made
// an entity of: a broker with small queues drops announcements without a word, and so does a Home
// Assistant that is busy. It is asked for again, a few times, and then called lacking.
//
// What is announced the indexes of the instances tell, what there is the own entity registry and
// states.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bridge/allowance.hpp"
#include "bridge/announced_names.hpp"
#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"

namespace bridge {

class Lacking {
 public:
  Lacking(const Settings& settings, const discovery::Topics& topics, const discovery::Home& home,
          Outbox& outbox)
      : settings_(settings), topics_(topics), home_(home), outbox_(outbox) {}

  /// What it has to hear of others beside status and info; nothing unless this instance consumes.
  std::vector<std::string> filters() const;
  /// An index, status or info of another instance that this one takes from.
  void heard(const discovery::TopicParts& parts, const Message& message, Now now);
  /// Without a connection nothing is known of others.
  void broker_lost();
  /// A new login: what was given up is asked for again.
  void ha_connected();
  /// Home Assistant has told its entity registry anew.
  void registry_told(Now now);

  /// Its MQTT integration was set up after the login, which alone tells what is loaded.
  bool sees_mqtt() const { return sees_mqtt_; }

  /// Looks when that is due, and asks at a bounded pace; does nothing while Home Assistant does not
  /// tell all, or has no MQTT (`ha_shows_all`).
  void tick(bool ha_shows_all, Now now, Effects& effects);
  Time deadline() const;

  /// The entity ids of disabled mirrored entities that nobody announces any more, each once.
  std::vector<std::string> take_left_behind() { return std::exchange(left_behind_, {}); }

  /// How many entities were lacking although they were asked for, by instance.
  const std::map<std::string, std::size_t>& lacks() const { return lacks_; }

 private:
  struct Missing {
    int asked = 0;  // so many times
    Time ask_at{};  // again, or when it is given up
    bool given_up = false;
  };
  struct Instance {
    bool online = false;
    std::int64_t epoch = 0;
    std::size_t index_buckets = 0;
    AnnouncedNames announced;
    std::set<std::string> unannounced;  // entity ids, as the last look has found them
    std::map<std::string, Missing, std::less<>> missing;  // as in `announced`
    Time changed_since = never;                           // the index, since the last look
    Time look_at = never;
  };

  void begin_anew(Instance& instance, Now now);
  void index_changed(Instance& instance, Now now);
  Time due(const Instance& instance) const;
  void look(const std::string& name, Instance& instance, Now now, Effects& effects);
  void find_left_behind(Instance& instance, std::set<std::string> unannounced, Now now);
  void ask_for_missing(const std::string& name, Instance& instance, bool shows_any, Now now,
                       Effects& effects);
  std::string text_of_lacking(const std::string& name,
                              const std::vector<std::string>& given_up) const;
  std::string text_of_nothing(const std::string& name, std::size_t count) const;
  void send_asked(Now now);

  const Settings& settings_;
  const discovery::Topics& topics_;
  const discovery::Home& home_;
  Outbox& outbox_;
  std::map<std::string, Instance, std::less<>> instances_;
  std::map<std::string, std::size_t> lacks_;
  std::vector<std::string> left_behind_;
  std::deque<std::string> to_ask_;  // topics
  Allowance pace_{50, 50};
  Time next_ask_ = never;
  bool sees_mqtt_ = false;
  Time complete_since_ = never;  // Home Assistant shows all
  Time read_again_at_ = never;   // all indexes
};

}  // namespace bridge
