#include "bridge/relay.hpp"

#include <fmt/format.h>

#include <utility>

#include "bridge/refusal_notice.hpp"
#include "discovery/bus_event.hpp"

namespace bridge {
namespace {

using discovery::bus_mark;
using Kind = discovery::TopicParts::Kind;

// The data of a firing has 64 kB at most, and its time stands around it.
constexpr std::size_t fired_bytes_max = 65 * 1024;
constexpr std::size_t refusal_bytes_max = 16 * 1024;
constexpr Time pause_between_tellings{10'000};
// So many kinds of failure are told at each login; their names come from others.
constexpr std::size_t failures_max = 100;

constexpr const char* create_notification = "persistent_notification.create";

}  // namespace

std::vector<std::string> Relay::filters() const {
  const ConsumeSettings& consume = settings_.consume;
  std::vector<std::string> filters;
  if (consume.prefix.empty()) return filters;
  if (consume.events) filters.push_back(topics_.every_fired());
  if (consume.events || consume.notify_refusals) filters.push_back(topics_.every_refused());
  return filters;
}

void Relay::heard(const discovery::TopicParts& parts, const Message& message, Now now,
                  Effects& effects) {
  // Nothing of it is kept: who retains an event would have it fired at each start, and what
  // happened while Home Assistant was away is over.
  if (message.retained || message.payload.empty() || !session_.is_live()) return;
  if (parts.kind == Kind::fired) return forward(parts, message, now, effects);
  if (parts.kind == Kind::refused) tell_refusal(parts.instance, message, now, effects);
}

void Relay::forward(const discovery::TopicParts& parts, const Message& message, Now now,
                    Effects& effects) {
  // A tag is scanned here by the scanner that its instance has announced.
  if (!settings_.consume.events || parts.object == "tag_scanned") return;
  const auto pass_over = [&](std::string_view why) {
    effects.say(Level::debug, fmt::format("passed over an event of the type {} of {}: {}",
                                          parts.object, parts.instance, why));
  };
  if (!discovery::may_be_fired(parts.object)) {
    return pass_over("it is one of Home Assistant's own or of the bus");
  }
  auto event = discovery::parse_json(message.payload, fired_bytes_max);
  const bool has_data = event && event->is_object() && event->contains("data");
  if (!has_data || !event->at("data").is_object()) return pass_over("it has no data that is known");
  discovery::Json data = std::move(event->at("data"));
  if (data.contains(bus_mark)) return pass_over("it came from a bus before");
  data[bus_mark] = {{"instance", parts.instance}};
  if (const std::string at = discovery::text_at(*event, "time_fired"); !at.empty()) {
    data[bus_mark]["time_fired"] = at;
  }
  fire(parts.object, std::move(data), now, effects);
}

void Relay::tell_refusal(std::string_view instance, const Message& message, Now now,
                         Effects& effects) {
  const auto refusal = discovery::parse_json(message.payload, refusal_bytes_max);
  if (!refusal || discovery::text_at(*refusal, "code").empty() || refusal->contains(bus_mark))
    return;
  if (settings_.consume.events) {
    discovery::Json data = *refusal;
    data["instance"] = instance;
    data[bus_mark] = {{"instance", instance}};
    fire(refused_event, std::move(data), now, effects);
  }
  if (settings_.consume.notify_refusals) notify(instance, *refusal, now, effects);
}

void Relay::fire(std::string_view type, discovery::Json data, Now now, Effects& effects) {
  if (!may_fire_) return;
  if (!firings_.take(now)) {
    ++unfired_;
    return say_later(now);
  }
  ask(std::string(type),
      fmt::format(R"("type":"fire_event","event_type":"{}","event_data":{})", type,
                  discovery::to_text(data)),
      effects);
}

void Relay::notify(std::string_view instance, const discovery::Json& refusal, Now now,
                   Effects& effects) {
  if (!notices_.take(now)) {
    ++unshown_;
    return say_later(now);
  }
  const Notice notice = notice_of(instance, refusal);
  const discovery::Json data{
      {"notification_id", notice.id}, {"title", notice.title}, {"message", notice.message}};
  ask(create_notification,
      fmt::format(R"("type":"call_service","domain":"persistent_notification",)"
                  R"("service":"create","service_data":{})",
                  discovery::to_text(data)),
      effects);
}

void Relay::ask(const std::string& what, const std::string& request, Effects& effects) {
  asked_[session_.request(request, effects)] = what;
}

void Relay::connected() {
  asked_.clear();
  failed_.clear();
  may_fire_ = true;
}

void Relay::answered(const discovery::HaMessage& message, Effects& effects) {
  const auto found = asked_.find(message.id);
  if (found == asked_.end()) return;
  const std::string what = std::move(found->second);
  asked_.erase(found);
  if (message.success) return;
  if (message.error_code == "unauthorized" && what != create_notification) {
    if (!std::exchange(may_fire_, false)) return;
    return effects.say(
        Level::error,
        "events and refusals of other instances are not fired, since Home Assistant refuses them; "
        "the user of home_assistant.token_file must be an administrator, or set consume.events to "
        "false");
  }
  if (failed_.size() == failures_max || !failed_.insert(what).second) return;
  effects.say(Level::warning,
              what == create_notification
                  ? fmt::format("Home Assistant does not show the notification of a refusal ({})",
                                message.error_text)
                  : fmt::format("Home Assistant does not fire an event of the type {} ({})", what,
                                message.error_text));
}

void Relay::say_later(Now now) {
  if (say_at_ == never) say_at_ = now.at + pause_between_tellings;
}

void Relay::tick(Now now, Effects& effects) {
  if (now.at < say_at_) return;
  say_at_ = never;
  if (const auto count = std::exchange(unfired_, 0); count != 0) {
    effects.say(Level::warning,
                fmt::format("{} events of other instances were not fired, since more than 50 a "
                            "second came; list fewer types in publish.events of those instances",
                            count));
  }
  if (const auto count = std::exchange(unshown_, 0); count != 0) {
    effects.say(Level::warning,
                fmt::format("{} refusals were not shown as notifications, since so many came; the "
                            "logs of the instances that refused have them",
                            count));
  }
}

}  // namespace bridge
