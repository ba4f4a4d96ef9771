#include "bridge/probing.hpp"

#include <algorithm>

namespace bridge {
namespace {

constexpr Time answer_patience{10'000};
// What the broker does not let this user read it drops without a word.
constexpr Time return_patience{2'000};
// Half of what a stock broker acknowledges at once.
constexpr std::size_t window = 10;

}  // namespace

Probing::Probing(const std::vector<Right>& rights) {
  for (const Right& right : rights) {
    for (const Attempt& attempt : right.attempts) trials_.push_back({right, attempt});
  }
}

void Probing::start(Now now, Effects& effects) {
  started_ = true;
  give_up_at_ = now.at + answer_patience;
  Subscribe subscribe{Line::main, {}};
  for (const Trial& trial : trials_) {
    if (!trial.awaits()) continue;
    subscribe.subscriptions.push_back({.filter = trial.attempt.filter, .retained = false});
  }
  if (!subscribe.subscriptions.empty()) effects.broker.push_back(std::move(subscribe));
  for (std::size_t i = 0; i < window; ++i) send_next(effects);
}

void Probing::send_next(Effects& effects) {
  if (sent_ == trials_.size()) return;
  const std::string& topic = trials_[sent_].attempt.topic;
  effects.broker.push_back(Publish{.token = ++sent_, .topic = topic, .payload = "probe"});
}

void Probing::acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects) {
  if (token == 0 || token > sent_) return;
  Trial& trial = trials_[token - 1];
  trial.acknowledged = true;
  trial.may_write = accepted;
  send_next(effects);
  const bool all = std::all_of(trials_.begin(), trials_.end(),
                               [](const Trial& each) { return each.acknowledged; });
  if (all) give_up_at_ = now.at + return_patience;
}

bool Probing::arrived(const Message& message) {
  bool is_probe = false;
  for (Trial& trial : trials_) {
    if (trial.attempt.topic != message.topic) continue;
    is_probe = true;
    trial.may_read = true;
  }
  return is_probe;
}

bool Probing::is_done(Now now) const {
  if (!started_) return false;
  if (now.at >= give_up_at_) return true;
  return std::all_of(trials_.begin(), trials_.end(), [](const Trial& trial) {
    const bool awaited = trial.awaits() && trial.may_write && !trial.may_read;
    return trial.acknowledged && !awaited;
  });
}

}  // namespace bridge
