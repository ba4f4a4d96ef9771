// So many a second on average, a few more at once: for commands that come and refusals that are
// told.
#pragma once

#include <algorithm>

#include "bridge/effects.hpp"

namespace bridge {

class Allowance {
 public:
  Allowance(double per_second, double at_once)
      : per_second_(per_second), at_once_(at_once), left_(at_once) {}

  /// Takes one, if there is one.
  bool take(Now now) {
    const double seconds = std::chrono::duration<double>(now.at - refilled_).count();
    refilled_ = now.at;
    left_ = std::min(left_ + seconds * per_second_, at_once_);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double at_once_;
  double left_;
  Time refilled_{};
};

}  // namespace bridge
