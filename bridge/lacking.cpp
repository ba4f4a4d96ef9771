#include "bridge/lacking.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "bridge/neighbor_facts.hpp"
#include "discovery/identity.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

using Kind = discovery::TopicParts::Kind;

// A name in the index may be ahead of its topic, and Home Assistant takes its time.
constexpr Time quiet{60'000};
// An index that never rests is looked at after that time.
constexpr Time patience{10 * 60'000};
// Where nothing was told, something may have gone all the same.
constexpr Time between_looks{10 * 60'000};
// A broker with small queues may have dropped the last version of an index without a word.
constexpr Time between_reads{30 * 60'000};
// After the first, the second and the last request.
constexpr Time waits[] = {Time{60'000}, Time{5 * 60'000}, Time{30 * 60'000}};
constexpr int asked_max = static_cast<int>(std::size(waits));
constexpr Time between_requests{20};  // as the pace of Lacking has it

// More than a home has; names come from whoever may write at the broker.
constexpr std::size_t instances_max = 100;
constexpr std::size_t examples_max = 3;

/// What is only restored after a start has not come by MQTT.
bool is_live(const discovery::Entity& entity) {
  if (!entity.state) return false;
  const std::string* const restored = entity.state->attributes.find("restored");
  return restored == nullptr || *restored != "true";
}

/// An entity that the own Home Assistant has of another instance.
struct Shown {
  enum class How { live, disabled, not_live };
  How how;
  std::string_view entity_id;
  bool is_announced = false;
};

/// All of them, by component and object, with a dot between.
using ShownByName = discovery::StringMap<Shown>;
ShownByName shown_of(const std::string& instance, const discovery::Home& home) {
  ShownByName shown;
  for (const auto& [id, entity] : home.entities()) {
    if (!entity.entry || entity.entry->platform != "mqtt") continue;
    if (discovery::instance_of(entity.entry->unique_id) != instance) continue;
    const auto how = !entity.entry->disabled_by.empty() ? Shown::How::disabled
                     : is_live(entity)                  ? Shown::How::live
                                                        : Shown::How::not_live;
    shown[fmt::format("{}.{}", entity.domain(), entity.entry->unique_id)] = {how, id};
  }
  return shown;
}

/// What every instance announces of itself, before all else.
std::string sign_of(const std::string& instance) {
  return fmt::format("binary_sensor.{}-connectivity", discovery::instance_name(instance));
}

}  // namespace

std::vector<std::string> Lacking::filters() const {
  if (settings_.consume.prefix.empty()) return {};
  return {topics_.every_index()};
}

void Lacking::heard(const discovery::TopicParts& parts, const Message& message, Now now) {
  auto found = instances_.find(parts.instance);
  if (found == instances_.end()) {
    if (instances_.size() == instances_max || message.payload.empty()) return;
    found = instances_.emplace(parts.instance, Instance{}).first;
  }
  Instance& instance = found->second;
  if (parts.kind == Kind::index) {
    if (read_again_at_ == never) read_again_at_ = now.at + between_reads;
    if (instance.announced.heard(parts.object, message.payload)) index_changed(instance, now);
  } else if (parts.kind == Kind::status) {
    if (message.payload.empty()) {
      // It was purged.
      lacks_.erase(found->first);
      instances_.erase(found);
      return;
    }
    // Who is away hears no request.
    const bool came = !std::exchange(instance.online, message.payload == "online");
    if (came && instance.online) begin_anew(instance, now);
  } else if (parts.kind == Kind::info) {
    const auto info = read_neighbor_info(message.payload);
    if (!info) return;
    instance.index_buckets = info->index_buckets;
    if (std::exchange(instance.epoch, info->epoch) == info->epoch) return;
    instance.missing.clear();
    begin_anew(instance, now);
  }
}

/// It may be busy for a while.
void Lacking::begin_anew(Instance& instance, Now now) {
  instance.changed_since = never;
  index_changed(instance, now);
}

void Lacking::index_changed(Instance& instance, Now now) {
  instance.changed_since = std::min(instance.changed_since, now.at);
  instance.look_at = std::min(now.at + quiet, instance.changed_since + patience);
}

void Lacking::broker_lost() {
  instances_.clear();
  to_ask_.clear();
  read_again_at_ = never;
}

void Lacking::ha_connected() {
  to_ask_.clear();
  sees_mqtt_ = false;
  for (auto& [name, instance] : instances_) instance.missing.clear();
}

void Lacking::registry_told(Now now) {
  const auto& entities = home_.entities();
  sees_mqtt_ = sees_mqtt_ || std::any_of(entities.begin(), entities.end(), [](const auto& each) {
                 const auto& entry = each.second.entry;
                 return entry && entry->platform == "mqtt" && is_live(each.second);
               });
  for (auto& [name, instance] : instances_) {
    instance.look_at = std::min(instance.look_at, now.at + quiet);
  }
}

/// `never` while it is not to be looked at.
Time Lacking::due(const Instance& instance) const {
  if (!instance.online || instance.announced.empty() || complete_since_ == never) return never;
  return std::max(instance.look_at, complete_since_ + quiet);
}

void Lacking::tick(bool ha_shows_all, Now now, Effects& effects) {
  if (!ha_shows_all) {
    complete_since_ = never;
    return;
  }
  complete_since_ = std::min(complete_since_, now.at);
  if (now.at >= read_again_at_) {
    read_again_at_ = now.at + between_reads;
    // A subscription that is made once more brings all that the broker holds.
    effects.broker.push_back(
        Subscribe{Line::main, {{.filter = topics_.every_index(), .own = false}}});
  }
  for (auto& [name, instance] : instances_) {
    if (now.at < due(instance)) continue;
    // A bucket a step, so that nothing else waits for all of them.
    const discovery::Topics topics(topics_.root(), name);
    if (!instance.announced.read_one(topics, settings_.consume.prefix)) {
      look(name, instance, now, effects);
    }
    break;
  }
  send_asked(now);
}

void Lacking::look(const std::string& name, Instance& instance, Now now, Effects& effects) {
  instance.changed_since = never;
  instance.look_at = now.at + between_looks;
  ShownByName shown = shown_of(name, home_);
  const auto before = std::exchange(instance.missing, {});
  std::size_t lacking = 0;
  instance.announced.each([&](const std::string& what) {
    const auto found = shown.find(what);
    if (found != shown.end()) {
      found->second.is_announced = true;
      if (found->second.how != Shown::How::not_live) return;
    }
    const auto known = before.find(what);
    // What was seen for the first time may be on its way.
    if (known != before.end()) ++lacking;
    instance.missing[what] = known == before.end() ? Missing{} : known->second;
  });
  lacks_.erase(name);
  if (lacking != 0) lacks_[name] = lacking;
  bool shows_any = false;
  std::set<std::string> unannounced;
  for (const auto& [what, each] : shown) {
    shows_any = shows_any || each.how == Shown::How::live;
    // Of the rest Home Assistant lets go itself.
    if (each.how == Shown::How::disabled && !each.is_announced) unannounced.emplace(each.entity_id);
  }
  ask_for_missing(name, instance, shows_any, now, effects);
  find_left_behind(instance, std::move(unannounced), now);
}

/// Only when two looks at a whole index agree.
void Lacking::find_left_behind(Instance& instance, std::set<std::string> unannounced, Now now) {
  const auto before = std::exchange(instance.unannounced, {});
  if (!instance.announced.is_complete(instance.index_buckets)) return;
  for (const std::string& id : unannounced) {
    if (before.contains(id)) {
      left_behind_.push_back(id);
    } else {
      instance.unannounced.insert(id);
    }
  }
  if (!instance.unannounced.empty()) instance.look_at = std::min(instance.look_at, now.at + quiet);
}

/// Where nothing at all is shown, Home Assistant may not be there to hear: then one alone is asked
/// for, and the rest when it has come.
void Lacking::ask_for_missing(const std::string& name, Instance& instance, bool shows_any, Now now,
                              Effects& effects) {
  if (instance.missing.empty()) return;
  const discovery::Topics topics(topics_.root(), name);
  const auto sign = instance.missing.find(sign_of(name));
  const std::string& probe =
      (sign != instance.missing.end() ? sign : instance.missing.begin())->first;
  std::vector<std::string> given_up;
  std::vector<Missing*> asked;
  bool asks_first = false;
  for (auto& [what, missing] : instance.missing) {
    if (missing.given_up || (!shows_any && what != probe)) continue;
    if (now.at < missing.ask_at) {
      instance.look_at = std::min(instance.look_at, missing.ask_at);
    } else if (missing.asked == asked_max) {
      missing.given_up = true;
      given_up.push_back(what);
    } else {
      asks_first = asks_first || missing.asked == 0;
      to_ask_.push_back(topics.command(what, discovery::announce_slot));
      asked.push_back(&missing);
    }
  }
  // The wait begins when all of them have gone, and ends for all at once.
  const Time gone = now.at + between_requests * static_cast<Time::rep>(to_ask_.size());
  for (Missing* missing : asked) {
    missing->ask_at = gone + waits[missing->asked++];
    instance.look_at = std::min(instance.look_at, missing->ask_at);
  }
  instance.look_at = std::max(instance.look_at, now.at + quiet);
  if (asks_first) {
    effects.say(Level::info, fmt::format("Home Assistant lacks {} entities that {} has announced; "
                                         "asking for them again",
                                         instance.missing.size(), name));
  }
  if (given_up.empty()) return;
  effects.say(Level::warning, shows_any ? text_of_lacking(name, given_up)
                                        : text_of_nothing(name, instance.missing.size()));
}

std::string Lacking::text_of_lacking(const std::string& name,
                                     const std::vector<std::string>& given_up) const {
  const discovery::Topics topics(topics_.root(), name);
  std::vector<std::string> examples;
  for (const std::string& what : given_up) {
    if (examples.size() == examples_max) break;
    const auto dot = what.find('.');
    examples.push_back(
        topics.announcement(settings_.consume.prefix, what.substr(0, dot), what.substr(dot + 1)));
  }
  return fmt::format(
      "Home Assistant still lacks {} entities that {} has announced, although they were asked for "
      "three times; see what its log says of homeassistant.components.mqtt, and what stands at "
      "{}{}",
      given_up.size(), name, fmt::join(examples, ", "),
      given_up.size() > examples.size() ? " and others" : "");
}

std::string Lacking::text_of_nothing(const std::string& name, std::size_t count) const {
  return fmt::format(
      "Home Assistant shows nothing of {}, which has announced {} entities under {}; see whether "
      "its MQTT integration listens under that prefix (consume.prefix) and is connected to the "
      "same broker",
      name, count, settings_.consume.prefix);
}

void Lacking::send_asked(Now now) {
  if (to_ask_.empty()) return;
  const std::string payload = discovery::to_text({{"prefix", settings_.consume.prefix}});
  while (!to_ask_.empty() && pace_.take(now)) {
    outbox_.send(std::move(to_ask_.front()), payload);
    to_ask_.pop_front();
  }
  next_ask_ = pace_.next(now);
}

Time Lacking::deadline() const {
  if (complete_since_ == never) return never;
  Time next = std::min(read_again_at_, to_ask_.empty() ? never : next_ask_);
  for (const auto& [name, instance] : instances_) next = std::min(next, due(instance));
  return next;
}

}  // namespace bridge
