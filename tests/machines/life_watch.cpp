#include "tests/machines/life_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace machines {
namespace {

constexpr std::string_view own_tree = "statebus/hubs/";
constexpr std::string_view replies = "statebus/main/reply/";
// A command that does not say how long it is valid (bridge/command_desk.cpp).
constexpr Time patience{10'000};
// So many refusals may come at once before some of them are no longer told.
constexpr int refusals_told = 20;

/// The number behind `key`; -1 without one.
int number_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return -1;
  int number = -1;
  std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  return number;
}

/// The text behind `key`, up to its quotation mark.
std::string_view text_after(std::string_view text, std::string_view key) {
  const auto at = text.rfind(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

void LifeWatch::wrong(const std::string& invariant, const std::string& what) {
  wrongs_.push_back(fmt::format("{}: {} at {}", invariant, what, simulation_.now().count()));
}

Time LifeWatch::ha_known_at() const {
  // Its states and all its lists have come by then.
  constexpr Time to_be_told{20'000};
  const bool told = ha_since_ != bridge::never && simulation_.now() >= ha_since_ + to_be_told;
  return told ? ha_heard_at_ : ha_lost_at_;
}

void LifeWatch::expect(int number, bool is_call, bool has_id) {
  asked_[number] = {.is_call = is_call, .has_id = has_id};
}

bool LifeWatch::is_own(const std::string& topic) const {
  if (topic.starts_with(own_tree)) {
    const std::string_view rest = std::string_view(topic).substr(own_tree.size());
    return !rest.starts_with("command/") && rest != "call";
  }
  if (topic.starts_with(replies)) return asked_.contains(number_after(topic, replies));
  return topic.starts_with("homeassistant/") && topic.ends_with("/config") &&
         topic.find("/hubs/statebus-hubs") != std::string::npos;
}

void LifeWatch::published(const bridge::Publish& message) {
  ++messages_;
  if (trace_) trace_(fmt::format("  > {} {}", message.topic, message.payload.substr(0, 200)));
  if (!is_own(message.topic)) wrong("outside its own tree", message.topic);
  if (++unacknowledged_ > window_) wrong("beyond the window", message.topic);
  if (message.retain) {
    if (!in_flight_.insert(message.topic).second) wrong("two in flight", message.topic);
    if (message.payload.empty()) {
      if (const std::string why = clears_(message.topic); !why.empty()) {
        wrong("deleted on doubt", message.topic + why);
      }
    } else if (message.topic.starts_with("statebus/hubs/state/")) {
      look_at_order(message);
    }
  } else if (message.topic.starts_with(replies)) {
    answered(message);
  } else if (message.topic == "statebus/hubs/refused") {
    refused(message);
  }
}

/// A document tells when its state was last written; that time never goes back at a topic.
void LifeWatch::look_at_order(const bridge::Publish& message) {
  const std::string updated(text_after(message.payload, R"("last_updated":")"));
  if (updated.empty()) return;  // there is no state, so the bridge says `unavailable` itself
  std::string& newest = newest_[message.topic];
  if (updated < newest) wrong("an older value after a newer one", message.topic);
  newest = std::max(newest, updated);
}

void LifeWatch::acknowledged(const std::string& topic) {
  in_flight_.erase(topic);
  --unacknowledged_;
}

void LifeWatch::broker_opened(unsigned window) {
  window_ = window;
  unacknowledged_ = 0;
  in_flight_.clear();
  if (trace_) trace_("  the broker is there");
}

void LifeWatch::delivered(const bridge::Message& message) {
  const auto found = asked_.find(number_after(message.payload, R"("transition":)"));
  if (found == asked_.end()) return;
  Asked& asked = found->second;
  ++asked.arrivals;
  if (message.retained) return;
  ++asked.deliveries;
  const Time valid = message.expiry_s != 0 ? Time{std::chrono::seconds{message.expiry_s}}
                     : asked.is_call       ? Time{1h}
                                           : patience;
  asked.expires = std::max(asked.expires, message.arrived + valid);
}

void LifeWatch::asked(const std::string& frame) {
  if (trace_) trace_("  > Home Assistant: " + frame.substr(0, 200));
  const bool logs_in = frame.find(R"("subscribe_entities")") != std::string::npos;
  if (logs_in) ha_since_ = std::min(ha_since_, simulation_.now());
  if (frame.find(R"("call_service")") == std::string::npos) return;
  const int number = number_after(frame, R"("transition":)");
  const auto found = asked_.find(number);
  if (found == asked_.end()) return wrong("a call that nobody has asked for", frame);
  Asked& asked = found->second;
  ++asked.runs;
  ++asked.all_runs;
  const std::string name = fmt::format("{} {}", asked.is_call ? "call" : "command", number);
  if (asked.deliveries == 0) return wrong("run although retained", name);
  if (simulation_.now() >= asked.expires) wrong("run although expired", name);
  if (asked.has_id && asked.runs > 1) wrong("run twice", name);
  if (asked.all_runs > asked.deliveries) wrong("run more often than it came", name);
}

void LifeWatch::ended(Ending what) {
  static constexpr const char* names[] = {"to Home Assistant", "to the broker", "of the bridge"};
  if (trace_) trace_(fmt::format("  the end {}", names[static_cast<std::size_t>(what)]));
  if (what != Ending::broker && std::exchange(ha_since_, bridge::never) != bridge::never) {
    ha_lost_at_ = ha_heard_at_;
  }
  for (auto& [number, asked] : asked_) {
    if (asked.deliveries > 0) asked.excused = true;
    // A new process knows no ids, and an unanswered call may be asked for again by its id.
    if (what != Ending::broker) asked.runs = 0;
  }
}

void LifeWatch::answered(const bridge::Publish& message) {
  const int number = number_after(message.topic, replies);
  Asked& asked = asked_[number];
  ++asked.answers;
  if (message.payload.find(R"("ok":true)") != std::string::npos) ++asked.good_answers;
  const std::string name = fmt::format("call {}", number);
  if (asked.answers > asked.arrivals) wrong("answered twice", name);
  if (asked.good_answers > asked.all_runs) wrong("answered without a run", name);
}

void LifeWatch::refused(const bridge::Publish& message) {
  ++refusals_;
  const auto found = asked_.find(number_after(message.payload, R"("id":"c)"));
  if (found != asked_.end()) ++found->second.refusals;
}

void LifeWatch::rested() {
  for (const auto& [number, asked] : asked_) {
    if (asked.deliveries == 0 || asked.excused || !asked.has_id) continue;
    if (asked.is_call && asked.answers == 0)
      wrong("never answered", fmt::format("call {}", number));
    const bool may_be_untold = refusals_ >= refusals_told;
    if (asked.is_call || may_be_untold || asked.all_runs + asked.refusals > 0) continue;
    wrong("neither run nor refused", fmt::format("command {}", number));
  }
}

}  // namespace machines
