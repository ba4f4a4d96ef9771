#include "tests/scripted_ha/load.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/scripted_ha/messages.hpp"

namespace scripted_ha {
namespace {

constexpr std::uint64_t changes_between_looks = 64;  // at the queues
constexpr std::chrono::microseconds pause{500};

std::int64_t monotonic_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

bool Load::start(LoadPlan plan, Done done) {
  if (running_) return false;
  targets_.clear();
  for (const auto& [id, state] : server_.house().states()) {
    if (!id->starts_with("sensor.")) continue;
    targets_.push_back(
        {*id, messages::event_head(R"({"c":{)") + to_text(Json(*id)) + R"(:{"+":{"s":")"});
    if (targets_.size() == plan.entities) break;
  }
  if (targets_.empty()) return false;
  plan_ = plan;
  done_ = std::move(done);
  sent_ = 0;
  started_ = std::chrono::steady_clock::now();
  running_ = true;
  tick();
  return true;
}

std::uint64_t Load::due(double elapsed) const {
  if (plan_.count > 0) return plan_.count - sent_;
  if (plan_.rate <= 0) return std::numeric_limits<std::uint64_t>::max();
  const auto total = static_cast<std::uint64_t>(plan_.rate * std::min(elapsed, plan_.seconds));
  return total - std::min(total, sent_);
}

void Load::tick() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
  std::uint64_t left = due(elapsed.count());
  bool over = plan_.count == 0 && elapsed.count() >= plan_.seconds;
  // At the end of an unlimited load nothing more is due; of a limited one the rest still is.
  if (over && plan_.rate <= 0) left = 0;
  while (left > 0 && server_.longest_queue() < plan_.queue_max) {
    // As fast as clients take it, is not at all where none does, or before the states are there.
    if (plan_.rate <= 0 && server_.followers() == 0) break;
    const std::uint64_t some = std::min(left, changes_between_looks);
    for (std::uint64_t index = 0; index < some; ++index) {
      if (!change(targets_[sent_ % targets_.size()])) return wait();
      ++sent_;
    }
    left -= some;
  }
  over = over || (plan_.count > 0 && sent_ == plan_.count);
  if (over) {
    running_ = false;
    return done_(sent_, elapsed.count());
  }
  wait();
}

void Load::wait() {
  timer_.expires_after(pause);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

bool Load::change(const Target& target) {
  House& house = server_.house();
  State* state = house.mutable_state(target.entity_id);
  if (state == nullptr) return false;
  const std::string value = std::to_string(++number_);
  const std::int64_t stamp = plan_.stamp ? monotonic_ns() : 0;
  if (state->context.user_id || state->context.parent_id) {
    // The difference would have to tell that the user is gone, which the house does rightly.
    Json attributes = state->attributes;
    if (plan_.stamp) attributes["sent_ns"] = stamp;
    house.set_state(target.entity_id, value, attributes);
    return true;
  }
  state->value = value;
  state->last_changed = state->last_updated = state->last_reported = house.now();
  state->context.id = new_ulid(state->last_changed);
  text_ = target.head;
  text_.append(value).append(R"(","lc":)").append(number_text(state->last_changed));
  text_.append(R"(,"c":")").append(state->context.id).append(1, '"');
  if (plan_.stamp) {
    state->attributes["sent_ns"] = stamp;
    text_.append(R"(,"a":{"sent_ns":)").append(std::to_string(stamp)).append(1, '}');
  }
  server_.send_change(target.entity_id, text_.append("}}}}"));
  return true;
}

}  // namespace scripted_ha
