#include "bridge/broker_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bridge {
namespace {

constexpr Time first_wait{1'000};
constexpr Time last_wait{30'000};
// A broker that refuses will refuse again until somebody changes something.
constexpr Time refused_wait{30'000};
constexpr Time opening_timeout{30'000};
constexpr Time good_life{60'000};

}  // namespace

/// MQTT 5 section 3.2.2.2.
std::string why_refused(int reason) {
  switch (reason) {
    case 0x85:
      return "it does not take the client id; another rule of the broker forbids it";
    case 0x86:
      return "user name or password is wrong; check broker.username and broker.password_file";
    case 0x87:
      return "not authorized; check broker.username, broker.password_file and the broker's ACL";
    case 0x84:
      return "it does not speak MQTT 5; Mosquitto 1.6 or later does";
    case 0x88:
    case 0x89:
      return "it is unavailable or busy";
    case session_taken_over:
      return "another bridge of this instance runs, and was started later; this one stays away "
             "until that has ended. Stop one of the two, or give it a name of its own (instance)";
    case 0x8A:
      return "this client is banned there";
    case 0x97:
    case 0x9F:
      return "its quota of connections or messages is used up";
    default:
      return fmt::format("it refused the connection with reason code {:#04x}", reason);
  }
}

unsigned window_for(const BrokerLimits& limits) {
  return std::clamp<unsigned>(limits.receive_maximum, 1, 100);
}

std::string why_unusable(const BrokerLimits& limits) {
  if (!limits.retain_available) {
    return "it keeps no retained messages, and statebus cannot work without them; allow them there "
           "(Mosquitto: retain_available true)";
  }
  if (!limits.wildcards_available) {
    return "it allows no wildcards in subscriptions, so that commands cannot arrive; statebus "
           "cannot work with it";
  }
  return {};
}

BrokerLink::BrokerLink(Settings settings)
    : settings_(std::move(settings)), backoff_(first_wait, last_wait, settings_.seed) {}

void BrokerLink::read(Now now, Effects& effects) {
  phase_ = Phase::opening;
  retry_at_ = now.at + opening_timeout;
  effects.broker.push_back(BrokerOpen{Line::main, settings_.will_topic, /*same_broker=*/true});
}

void BrokerLink::opened(const std::string& url, Now now) {
  phase_ = Phase::open;
  open_since_ = now.at;
  open_at_ = url;
  last_failure_.clear();
}

void BrokerLink::closed(const std::string& why, int reason, Now now, Effects& effects) {
  if (phase_ == Phase::waiting) return;
  const bool was_open = phase_ == Phase::open;
  if (was_open && now.at - open_since_ >= good_life) backoff_.reset();
  // Whoever has another broker goes there at once, but not in a circle between two that both hang
  // up.
  const bool at_once = settings_.has_reserve && was_open && backoff_.failures() == 0;
  const Time wait = backoff_.next();
  if (reason == 0) {
    return retry_after(at_once ? Time{0} : wait, why, Level::warning, now, effects);
  }
  retry_after(std::max(wait, refused_wait), why_refused(reason), Level::error, now, effects);
}

void BrokerLink::unreachable(const std::string& why, Now now, Effects& effects) {
  retry_after(backoff_.knock(), why, Level::warning, now, effects);
}

void BrokerLink::retry_after(Time wait, const std::string& why, Level level, Now now,
                             Effects& effects) {
  const bool was_open = std::exchange(phase_, Phase::waiting) == Phase::open;
  retry_at_ = now.at + wait;
  if (was_open || why != last_failure_) {
    effects.say(level, fmt::format("the broker at {}: {}; trying again",
                                   was_open ? open_at_ : settings_.url, why));
  }
  last_failure_ = why;
}

BrokerLink::Wish BrokerLink::tick(Time oldest_in_flight, Now now, Effects& effects) {
  if (phase_ == Phase::reading) return Wish::nothing;
  if (phase_ == Phase::waiting) {
    if (now.at < retry_at_) return Wish::nothing;
    phase_ = Phase::reading;
    return Wish::read;
  }
  const bool stuck = phase_ == Phase::opening
                         ? now.at >= retry_at_
                         : oldest_in_flight != never && now.at >= oldest_in_flight + patience();
  if (!stuck) return Wish::nothing;
  effects.broker.push_back(BrokerClose{Line::main});
  closed(phase_ == Phase::opening ? "it did not answer within 30 s"
                                  : "it has stopped acknowledging messages",
         0, now, effects);
  return Wish::forget;
}

Time BrokerLink::deadline(Time oldest_in_flight) const {
  if (phase_ == Phase::reading) return never;
  if (phase_ != Phase::open) return retry_at_;
  return oldest_in_flight == never ? never : oldest_in_flight + patience();
}

}  // namespace bridge
