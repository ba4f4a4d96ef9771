// Growing waits between attempts: doubled from the first to the last, with noise, so that bridges
// that lost the same broker do not all come back at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "bridge/effects.hpp"

namespace bridge {

class Backoff {
 public:
  Backoff(Time first, Time last, std::uint64_t seed)
      : first_(first), last_(last), noise_(seed | 1) {}

  /// The wait before the next attempt, up to a fifth shorter or longer than the doubled one.
  Time next() {
    const Time plain = std::min(first_ * (std::int64_t{1} << std::min(failures_, 20)), last_);
    ++failures_;
    return with_noise(plain);
  }

  /// The wait before the next attempt after one that met nobody. It does not grow: to knock again
  /// costs nobody anything, and whoever comes back shall be found at once.
  Time knock() { return with_noise(first_); }

  int failures() const { return failures_; }
  void reset() { failures_ = 0; }

 private:
  Time with_noise(Time plain) {
    noise_ ^= noise_ << 13;  // xorshift64: noise need not be more
    noise_ ^= noise_ >> 7;
    noise_ ^= noise_ << 17;
    const auto fifth = std::max<std::int64_t>(plain.count() / 5, 1);
    const auto offset =
        static_cast<std::int64_t>(noise_ % static_cast<std::uint64_t>(2 * fifth + 1));
    return plain + Time{offset - fifth};
  }

  Time first_;
  Time last_;
  std::uint64_t noise_;
  int failures_ = 0;
};

}  // namespace bridge
