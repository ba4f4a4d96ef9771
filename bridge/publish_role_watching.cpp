// What the publishing role hears on its main line: commands, who consumes, and what others write
// where the instance does.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/publish_role.hpp"

namespace bridge {

using discovery::TopicParts;

namespace {

// A consumer that lacks it asks a minute later at the earliest (lacking.cpp).
constexpr Time announce_again_pause{10'000};
// Then those whose pause is over are forgotten.
constexpr std::size_t announced_again_max = 10'000;

}  // namespace

void PublishRole::subscribe(Effects& effects) {
  Subscribe subscribe{Line::main,
                      {{.filter = topics_.all_commands(), .own = false},
                       {.filter = topics_.call(), .own = false},
                       // Who consumes, and from whom.
                       {.filter = topics_.every_info(), .own = false}}};
  // The will of an earlier connection may have come before this one was there, and another bridge
  // of this instance may turn up. Who follows status and heartbeat of all others hears the own ones
  // with them, and of two filters would hear them twice.
  const std::vector<Subscription> of_others = consume_.subscriptions();
  if (of_others.empty()) {
    subscribe.subscriptions.push_back({.filter = topics_.status(), .own = false});
    subscribe.subscriptions.push_back({.filter = topics_.heartbeat(), .own = false});
  }
  subscribe.subscriptions.insert(subscribe.subscriptions.end(), of_others.begin(), of_others.end());
  // What is there has been read; nothing but what somebody else writes comes of these.
  for (const std::string& filter : topics_.all_retained()) {
    subscribe.subscriptions.push_back({.filter = filter, .retained = false, .own = false});
  }
  effects.broker.push_back(std::move(subscribe));
  watch_announcements(effects);
}

/// Hears who else writes to the announcements, under all prefixes that are asked for.
void PublishRole::watch_announcements(Effects& effects) {
  std::vector<std::string> wanted;
  for (const discovery::Consumer& consumer : consumers_.asked()) wanted.push_back(consumer.prefix);
  if (wanted == watched_prefixes_) return;
  const auto lacks = [](const std::vector<std::string>& list, const std::string& prefix) {
    return std::find(list.begin(), list.end(), prefix) == list.end();
  };
  Unsubscribe unsubscribe{Line::main, {}};
  for (const std::string& prefix : watched_prefixes_) {
    if (lacks(wanted, prefix)) unsubscribe.filters.push_back(topics_.all_announcements(prefix));
  }
  Subscribe subscribe{Line::main, {}};
  for (const std::string& prefix : wanted) {
    if (!lacks(watched_prefixes_, prefix)) continue;
    subscribe.subscriptions.push_back(
        {.filter = topics_.all_announcements(prefix), .retained = false, .own = false});
  }
  watched_prefixes_ = std::move(wanted);
  if (!unsubscribe.filters.empty()) effects.broker.push_back(std::move(unsubscribe));
  if (!subscribe.subscriptions.empty()) effects.broker.push_back(std::move(subscribe));
}

void PublishRole::arrived(Line line, const Message& message, Now now, Effects& effects) {
  if (line == Line::bulk) return bulk_line().arrived(message, now, effects);
  const std::optional<TopicParts> parts = topics_.parse(message.topic);
  if (!parts) return deletions_.overwritten(message, now);
  if (parts->instance != topics_.instance()) {
    consume_.arrived(*parts, message, now, effects);
    if (parts->kind != TopicParts::Kind::info) return;
    consumers_.heard(parts->instance, message.payload);
    return take_consumers(now, effects);
  }
  if (parts->kind == TopicParts::Kind::command && parts->slot == discovery::restore_slot) {
    restore(*parts, message, now, effects);
  } else if (parts->kind == TopicParts::Kind::command && parts->slot == discovery::announce_slot) {
    announce_again(*parts, message, now);
  } else if (parts->kind == TopicParts::Kind::command) {
    const Step step(effects_, effects);
    desk_.received(*parts, message, now, effects);
  } else if (parts->kind == TopicParts::Kind::call) {
    const Step step(effects_, effects);
    calls_.received(message, now, effects);
  } else if (parts->kind == TopicParts::Kind::status) {
    // A consumer, or the will of an earlier connection, has written there.
    outbox_.held(message.topic, message.payload);
    presence_.repair_status(now);
  } else {
    if (parts->kind == TopicParts::Kind::heartbeat) {
      presence_.hold_heartbeat(message.payload, now);
    }
    if (presence_.is_superseded()) return give_way(now, effects);
    deletions_.overwritten(message, now);
  }
}

/// Two bridges of one instance would take its topics from each other without end, and run each
/// command twice. The later one stays: it is what the user has started last.
void PublishRole::give_way(Now now, Effects& effects) {
  effects.broker.push_back(BrokerClose{Line::main});
  link_.closed({}, session_taken_over, now, effects);
  main_line_lost(effects);
}

/// `statebus restore` asks for it.
void PublishRole::restore(const TopicParts& parts, const Message& message, Now now,
                          Effects& effects) {
  if (message.retained || message.payload.empty()) return;
  const std::string entity_id = fmt::format("{}.{}", parts.domain, parts.object);
  const std::vector<std::string> prefixes = publications_.restore(entity_id, now);
  if (prefixes.empty()) return;
  triggers_.consumers_changed();
  effects.say(Level::info,
              fmt::format("{} is announced again under {}", entity_id, fmt::join(prefixes, ", ")));
}

/// A consumer lacks what was announced for it. What is not at the broker was deleted by a user, is
/// on its way, or was never announced there.
void PublishRole::announce_again(const TopicParts& parts, const Message& message, Now now) {
  if (message.retained) return;
  const auto request = discovery::parse_json(message.payload, discovery::command_bytes_max);
  if (!request) return;
  Record* const record = outbox_.find(
      topics_.announcement(discovery::text_at(*request, "prefix"), parts.domain, parts.object));
  if (record == nullptr || !record->wanted || record->held == 0) return;
  if (announced_again_.size() >= announced_again_max) {
    std::erase_if(announced_again_, [&](const auto& each) { return each.second <= now.at; });
  }
  Time& again_at = announced_again_[record->topic];
  if (now.at < again_at) return;
  again_at = now.at + announce_again_pause;
  outbox_.repeat(*record, Lane::paced);
}

}  // namespace bridge
