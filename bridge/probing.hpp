// What the broker lets this user do, found by messages that nobody keeps: each is sent, and awaited
// back where the right is to read. `statebus check` does this.
#pragma once

#include <string>
#include <vector>

#include "bridge/effects.hpp"
#include "bridge/rights.hpp"

namespace bridge {

/// One attempt of a right, and what came of it.
struct Trial {
  Right right;
  Attempt attempt;
  bool acknowledged = false;
  bool may_write = false;
  bool may_read = false;

  bool awaits() const { return !attempt.filter.empty(); }
};

class Probing {
 public:
  /// Tries all attempts of these rights.
  explicit Probing(const std::vector<Right>& rights);

  /// The main line is open.
  void start(Now now, Effects& effects);
  void acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects);
  /// Whether the message was one of the probes.
  bool arrived(const Message& message);

  bool is_done(Now now) const;
  /// When it is done at the latest, once it was started.
  Time deadline() const { return give_up_at_; }
  /// In the order of the rights.
  const std::vector<Trial>& trials() const { return trials_; }

 private:
  void send_next(Effects& effects);

  std::vector<Trial> trials_;
  std::size_t sent_ = 0;
  bool started_ = false;
  Time give_up_at_ = never;
};

}  // namespace bridge
