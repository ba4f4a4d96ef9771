// How much may wait between a thread that brings things and one that works on them. Whoever brings
// more than is worked on waits here; from there it goes back through TCP to whoever sends.
#pragma once

#include <atomic>
#include <cstdint>

namespace bridge::io {

class Room {
 public:
  /// Less than 2 GiB.
  explicit constexpr Room(std::uint32_t bytes_max) : bytes_max_(bytes_max) {}

  /// Waits until there is room for it; what is larger than all of it has to be the only one.
  void enter(std::uint32_t bytes) {
    std::uint32_t held = held_.load(std::memory_order_relaxed);
    while (true) {
      const bool fits = held == 0 || (held & open) != 0 || held + bytes <= bytes_max_;
      if (!fits) {
        held_.wait(held, std::memory_order_relaxed);
        held = held_.load(std::memory_order_relaxed);
      } else if (held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed)) {
        return;
      }
    }
  }

  void leave(std::uint32_t bytes) {
    held_.fetch_sub(bytes, std::memory_order_relaxed);
    held_.notify_all();
  }

  bool is_empty() const { return (held_.load(std::memory_order_relaxed) & ~open) == 0; }

  /// From here on nobody waits: whoever works on it has ended, or waits for those who bring.
  void let_all_in() {
    held_.fetch_or(open, std::memory_order_relaxed);
    held_.notify_all();
  }
  void let_in_what_fits() { held_.fetch_and(~open, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t open = std::uint32_t{1} << 31;

  std::uint32_t bytes_max_;
  std::atomic<std::uint32_t> held_{0};
};

}  // namespace bridge::io
