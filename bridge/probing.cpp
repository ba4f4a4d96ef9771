#include "bridge/probing.hpp"

#include <algorithm>

namespace bridge {
namespace {

constexpr Time answer_patience{10'000};
// What the broker does not let this user read it drops without a word.
constexpr Time return_patience{2'000};

}  // namespace

Probing::Probing(const discovery::Topics& topics, const std::vector<std::string>& prefixes) {
  const discovery::Topics other(topics.root(), "statebus_check");
  trials_ = {
      {.probe = Probe::own, .filter = topics.all(), .topic = topics.reply("probe")},
      {.probe = Probe::others,
       .filter = other.all(),
       .topic = other.reply("probe"),
       .reads = false},
      {.probe = Probe::commands, .filter = topics.all_commands(), .topic = topics.command_probe()},
  };
  for (const std::string& prefix : prefixes) {
    trials_.push_back({.probe = Probe::announcements,
                       .filter = topics.below_announcements(prefix),
                       .topic = topics.announcement_probe(prefix)});
  }
}

void Probing::start(Now now, Effects& effects) {
  started_ = true;
  give_up_at_ = now.at + answer_patience;
  for (const Trial& trial : trials_) {
    if (!trial.reads) continue;
    // Commands by the filter of the running bridge, so that its refusal shows; of the rest the
    // probe alone.
    const bool commands = trial.probe == Probe::commands;
    effects.broker.push_back(Subscribe{
        Line::main, {{.filter = commands ? trial.filter : trial.topic, .retained = false}}});
  }
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    effects.broker.push_back(
        Publish{.token = i + 1, .topic = trials_[i].topic, .payload = "probe"});
  }
}

void Probing::acknowledged(std::uint64_t token, bool accepted, Now now) {
  if (token == 0 || token > trials_.size()) return;
  Trial& trial = trials_[token - 1];
  trial.acknowledged = true;
  trial.rights.may_write = accepted;
  const bool all = std::all_of(trials_.begin(), trials_.end(),
                               [](const Trial& each) { return each.acknowledged; });
  if (all) give_up_at_ = now.at + return_patience;
}

bool Probing::arrived(const Message& message) {
  for (Trial& trial : trials_) {
    if (trial.topic != message.topic) continue;
    trial.rights.may_read = true;
    return true;
  }
  return false;
}

bool Probing::is_done(Now now) const {
  if (!started_) return false;
  if (now.at >= give_up_at_) return true;
  return std::all_of(trials_.begin(), trials_.end(), [](const Trial& trial) {
    const bool awaited = trial.reads && trial.rights.may_write && !trial.rights.may_read;
    return trial.acknowledged && !awaited;
  });
}

}  // namespace bridge
