// Whether the process has slept, stopped by a signal or frozen with its container. What it reads
// just after that may have waited as long, and looks as if it had come this moment.
#pragma once

#include <optional>

#include "bridge/effects.hpp"

namespace bridge {

/// All times are of the clock of steps. That one stands still while a machine is suspended, which
/// is not noticed here: the clock that goes on then is one that jumps where time is faked.
class Wakefulness {
 public:
  /// `awake` has to be called so often.
  static constexpr Time period{1'000};

  /// The process runs. How long it has slept just before; 0 when it has not.
  Time awake(Time at) {
    const Time gap = last_ ? at - *last_ : Time{};
    if (gap >= sleep_min) {
      asleep_since_ = *last_;
      drained_at_ = at + drain;
    }
    last_ = at;
    return gap >= sleep_min ? gap : Time{};
  }

  /// How long what is read at `at` may have waited to be read.
  Time waited(Time at) const { return at < drained_at_ ? at - asleep_since_ : Time{}; }

 private:
  // A process that is merely kept busy is late by less.
  static constexpr Time sleep_min{3'000};
  // So long it takes at most to read what sockets kept meanwhile.
  static constexpr Time drain{2'000};

  std::optional<Time> last_;
  Time asleep_since_{};
  Time drained_at_{};
};

}  // namespace bridge
