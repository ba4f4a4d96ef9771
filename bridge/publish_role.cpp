#include "bridge/publish_role.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bridge {
PublishRole::PublishRole(Settings settings, HaSession::Token token)
    : settings_(std::move(settings)),
      topics_(settings_.root, settings_.instance),
      session_({settings_.ha_url, settings_.call_timeout, settings_.seed}, *this),
      link_({settings_.broker_url, topics_.status(), settings_.has_reserve_broker,
             settings_.keepalive, settings_.seed + 1}),
      bulk_(topics_.reply("read"), [this](const Message& message) { read_back(message); }),
      consumers_(settings_, topics_),
      outbox_(topics_,
              [this](const Record& record, std::string& payload) { render(record, payload); }),
      publications_(settings_, topics_, home_, consumers_, outbox_),
      images_(settings_, home_, publications_, outbox_),
      refusals_(topics_, outbox_),
      desk_(settings_, home_, publications_, session_, refusals_),
      calls_(settings_, topics_, home_, publications_, session_, outbox_, refusals_),
      firings_(settings_, topics_, home_, session_, outbox_),
      triggers_(settings_, topics_, home_, publications_, consumers_, session_, outbox_),
      deletions_(publications_, triggers_, outbox_),
      own_prefix_(topics_, home_, consumers_, session_, outbox_),
      presence_(settings_, topics_, consumers_, outbox_),
      consume_(settings_, topics_, home_, session_, outbox_) {
  session_.set_token(std::move(token));
}

void PublishRole::start(Now now, Effects& effects) {
  session_.start(now, effects);
  tick(now, effects);
}

void PublishRole::stop(Now now, Effects& effects) {
  presence_.stop();
  tick(now, effects);
}

void PublishRole::ha_opened(Now now) { session_.opened(now); }

void PublishRole::ha_frame(discovery::PaddedJson frame, Now now, Effects& effects) {
  const Step step(effects_, effects);
  session_.frame(frame, now, effects);
}

void PublishRole::ha_closed(const std::string& why, int http_status, Now now, Effects& effects) {
  const Step step(effects_, effects);
  session_.closed(why, http_status, now, effects);
}

void PublishRole::broker_opened(Line line, const BrokerLimits& limits, Now now, Effects& effects) {
  if (line == Line::bulk) return bulk_line().opened(now, effects);
  link_.opened(limits.url, now);
  if (const std::string why = why_unusable(limits); !why.empty()) {
    effects.say(Level::error, fmt::format("the broker at {}: {}", limits.url, why));
  }
  effects.say(Level::info,
              fmt::format("connected to the broker at {}; at most {} messages in flight",
                          limits.url, window_for(limits)));
  subscribe(effects);
  outbox_.open(window_for(limits), limits.packet_bytes_max);
  presence_.begin(now);
}

void PublishRole::main_line_lost(Effects& effects) {
  outbox_.close();
  images_.broker_lost();
  presence_.broker_lost();
  told_withheld_ = false;
  deletions_.broker_lost();
  consume_.broker_lost(effects);
  watched_prefixes_.clear();
  bulk_.stop(effects);
  broker_read_ = false;
}

void PublishRole::broker_closed(Line line, const std::string& why, int reason, Now now,
                                Effects& effects) {
  if (line == Line::bulk) return bulk_line().closed(why, reason, effects);
  link_.closed(why, reason, now, effects);
  main_line_lost(effects);
}

void PublishRole::acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects) {
  bulk_line().acknowledged(token, now);
  outbox_.acknowledged(token, accepted, now, effects);
}

void PublishRole::tick(Now now, Effects& effects) {
  const Step step(effects_, effects);
  session_.tick(now, effects);
  reread_due(now);
  const BrokerLink::Wish wish = link_.tick(outbox_.oldest_in_flight(), now, effects);
  if (wish == BrokerLink::Wish::forget) main_line_lost(effects);
  if (wish == BrokerLink::Wish::read) start_reading(now, effects);
  bulk_.tick(now, effects);
  const bool read =
      bulk_.state() == BulkRead::State::done || bulk_.state() == BulkRead::State::failed;
  if (link_.is_reading() && read) reading_done(now, effects);
  desk_.tick(now, effects);
  if (may_delete()) {
    presence_.ha_ready(now);
    if (!std::exchange(settled_, true)) publications_.settle(now);
  }
  own_prefix_.tick(may_delete(), now, effects);
  take_consumers(now, effects);
  deletions_.tick(now, effects);
  consume_.tick(may_delete(), now, effects);
  publications_.tick(may_delete(), now, effects);
  triggers_.tick(may_delete(), now, effects);
  presence_.count(publications_.count(), refusals_.count(), refusals_.last(),
                  publications_.reasons(), now);
  presence_.count_lacks(consume_.lacks(), now);
  presence_.count_images(images_.refused());
  presence_.tick(now);
  const bool waits = outbox_.is_open() && presence_.awaits_broker();
  waits ? outbox_.watch() : outbox_.unwatch();
  tell_alarms(now, effects);
  outbox_.pump(now, effects);
  images_.tick(may_fetch(), now, effects);
  if ((waits || presence_.is_online()) && outbox_.withholds_online()) stay_offline(effects);
  if (waits && outbox_.caught_up()) {
    presence_.caught_up();
    told_withheld_ = false;
    outbox_.pump(now, effects);
  }
}

/// What others send that cannot be, told seldom however often it comes.
void PublishRole::tell_alarms(Now now, Effects& effects) {
  if (auto alarm = presence_.take_alarm(now)) effects.say(Level::warning, std::move(*alarm));
  if (home_.not_taken().count == 0 || !tellings_.take(now)) return;
  const discovery::NotTaken not_taken = home_.take_not_taken();
  const std::string more =
      not_taken.count == 1 ? "" : fmt::format(" (and {} more)", not_taken.count - 1);
  effects.say(Level::warning,
              fmt::format("Home Assistant at {}: {}{}; that is left out, all else is taken. See "
                          "which of its integrations makes it",
                          settings_.ha_url, not_taken.first, more));
}

/// Whoever sees `online` may take what is on the bus for the truth.
void PublishRole::stay_offline(Effects& effects) {
  presence_.withhold();
  if (std::exchange(told_withheld_, true)) return;
  effects.say(
      Level::error,
      "not online: the broker refuses descriptions or documents. They are tried again every "
      "minute; allow the bridge's user to write them in the broker's ACL");
}

Time PublishRole::deadline(Now now) const {
  return std::min({reread_at_, deletions_.deadline(), consume_.deadline(), session_.deadline(),
                   link_.deadline(outbox_.oldest_in_flight()), bulk_.deadline(), desk_.deadline(),
                   publications_.deadline(may_delete()), triggers_.deadline(may_delete()),
                   own_prefix_.deadline(), presence_.deadline(), images_.deadline(may_fetch()),
                   outbox_.deadline(now)});
}

void PublishRole::render(const Record& record, std::string& payload) {
  const auto list = [&](const auto& places) {
    payload = discovery::to_text(discovery::describe_places(places));
  };
  switch (record.what) {
    case What::areas:
      return list(home_.areas());
    case What::floors:
      return list(home_.floors());
    case What::labels:
      return list(home_.labels());
    case What::status:
    case What::info:
    case What::heartbeat:
    case What::instance:
      return presence_.render(record, payload);
    case What::device:
    case What::description:
    case What::document:
    case What::view:
    case What::announcement:
      return publications_.render(record, payload);
    case What::trigger:
      return triggers_.render(record, payload);
    case What::image:
      return images_.render(record, payload);
    case What::followed:
      return consume_.render(record, payload);
    case What::index:
    case What::foreign:
      return;
  }
}

}  // namespace bridge
