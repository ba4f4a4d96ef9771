// What others write and clear at the instance's topics, seen live. Home Assistant clears an
// announcement when a user deletes the entity or its device there. That is respected, unless all of
// the instance has gone with it, which is somebody clearing topics.
#pragma once

#include <string>
#include <vector>

#include "bridge/outbox.hpp"
#include "bridge/publications.hpp"
#include "bridge/triggers.hpp"

namespace bridge {

class Deletions {
 public:
  Deletions(Publications& publications, Triggers& triggers, Outbox& outbox)
      : publications_(publications), triggers_(triggers), outbox_(outbox) {}

  /// Somebody has written to a retained topic of the instance; what is wanted there comes back,
  /// and what is not wanted goes.
  void overwritten(const Message& message, Now now);
  /// What is not decided on is seen when the broker is read again.
  void broker_lost() { cleared_.clear(); }

  void tick(Now now, Effects& effects);
  Time deadline() const { return cleared_.empty() ? never : decide_at_; }

 private:
  std::vector<std::string> cleared_;  // topics of announcements
  Time decide_at_ = never;

  Publications& publications_;
  Triggers& triggers_;
  Outbox& outbox_;
};

}  // namespace bridge
