// So many a second on average, a few more at once: for commands that come and refusals that are
// told.
#pragma once

#include <algorithm>
#include <cmath>

#include "bridge/effects.hpp"

namespace bridge {

class Allowance {
 public:
  Allowance(double per_second, double at_once)
      : per_second_(per_second), at_once_(at_once), left_(at_once) {}

  /// Takes one, if there is one.
  bool take(Now now) {
    refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  /// When there is one to take.
  Time next(Now now) {
    refill(now);
    const double wait_ms = std::max(0.0, 1 - left_) / per_second_ * 1000;
    return now.at + Time{static_cast<Time::rep>(std::ceil(wait_ms))};
  }

 private:
  void refill(Now now) {
    const double seconds = std::chrono::duration<double>(now.at - refilled_).count();
    refilled_ = now.at;
    left_ = std::min(left_ + seconds * per_second_, at_once_);
  }

  double per_second_;
  double at_once_;
  double left_;
  Time refilled_{};
};

}  // namespace bridge
