#include "bridge/neighbors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/gathering.hpp"
#include "discovery/identity.hpp"
#include "discovery/index.hpp"

namespace bridge {
namespace {

using Kind = discovery::TopicParts::Kind;

// Infos and statuses come one after the other; one read serves all of them.
constexpr Time read_delay{500};
constexpr Time retry{10'000};
// What an index names comes a moment later, or is lost at the broker until its bridge starts anew.
constexpr Time first_repeat{30'000};
constexpr Time longest_repeat{60 * 60'000};
// More than a home has; names come from whoever may write at the broker.
constexpr std::size_t instances_max = 1000;

/// What is followed of an instance.
std::vector<std::string> facts_of(const discovery::Topics& topics) {
  return {topics.areas(), topics.floors(), topics.labels(), topics.device("+"),
          topics.entity("+.+")};
}

}  // namespace

Neighbors::Neighbors(const discovery::Topics& topics, Takes takes)
    : topics_(topics),
      takes_(std::move(takes)),
      bulk_(topics.reply("read"), [this](const Message& message) { read_one(message); }) {}

void Neighbors::heard(const discovery::TopicParts& parts, const Message& message, Now now) {
  if (!takes_(parts.instance)) return;
  if (parts.kind == Kind::info) return heard_info(parts.instance, message.payload, now);
  if (parts.kind == Kind::status) return heard_status(parts.instance, message.payload, now);
  const auto known = known_.find(parts.instance);
  if (known == known_.end()) return;
  if (apply(known->second, parts, message.payload)) ++changes_;
  const auto fresh = fresh_.find(parts.instance);
  if (!is_reading() || fresh == fresh_.end()) return;
  heard_live_.insert(message.topic);
  apply(fresh->second, parts, message.payload);
}

void Neighbors::heard_status(std::string_view instance, const std::string& payload, Now now) {
  if (payload != "online") {
    const auto found = online_.find(instance);
    if (found != online_.end()) online_.erase(found);
    // What goes from now on may be its Home Assistant that stops.
    const auto known = known_.find(instance);
    if (known != known_.end()) known->second.is_complete = false;
  } else if (online_.size() < instances_max && online_.emplace(instance).second) {
    read_soon(instance, now);
  }
}

void Neighbors::heard_info(std::string_view instance, const std::string& payload, Now now) {
  auto known = known_.find(instance);
  if (payload.empty()) {
    if (known == known_.end()) return;
    // It was purged from the bus.
    repeats_.erase(known->first);
    known_.erase(known);
    ++changes_;
    return;
  }
  const auto info = read_neighbor_info(payload);
  if (!info) return;
  const bool is_new = known == known_.end();
  if (is_new) {
    if (known_.size() == instances_max) return;
    known = known_.emplace(instance, Neighbor{}).first;
  }
  Neighbor& neighbor = known->second;
  if (std::exchange(neighbor.entity_id_prefix, info->entity_id_prefix) != info->entity_id_prefix) {
    ++changes_;
  }
  const bool is_another_run = std::exchange(neighbor.epoch, info->epoch) != info->epoch;
  const bool is_another_index =
      std::exchange(neighbor.index_buckets, info->index_buckets) != info->index_buckets;
  const bool is_news = is_new || is_another_run || is_another_index;
  if (is_news || !listened_to_.contains(instance)) read_soon(instance, now);
}

bool Neighbors::apply(Neighbor& neighbor, const discovery::TopicParts& parts,
                      const std::string& payload) {
  switch (parts.kind) {
    case Kind::areas:
      return neighbor.take_places(neighbor.areas, payload);
    case Kind::floors:
      return neighbor.take_places(neighbor.floors, payload);
    case Kind::labels:
      return neighbor.take_places(neighbor.labels, payload);
    case Kind::device:
      return neighbor.take_device(discovery::device_name(parts.instance, parts.object), payload);
    case Kind::entity:
      return neighbor.take_entity(fmt::format("{}.{}", parts.domain, parts.object), payload);
    default:
      return false;
  }
}

void Neighbors::read_one(const Message& message) {
  const auto parts = topics_.parse(message.topic);
  if (!parts) return;
  const auto fresh = fresh_.find(parts->instance);
  if (fresh == fresh_.end()) return;
  if (parts->kind == Kind::info || parts->kind == Kind::index) {
    return expect(*parts, message.payload);
  }
  // The two lines are not in step: what came live is as new as what is read of it, or newer.
  if (!heard_live_.contains(message.topic)) apply(fresh->second, *parts, message.payload);
}

void Neighbors::expect(const discovery::TopicParts& parts, const std::string& payload) {
  const discovery::Topics topics(topics_.root(), std::string(parts.instance));
  if (parts.kind == Kind::info) return bulk_.expect(index_topics(topics, payload));
  std::vector<std::string> named =
      discovery::read_index(payload).value_or(std::vector<std::string>{});
  std::erase_if(named, [&](const std::string& topic) {
    const auto each = topics_.parse(topic);
    return !each || each->instance != parts.instance ||
           (each->kind != Kind::device && each->kind != Kind::entity);
  });
  bulk_.expect(named);
}

void Neighbors::read_soon(std::string_view instance, Now now) {
  to_read_.emplace(instance);
  read_at_ = std::min(read_at_, now.at + read_delay);
}

void Neighbors::read_again_later(const std::string& instance, Now now) {
  Repeat& repeat = repeats_[instance];
  repeat.pause = std::clamp(2 * repeat.pause, first_repeat, longest_repeat);
  repeat.at = now.at + repeat.pause;
}

void Neighbors::listen_to(const std::string& instance, Effects& effects) {
  if (!listened_to_.insert(instance).second) return;
  Subscribe subscribe{Line::main, {}};
  for (std::string& filter : facts_of({topics_.root(), instance})) {
    subscribe.subscriptions.push_back(
        {.filter = std::move(filter), .retained = false, .own = false});
  }
  effects.broker.push_back(std::move(subscribe));
}

void Neighbors::start_reading(Now now, Effects& effects) {
  read_at_ = never;
  heard_live_.clear();
  fresh_.clear();
  std::vector<std::string> filters;
  std::vector<std::string> expected;
  for (const std::string& instance : std::exchange(to_read_, {})) {
    const auto known = known_.find(instance);
    if (known == known_.end()) continue;
    // Who hears what is new before reading what is there misses nothing in between.
    listen_to(instance, effects);
    Neighbor& fresh = fresh_[instance];
    fresh.entity_id_prefix = known->second.entity_id_prefix;
    fresh.epoch = known->second.epoch;
    fresh.index_buckets = known->second.index_buckets;
    const discovery::Topics topics(topics_.root(), instance);
    filters.push_back(topics.all_of_index());
    for (std::string& filter : facts_of(topics)) filters.push_back(std::move(filter));
    for (std::string topic : {topics.info(), topics.areas(), topics.floors(), topics.labels()}) {
      expected.push_back(std::move(topic));
    }
  }
  if (fresh_.empty()) return;
  bulk_.start(std::move(filters), now, effects, /*same_broker=*/true);
  bulk_.expect(expected);
}

void Neighbors::end_reading(Now now) {
  if (bulk_.state() == BulkRead::State::failed) {
    for (const auto& [instance, fresh] : std::exchange(fresh_, {})) to_read_.insert(instance);
    read_at_ = now.at + retry;
    return;
  }
  std::set<std::string, std::less<>> lacking;  // instances
  for (const std::string& topic : bulk_.lacking()) {
    const auto parts = topics_.parse(topic);
    // Lists are there once its Home Assistant has told them.
    const bool matters = parts && (parts->kind == Kind::info || parts->kind == Kind::index ||
                                   parts->kind == Kind::device || parts->kind == Kind::entity);
    if (matters && !heard_live_.contains(topic)) lacking.emplace(parts->instance);
  }
  for (auto& [instance, fresh] : std::exchange(fresh_, {})) {
    const auto known = known_.find(instance);
    if (known == known_.end()) continue;
    fresh.entity_id_prefix = known->second.entity_id_prefix;
    fresh.epoch = known->second.epoch;
    fresh.index_buckets = known->second.index_buckets;
    fresh.is_read = true;
    const bool is_lacking = lacking.contains(instance);
    // Until an instance is online its index may be growing still, and it is read again then.
    fresh.is_complete = !is_lacking && fresh.index_buckets != 0 && is_online(instance);
    if (is_lacking && is_online(instance)) {
      read_again_later(instance, now);
    } else {
      repeats_.erase(instance);
    }
    for (auto& [object, entity] : fresh.entities) {
      const auto earlier = known->second.entities.find(object);
      if (earlier != known->second.entities.end()) entity.follow_on(earlier->second);
    }
    if (!fresh.is_complete) {
      // What did not come may be there all the same.
      for (auto& each : known->second.devices) fresh.devices.insert(each);
      for (auto& each : known->second.entities) fresh.entities.insert(each);
      for (auto& each : known->second.objects) fresh.objects.insert(each);
    }
    known->second = std::move(fresh);
  }
  heard_live_.clear();
  ++changes_;
}

void Neighbors::broker_lost(Effects& effects) {
  bulk_.stop(effects);
  fresh_.clear();
  listened_to_.clear();
  online_.clear();
  repeats_.clear();
  for (auto& [instance, neighbor] : known_) neighbor.is_complete = false;
  // What happens meanwhile is heard of by the read that the retained infos bring about.
  to_read_.clear();
  read_at_ = never;
}

void Neighbors::tick(Now now, Effects& effects) {
  bulk_.tick(now, effects);
  if (!fresh_.empty() && !is_reading()) end_reading(now);
  for (auto& [instance, repeat] : repeats_) {
    if (now.at < repeat.at) continue;
    repeat.at = never;
    read_soon(instance, now);
  }
  if (now.at >= read_at_ && fresh_.empty()) start_reading(now, effects);
}

Time Neighbors::deadline() const {
  Time next = std::min(bulk_.deadline(), fresh_.empty() ? read_at_ : never);
  for (const auto& [instance, repeat] : repeats_) next = std::min(next, repeat.at);
  return next;
}

}  // namespace bridge
