// The main connection to the broker: when to connect, what a refusal means, when it is taken for
// dead.
#pragma once

#include <string>

#include "bridge/backoff.hpp"
#include "bridge/effects.hpp"

namespace bridge {

/// MQTT 5's reason code; the bridge itself says so, too, when it finds a later one of its instance.
constexpr int session_taken_over = 0x8E;

class BrokerLink {
 public:
  struct Settings {
    std::string url;  // for messages alone; several with commas between them
    std::string will_topic;
    bool has_reserve = false;  // an attempt tries several brokers, one after the other
    Time keepalive{10'000};
    std::uint64_t seed = 1;
  };

  explicit BrokerLink(Settings settings);

  /// What a step asks its owner to do.
  enum class Wish {
    nothing,
    read,    // an attempt begins: read what the broker holds, then call `read`
    forget,  // the connection was given up
  };

  /// The first connection is the one that reads: Paho is slow to open a second one beside one that
  /// is idle, a second for each of its steps.
  void read(Now now, Effects& effects);
  /// `url` is where.
  void opened(const std::string& url, Now now);
  /// `reason` is the MQTT 5 reason code of a refusal, 0 when there was none.
  void closed(const std::string& why, int reason, Now now, Effects& effects);
  /// An attempt met no broker at all.
  void unreachable(const std::string& why, Now now, Effects& effects);
  /// `oldest_in_flight` is when the oldest unacknowledged message was sent.
  Wish tick(Time oldest_in_flight, Now now, Effects& effects);
  Time deadline(Time oldest_in_flight) const;

  bool is_open() const { return phase_ == Phase::open; }
  bool is_reading() const { return phase_ == Phase::reading; }

 private:
  enum class Phase { waiting, reading, opening, open };

  void retry_after(Time wait, const std::string& why, Level level, Now now, Effects& effects);
  Time patience() const { return settings_.keepalive + settings_.keepalive / 2; }

  Settings settings_;
  Backoff backoff_;
  Phase phase_ = Phase::waiting;
  Time retry_at_{};
  Time open_since_{};
  std::string open_at_;       // the address of the open connection
  std::string last_failure_;  // said once, not at each attempt
};

/// The MQTT 5 window for a broker that allows `receive_maximum`: Paho stalls beyond what the broker
/// acknowledges at once, and gains nothing beyond 100.
unsigned window_for(const BrokerLimits& limits);

/// What MQTT 5's reason code of a refused connection means, with what a user can do.
std::string why_refused(int reason);

/// Why statebus cannot work with such a broker; empty when it can.
std::string why_unusable(const BrokerLimits& limits);

}  // namespace bridge
