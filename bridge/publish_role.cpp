#include "bridge/publish_role.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/gathering.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

using discovery::TopicParts;

/// Sets the effects that listeners write to for the length of a step.
class Step {
 public:
  Step(Effects*& place, Effects& effects) : place_(place) { place_ = &effects; }
  ~Step() { place_ = nullptr; }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  Effects*& place_;
};

/// Whether the index names topics of this kind.
bool is_listed(TopicParts::Kind kind) {
  using Kind = TopicParts::Kind;
  return kind == Kind::device || kind == Kind::entity || kind == Kind::state ||
         kind == Kind::view || kind == Kind::image || kind == Kind::announcement;
}

}  // namespace

PublishRole::PublishRole(Settings settings, HaSession::Token token)
    : settings_(std::move(settings)),
      topics_(settings_.root, settings_.instance),
      session_({settings_.ha_url, settings_.call_timeout, settings_.seed}, *this),
      link_({settings_.broker_url, topics_.status(), settings_.keepalive, settings_.seed + 1}),
      bulk_(topics_.reply("read"), [this](const Message& message) { read_back(message); }),
      outbox_(topics_,
              [this](const Record& record, std::string& payload) { render(record, payload); }),
      publications_(settings_, topics_, home_, outbox_),
      images_(settings_, home_, publications_, outbox_),
      desk_(settings_, topics_, home_, publications_, session_, outbox_),
      firings_(settings_, topics_, home_, session_, outbox_),
      triggers_(settings_, topics_, home_, publications_, session_, outbox_),
      presence_(settings_, topics_, outbox_) {
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
  if (line == Line::bulk) return bulk_.opened(now, effects);
  link_.opened(now);
  if (const std::string why = why_unusable(limits); !why.empty()) {
    effects.say(Level::error, fmt::format("the broker at {}: {}", settings_.broker_url, why));
  }
  effects.say(Level::info,
              fmt::format("connected to the broker at {}; at most {} messages in flight",
                          settings_.broker_url, window_for(limits)));
  subscribe(effects);
  outbox_.open(window_for(limits), limits.packet_bytes_max);
  presence_.begin(now);
}

void PublishRole::subscribe(Effects& effects) {
  effects.broker.push_back(
      Subscribe{Line::main,
                {{.filter = topics_.all_commands(), .own = false},
                 // The will of an earlier connection may have come before this one was there.
                 {.filter = topics_.status(), .own = false}}});
}

void PublishRole::start_reading(Now now, Effects& effects) {
  broker_read_ = false;
  held_descriptions_.clear();
  indexed_announcements_.clear();
  outbox_.begin_reading();
  // What a camera shows is another picture by now; that there is one the index tells.
  const bool cameras = !settings_.images.include.empty();
  auto filters = cameras ? topics_.all_but_cameras() : std::vector{topics_.all()};
  for (const std::string& prefix : presence_.announced_under()) {
    filters.push_back(topics_.all_announcements(prefix));
  }
  bulk_.start(std::move(filters), now, effects);
  // It leads to the index, and the index to all that a broker with small queues has dropped.
  bulk_.expect({topics_.info()});
}

/// Other software may announce under a node of the instance's name; its objects bear no mark of
/// ours.
bool PublishRole::is_own_announcement(std::string_view topic) const {
  const std::string mark = discovery::instance_name(topics_.instance()) + "-";
  return discovery::announced_object(topic).starts_with(mark);
}

/// One retained message of the own instance, as the broker holds it.
void PublishRole::read_back(const Message& message) {
  const std::optional<TopicParts> parts = topics_.parse(message.topic);
  const auto kind = parts ? parts->kind : TopicParts::Kind::announcement;
  if (kind == TopicParts::Kind::command || kind == TopicParts::Kind::reply) return;
  if (!parts && !is_own_announcement(message.topic)) return;
  outbox_.held(message.topic, message.payload, is_listed(kind));
  if (kind == TopicParts::Kind::info) {
    presence_.hold_info(message.payload);
    bulk_.expect(index_topics(topics_, message.payload));
    expect_announcements();
  }
  if (kind == TopicParts::Kind::entity) held_descriptions_.push_back(message.payload);
  if (kind != TopicParts::Kind::index) return;
  const auto listed = discovery::read_index(message.payload);
  if (!listed) return;
  // Nothing outside of what an instance may own is read, and so cleared, because an index names it.
  std::vector<std::string> own;
  for (const std::string& topic : *listed) {
    const auto named = topics_.parse(topic);
    if (!named) {
      if (is_own_announcement(topic)) indexed_announcements_.push_back(topic);
    } else if (named->instance == topics_.instance()) {
      const bool is_camera = named->kind == TopicParts::Kind::image && named->domain == "camera";
      is_camera ? outbox_.held(topic, "a picture", true) : own.push_back(topic);
    }
  }
  bulk_.expect(own);
  expect_announcements();
}

/// Asks for the announcements that the index names, also those under a prefix of an earlier run. It
/// is info that tells these prefixes, and it may come after the index.
void PublishRole::expect_announcements() {
  const auto& prefixes = presence_.announced_under();
  std::vector<std::string> known;
  std::erase_if(indexed_announcements_, [&](const std::string& topic) {
    const bool is_known = std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& prefix) {
      return topics_.parse_announcement(prefix, topic).has_value();
    });
    if (is_known) known.push_back(topic);
    return is_known;
  });
  bulk_.expect(known);
}

void PublishRole::reading_done(Now now, Effects& effects) {
  if (bulk_.state() == BulkRead::State::failed) {
    // Whatever is wrong (no broker there, a refused login) the main connection would meet it, too.
    link_.closed(bulk_.failure(), bulk_.refusal(), now, effects);
    return main_line_lost(effects);
  }
  broker_read_ = true;
  outbox_.end_reading();
  for (const std::string& payload : std::exchange(held_descriptions_, {})) {
    if (const auto held = discovery::read_description(payload)) publications_.hold(*held, now);
  }
  settled_ = false;
  link_.read(now, effects);
}

void PublishRole::main_line_lost(Effects& effects) {
  outbox_.close();
  images_.broker_lost();
  presence_.broker_lost();
  told_withheld_ = false;
  bulk_.stop(effects);
  broker_read_ = false;
}

void PublishRole::broker_closed(Line line, const std::string& why, int reason, Now now,
                                Effects& effects) {
  if (line == Line::bulk) return bulk_.closed(why, reason, effects);
  link_.closed(why, reason, now, effects);
  main_line_lost(effects);
}

void PublishRole::arrived(Line line, const Message& message, Now now, Effects& effects) {
  if (line == Line::bulk) return bulk_.arrived(message, now, effects);
  const std::optional<TopicParts> parts = topics_.parse(message.topic);
  if (!parts || parts->instance != topics_.instance()) return;
  if (parts->kind == TopicParts::Kind::command) {
    const Step step(effects_, effects);
    desk_.received(*parts, message, now, effects);
  } else if (parts->kind == TopicParts::Kind::status) {
    // A consumer, or the will of an earlier connection, has written there.
    outbox_.held(message.topic, message.payload);
    presence_.repair_status();
  }
}

void PublishRole::acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects) {
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
  publications_.tick(may_delete(), now, effects);
  triggers_.tick(may_delete(), now, effects);
  presence_.count(publications_.count(), desk_.refused(), publications_.reasons(), now);
  presence_.count_images(images_.refused());
  presence_.tick(now);
  const bool waits = outbox_.is_open() && presence_.awaits_broker();
  waits ? outbox_.watch() : outbox_.unwatch();
  outbox_.pump(now, effects);
  images_.tick(may_fetch(), now, effects);
  if (waits && outbox_.withholds_online()) stay_offline(effects);
  if (waits && outbox_.caught_up()) {
    presence_.caught_up();
    outbox_.pump(now, effects);
  }
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
  return std::min({reread_at_, session_.deadline(), link_.deadline(outbox_.oldest_in_flight()),
                   bulk_.deadline(), desk_.deadline(), publications_.deadline(may_delete()),
                   triggers_.deadline(may_delete()), presence_.deadline(),
                   images_.deadline(may_fetch()), outbox_.deadline(now)});
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
    case What::index:
    case What::foreign:
      return;
  }
}

}  // namespace bridge
