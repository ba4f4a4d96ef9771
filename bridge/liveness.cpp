#include "bridge/liveness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bridge {
namespace {

// Three periods, which is how long a heartbeat is valid.
constexpr Time period{30'000};
constexpr Time heartbeat_lasts = 3 * period;
// More than a home has; names come from whoever may write at the broker.
constexpr std::size_t instances_max = 1000;

}  // namespace

std::vector<std::string> Liveness::filters() const {
  if (settings_.consume.prefix.empty()) return {};
  return {topics_.every_status(), topics_.every_heartbeat()};
}

void Liveness::heard(const discovery::TopicParts& parts, const Message& message, Now now) {
  auto found = instances_.find(parts.instance);
  if (found == instances_.end()) {
    if (instances_.size() == instances_max) return;
    found = instances_.emplace(parts.instance, Instance{}).first;
  }
  Instance& instance = found->second;
  if (parts.kind == discovery::TopicParts::Kind::heartbeat) {
    if (message.payload.empty()) return;
    // A retained one has come before: what is left of it counts, so that nobody is alive for longer
    // than three periods after the last. When the broker was away, all have some time to come back.
    const Time lasts =
        message.expiry_s == 0 ? heartbeat_lasts : Time{std::chrono::seconds{message.expiry_s}};
    instance.alive_until = now.at + std::clamp(lasts, period, heartbeat_lasts);
    return;
  }
  instance.online = message.payload == "online";
  // Its next heartbeat must come within that time, whether there is one at present or not.
  if (instance.online && instance.alive_until <= now.at) {
    instance.alive_until = now.at + heartbeat_lasts;
  }
}

void Liveness::tick(Now now, Effects& effects) {
  for (auto& [name, instance] : instances_) {
    if (!instance.online || now.at < instance.alive_until) continue;
    instance.online = false;
    // The owner, should it live after all, puts its own word back.
    outbox_.send(discovery::Topics(topics_.root(), name).status(), "offline", true);
    effects.say(Level::warning,
                fmt::format("instance {} has given no heartbeat for 90 s, and is called offline; "
                            "see whether its bridge runs",
                            name));
  }
}

Time Liveness::deadline() const {
  Time next = never;
  for (const auto& [name, instance] : instances_) {
    if (instance.online) next = std::min(next, instance.alive_until);
  }
  return next;
}

}  // namespace bridge
