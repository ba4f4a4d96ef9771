#include "bridge/command_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "discovery/document.hpp"

namespace bridge {
namespace {

// Home Assistant publishes the parts of one call within a few milliseconds; the window covers a
// broker that is busy, and is not felt by a hand on a switch.
constexpr Time merge_window{60};
// So long a call is waited for by one that must not overtake it; some take minutes.
constexpr Time order_patience{2'000};
constexpr std::size_t running_max = 1'000;
// So many seconds of the allowed rate may wait. Announcements ask that a command expires after 10.
constexpr std::size_t queue_seconds = 8;
// A command that does not say how long it is valid may wait as long as those that main sends.
constexpr Time patience{10'000};

Time expiry_of(const Message& message) {
  return message.arrived +
         (message.expiry_s == 0 ? patience : Time{std::chrono::seconds{message.expiry_s}});
}

}  // namespace

CommandDesk::CommandDesk(const Settings& settings, const discovery::Home& home,
                         const Publications& publications, HaSession& session, Refusals& refusals)
    : settings_(settings),
      home_(home),
      publications_(publications),
      session_(session),
      refusals_(refusals),
      // Twice the rate may come at once: a scene on main commands many entities in one go.
      allowance_(settings.commands_per_second, 2.0 * settings.commands_per_second) {}

void CommandDesk::refuse(const std::string& entity_id, const discovery::Asked& asked,
                         const discovery::Refusal& why, Now now, Effects& effects) {
  discovery::Json told{{"entity_id", entity_id}};
  if (!asked.service.empty()) told["service"] = asked.service;
  if (!asked.id.empty()) told["id"] = asked.id;
  refusals_.tell(std::move(told), "a command for " + entity_id, why, now, effects);
}

void CommandDesk::refuse(const discovery::ServiceCall& call, const discovery::Refusal& why, Now now,
                         Effects& effects) {
  ids_.forget(call.entity_id, call.id);
  refuse(call.entity_id, {call.service, call.id}, why, now, effects);
}

void CommandDesk::received(const discovery::TopicParts& parts, const Message& message, Now now,
                           Effects& effects) {
  std::string entity_id = fmt::format("{}.{}", parts.domain, parts.object);
  if (!discovery::valid_entity_id(entity_id)) entity_id = discovery::shown(entity_id);
  const auto reject = [&](std::string_view code, const std::string& text) {
    const discovery::Asked asked = discovery::read_asked(message.payload);
    refuse(entity_id, asked, {code, text}, now, effects);
  };
  if (message.payload.empty()) return;  // somebody has cleared a retained command
  if (message.retained) {
    return reject("retained",
                  "it was retained, so that each reconnect would repeat it; publish "
                  "commands without the retain flag, and clear this one");
  }
  const Time expires = expiry_of(message);
  if (expires <= now.at) return reject("expired", "it came too late to be carried out");
  const Publication* const publication = publications_.find(entity_id);
  if (publication == nullptr || !publication->live) {
    return reject("not_published", "this instance publishes no such entity");
  }
  if (settings_.read_only) return reject("read_only", "commands.read_only is set");
  if (const std::string* glob = discovery::matching_glob(settings_.deny, entity_id)) {
    return reject("denied", "commands.deny names " + *glob);
  }
  discovery::CommandResult result = discovery::read_command(discovery::domain_of(parts.domain),
                                                            entity_id, parts.slot, message.payload);
  if (const auto* refusal = std::get_if<discovery::Refusal>(&result)) {
    return reject(refusal->code, refusal->message);
  }
  take({std::move(std::get<discovery::ServiceCall>(result)), expires}, now, effects);
}

void CommandDesk::take(Command command, Now now, Effects& effects) {
  const discovery::ServiceCall& call = command.call;
  if (!call.id.empty() && !ids_.add(call.entity_id, call.id, now)) {
    return effects.say(
        Level::debug,
        fmt::format("passed over a command for {}: its id was taken before", call.entity_id));
  }
  const discovery::Domain& domain = discovery::domain_of(call.domain());
  const auto same = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
    return w.command.call.entity_id == call.entity_id;
  });
  if (same != waiting_.end()) {
    if (discovery::merge_command(domain, same->command.call, call)) {
      same->command.expires = std::min(same->command.expires, command.expires);
      return;
    }
    // What does not belong to it comes after it.
    Command before = std::move(same->command);
    waiting_.erase(same);
    run(std::move(before), now, effects);
  }
  if (call.id.empty() && discovery::may_be_part(domain, call)) {
    waiting_.push_back({std::move(command), now.at + merge_window});
  } else {
    run(std::move(command), now, effects);
  }
}

Time CommandDesk::may_start(const discovery::ServiceCall& call, Now now) const {
  const auto& ordered = discovery::domain_of(call.domain()).in_order;
  const auto is_ordered = [&](const std::string& service) {
    return std::find(ordered.begin(), ordered.end(), service) != ordered.end();
  };
  Time at = now.at;
  if (!is_ordered(call.service)) return at;
  for (const auto& [number, running] : running_) {
    if (running.call.entity_id != call.entity_id || !is_ordered(running.call.service)) continue;
    at = std::max(at, running.since + order_patience);
  }
  return at;
}

CommandDesk::Pace& CommandDesk::pace_of(const std::string& entity_id) {
  const int rate = settings_.commands_per_entity;
  return paces_.try_emplace(entity_id, Pace{Allowance(rate, 2.0 * rate)}).first->second;
}

std::string CommandDesk::why_full(const Pace& pace) const {
  const auto full = [](std::size_t queued, int rate) {
    return queued >= queue_seconds * static_cast<std::size_t>(rate);
  };
  if (full(pace.queued, settings_.commands_per_entity)) {
    return fmt::format(
        "more than {} commands a second came for this entity (commands.per_entity), and {} wait",
        settings_.commands_per_entity, pace.queued);
  }
  if (full(queue_.size(), settings_.commands_per_second)) {
    return fmt::format("more than {} commands a second came (commands.per_second), and {} wait",
                       settings_.commands_per_second, queue_.size());
  }
  return {};
}

void CommandDesk::run(Command command, Now now, Effects& effects) {
  Pace& pace = pace_of(command.call.entity_id);
  if (const std::string why = why_full(pace); !why.empty()) {
    return refuse(command.call, {"rate", why}, now, effects);
  }
  ++pace.queued;
  queue_.push_back(std::move(command));
  start_queued(now, effects);
}

/// One that must not overtake an earlier call, or that comes too soon after it, holds back what
/// came after it for the same entity; when the rate of all is used up, all wait.
void CommandDesk::start_queued(Now now, Effects& effects) {
  std::unordered_set<std::string> behind;
  next_start_ = never;
  for (auto next = queue_.begin(); next != queue_.end();) {
    const auto queued = next++;
    const bool hopeless = !session_.is_live() || queued->expires <= now.at;
    Pace& pace = pace_of(queued->call.entity_id);
    if (!hopeless) {
      const Time at = behind.contains(queued->call.entity_id)
                          ? never
                          : std::max(may_start(queued->call, now), pace.allowance.next(now));
      if (at > now.at) {
        behind.insert(queued->call.entity_id);
        next_start_ = std::min({next_start_, at, queued->expires});
        continue;
      }
      if (!allowance_.take(now)) {
        next_start_ = std::min(next_start_, allowance_.next(now));
        return;
      }
      pace.allowance.take(now);
    }
    --pace.queued;
    Command command = std::move(*queued);
    queue_.erase(queued);
    start(std::move(command), now, effects);
  }
}

void CommandDesk::start(Command command, Now now, Effects& effects) {
  discovery::ServiceCall& call = command.call;
  const auto reject = [&](std::string_view code, const std::string& text) {
    refuse(call, {code, text}, now, effects);
  };
  if (command.expires <= now.at) return reject("expired", "it has waited too long for its turn");
  const auto entity = home_.entities().find(call.entity_id);
  if (!session_.is_live() || entity == home_.entities().end()) {
    return reject("ha_unavailable", "the bridge has no connection to its Home Assistant");
  }
  // Home Assistant would answer "success" and do nothing.
  if (!entity->second.state || entity->second.state->value == "unavailable") {
    return reject("unavailable", "the entity is unavailable at its Home Assistant");
  }
  if (running_.size() >= running_max) {
    return reject("rate", "too many calls wait for an answer of Home Assistant");
  }
  const discovery::Domain& domain = discovery::domain_of(call.domain());
  if (domain.complete != nullptr) domain.complete(*entity->second.state, call.data);
  // What a voice says is heard at a player, and which one is for the configuration to choose.
  if (call.domain() == "tts") call.data["media_player_entity_id"] = settings_.speaks_on;
  if (!call.entity_key.empty()) call.data[std::string(call.entity_key)] = call.entity_id;
  const std::uint64_t number = ask(call, entity->second, now, effects);
  running_.emplace(number, Running{std::move(call), now.at});
}

std::uint64_t CommandDesk::ask(const discovery::ServiceCall& call, const discovery::Entity& entity,
                               Now now, Effects& effects) {
  if (entity.is_service) {
    return session_.call(entity.domain(), entity.object_id(), {}, call.data, now, effects);
  }
  const std::string_view target = call.entity_key.empty() ? call.entity_id : std::string_view();
  return session_.call(call.domain_of_service(), call.service, target, call.data, now, effects);
}

void CommandDesk::call_done(const CallResult& result, Now now, Effects& effects) {
  const auto found = running_.find(result.call);
  if (found == running_.end()) return;
  const discovery::ServiceCall call = std::move(found->second.call);
  running_.erase(found);
  if (!result.ok) {
    refuse(call, {result.code, result.message}, now, effects);
  }
  start_queued(now, effects);
}

void CommandDesk::tick(Now now, Effects& effects) {
  while (!waiting_.empty() && waiting_.front().due <= now.at) {
    Command command = std::move(waiting_.front().command);
    waiting_.pop_front();
    run(std::move(command), now, effects);
  }
  if (next_start_ <= now.at || !session_.is_live()) start_queued(now, effects);
}

Time CommandDesk::deadline() const {
  return std::min(waiting_.empty() ? never : waiting_.front().due, next_start_);
}

}  // namespace bridge
