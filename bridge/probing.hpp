// What the broker lets this user do, found by messages that nobody keeps: each is sent, and awaited
// back where the bridge would have to read it. `statebus check` does this.
#pragma once

#include <string>
#include <vector>

#include "bridge/effects.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// What is tried: the own topics, those of other instances, commands, announcements under a prefix.
enum class Probe : std::uint8_t { own, others, commands, announcements };

struct Rights {
  bool may_write = false;
  bool may_read = false;  // what came back; of other instances nothing is awaited
};

struct Trial {
  Probe probe = Probe::own;
  std::string filter;  // for messages, and subscribed to where `reads`
  std::string topic;
  bool reads = true;
  bool acknowledged = false;
  Rights rights;
};

class Probing {
 public:
  /// The prefixes are those that an instance announces under.
  Probing(const discovery::Topics& topics, const std::vector<std::string>& prefixes);

  /// The main line is open.
  void start(Now now, Effects& effects);
  void acknowledged(std::uint64_t token, bool accepted, Now now);
  /// Whether the message was one of the probes.
  bool arrived(const Message& message);

  bool is_done(Now now) const;
  /// When it is done at the latest, once it was started.
  Time deadline() const { return give_up_at_; }
  /// In the order of the probes; announcements once for each prefix.
  const std::vector<Trial>& trials() const { return trials_; }

 private:
  std::vector<Trial> trials_;
  bool started_ = false;
  Time give_up_at_ = never;
};

}  // namespace bridge
