// What systemd hears of the loop while it turns. A bridge that hangs, and so cannot end itself, is
// killed and started anew (WatchdogSec in packaging/systemd/statebus.service).
#pragma once

#include <systemd/sd-daemon.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>

namespace bridge::cli {

class Watchdog {
 public:
  /// Where nobody watches it does nothing.
  explicit Watchdog(boost::asio::io_context& loop) : timer_(loop) {
    std::uint64_t patience_us = 0;
    if (sd_watchdog_enabled(0, &patience_us) <= 0) return;
    period_ = std::chrono::microseconds(patience_us / 2);  // as sd_watchdog_enabled(3) advises
    tell();
  }

 private:
  void tell() {
    sd_notify(0, "WATCHDOG=1");
    timer_.expires_after(period_);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) tell();
    });
  }

  boost::asio::steady_timer timer_;
  std::chrono::microseconds period_{};
};

}  // namespace bridge::cli
