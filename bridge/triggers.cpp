#include "bridge/triggers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "discovery/identity.hpp"

namespace bridge {
namespace {

// Integrations may find new triggers without a word, so all are asked for again and again.
constexpr Time pass_period{10 * 60'000};
// Changes of registries come in bursts, and the lists of entities after those of devices.
constexpr Time change_delay{2'000};
// What an integration sets up after its device is met by one more look soon after the first.
constexpr Time second_look{30'000};
constexpr Time pause{100};
constexpr Time answer_timeout{60'000};
// One that a list lacks may belong to an integration that is slow or loads anew; it goes when a
// later pass lacks it, too.
constexpr Time absence_grace{5 * 60'000};

}  // namespace

void Triggers::connected() {
  subscribed_.clear();
  to_ask_.clear();
  known_.clear();
  // A question of the earlier connection gets no answer.
  asked_ = 0;
  next_at_ = {};
  look_soon({});
  denied_ = false;
}

void Triggers::look_soon(Time at) {
  pass_at_ = std::min(pass_at_, at);
  looks_twice_ = true;
}

void Triggers::facts_changed(Now now) {
  look_soon(now.at + change_delay);
  for (auto& [object, trigger] : by_object_) {
    const bool is_told = !trigger.told.type.empty() && home_.device(trigger.device_id) != nullptr;
    if (is_told) touch_announcements(object, trigger);
  }
}

void Triggers::consumers_changed() {
  for (auto& [object, trigger] : by_object_) {
    if (!trigger.told.type.empty()) {
      touch_announcements(object, trigger);
      continue;
    }
    // One of an earlier run is told again when it has been asked for.
    std::vector<Record*> wanted = trigger.announcements;
    std::erase_if(wanted,
                  [&](const Record* each) { return consumers_.at(each->topic) == nullptr; });
    outbox_.replace(trigger.announcements, std::move(wanted));
  }
}

void Triggers::touch_announcements(const std::string& object, Trigger& trigger) {
  std::vector<Record*> wanted;
  for (const discovery::Consumer& consumer : consumers_.all()) {
    if (publications_.is_device_deleted(trigger.device_id, consumer.prefix)) continue;
    wanted.push_back(
        &outbox_.record(topics_.announcement(consumer.prefix, discovery::trigger_component, object),
                        What::trigger, 0));
    outbox_.touch(*wanted.back(), Lane::paced);
  }
  outbox_.replace(trigger.announcements, std::move(wanted));
}

void Triggers::tick(bool may_delete, Now now, Effects& effects) {
  may_delete_ = may_delete && settings_.device_triggers;
  if (!may_delete_ || denied_) return;
  if (std::exchange(device_changes_, publications_.device_changes()) !=
      publications_.device_changes()) {
    look_soon(now.at + change_delay);
  }
  if (now.at >= pass_at_) begin_pass(now, effects);
  if (now.at < next_at_) return;
  asked_ = 0;
  if (!to_ask_.empty()) ask_next(now, effects);
}

Time Triggers::deadline(bool may_delete) const {
  if (!may_delete || !settings_.device_triggers || denied_) return never;
  return to_ask_.empty() ? pass_at_ : std::min(pass_at_, next_at_);
}

void Triggers::begin_pass(Now now, Effects& effects) {
  pass_at_ = now.at + (std::exchange(looks_twice_, false) ? second_look : pass_period);
  adopt(now);
  const auto lacks = [&](const auto& each) { return !publications_.uses_device(each.device_id); };
  unsubscribe(lacks, effects);
  for (auto& [object, trigger] : by_object_) {
    if (lacks(trigger)) outbox_.replace(trigger.announcements, {});
  }
  std::erase_if(by_object_, [&](const auto& each) { return lacks(each.second); });
  line_up();
}

/// Those that wait keep their places: changes that come faster than a pass ends would else keep the
/// last ones from being asked. Those that were never asked go first.
void Triggers::line_up() {
  std::erase_if(to_ask_, [&](const auto& each) { return !publications_.uses_device(each); });
  const std::set<std::string> waiting(to_ask_.begin(), to_ask_.end());
  for (const std::string& device : publications_.devices()) {
    if (waiting.contains(device)) continue;
    to_ask_.insert(known_.contains(device) ? to_ask_.end() : to_ask_.begin(), device);
  }
}

/// What an earlier run has announced is judged by the lists, like all else.
void Triggers::adopt(Now now) {
  std::vector<std::string> found;
  outbox_.each([&](const Record& record) {
    if (record.what != What::foreign || record.held == 0) return;
    if (publications_.is_trigger(record.topic)) found.push_back(record.topic);
  });
  for (const std::string& topic : found) {
    const std::string object(discovery::announced_object(topic));
    Trigger& trigger = by_object_[object];
    trigger.device_id = discovery::device_of_trigger(topics_.instance(), object);
    trigger.announcements.push_back(&outbox_.record(topic, What::trigger, 0));
    trigger.missing_since = now.at;
  }
}

void Triggers::ask_next(Now now, Effects& effects) {
  asked_device_ = std::move(to_ask_.front());
  to_ask_.pop_front();
  known_.insert(asked_device_);
  const std::string device = discovery::to_text(asked_device_);
  asked_ = session_.request(
      fmt::format(R"("type":"device_automation/trigger/list","device_id":{})", device), effects);
  next_at_ = now.at + answer_timeout;
}

void Triggers::heard(const discovery::HaMessage& message, Now now, Effects& effects) {
  if (asked_ != 0 && message.id == asked_) {
    asked_ = 0;
    next_at_ = now.at + pause;
    const auto triggers = discovery::read_device_triggers(message.payload);
    if (message.success && triggers) listed(*triggers, now, effects);
    return;
  }
  const auto found = subscribed_.find(message.id);
  if (found == subscribed_.end()) return;
  if (message.type == "event") {
    const Subscribed& subscribed = found->second;
    outbox_.send(topics_.trigger(subscribed.device_id), discovery::firing_of(subscribed.trigger));
  } else if (message.success) {
    announce(found->second);
  } else {
    subscribed_.erase(found);
    refused(message, effects);
  }
}

/// Ends the subscriptions that `lacks` says have no reason any more.
template <typename Lacks>
void Triggers::unsubscribe(Lacks lacks, Effects& effects) {
  std::erase_if(subscribed_, [&](const auto& each) {
    if (lacks(each.second)) session_.unfollow(each.first, effects);
    return lacks(each.second);
  });
}

void Triggers::listed(const std::vector<discovery::DeviceTrigger>& triggers, Now now,
                      Effects& effects) {
  std::set<std::string> texts;
  std::set<std::string, std::less<>> objects;
  for (const discovery::DeviceTrigger& each : triggers) {
    texts.insert(each.json);
    objects.insert(discovery::trigger_name(topics_.instance(), asked_device_, each.key()));
  }
  unsubscribe(
      [&](const Subscribed& each) {
        return each.device_id == asked_device_ && !texts.contains(each.trigger.json);
      },
      effects);
  for (const auto& [number, each] : subscribed_) texts.erase(each.trigger.json);
  for (const discovery::DeviceTrigger& each : triggers) {
    if (texts.erase(each.json) == 0) continue;
    const std::string command = R"("type":"subscribe_trigger","trigger":)" + each.json;
    subscribed_[session_.follow(command, effects)] = {asked_device_, each};
  }
  for (auto next = by_object_.begin(); next != by_object_.end();) {
    const auto each = next++;
    Trigger& trigger = each->second;
    if (trigger.device_id != asked_device_) continue;
    const bool is_there = objects.contains(each->first);
    trigger.missing_since = is_there ? never : std::min(trigger.missing_since, now.at);
    if (is_there || !may_delete_ || now.at - trigger.missing_since < absence_grace) continue;
    outbox_.replace(trigger.announcements, {});
    by_object_.erase(each);
  }
}

/// Only one that Home Assistant will tell of.
void Triggers::announce(const Subscribed& subscribed) {
  const std::string object =
      discovery::trigger_name(topics_.instance(), subscribed.device_id, subscribed.trigger.key());
  Trigger& trigger = by_object_[object];
  trigger = {subscribed.device_id, subscribed.trigger, std::move(trigger.announcements)};
  touch_announcements(object, trigger);
}

void Triggers::refused(const discovery::HaMessage& message, Effects& effects) {
  const bool unauthorized = message.error_code == "unauthorized";
  // So would be all others, until the next login.
  denied_ = denied_ || unauthorized;
  if (!said_.insert(message.error_code).second) return;
  effects.say(
      Level::error,
      fmt::format("Home Assistant refuses to tell of a device trigger ({}){}", message.error_text,
                  unauthorized ? "; publish.device_triggers needs a user of "
                                 "home_assistant.token_file who is an administrator"
                               : "; it is asked for again every 10 minutes"));
}

void Triggers::render(const Record& record, std::string& payload) const {
  const auto found = by_object_.find(discovery::announced_object(record.topic));
  const discovery::Consumer* const consumer = consumers_.at(record.topic);
  if (found == by_object_.end() || consumer == nullptr) return;
  discovery::DeviceFacts device;
  device.device = home_.device(found->second.device_id);
  if (device.device == nullptr) return;
  device.area = home_.area_of(*device.device);
  payload = discovery::to_text(
      discovery::announce_trigger(found->second.told, device, *consumer, topics_));
}

}  // namespace bridge
