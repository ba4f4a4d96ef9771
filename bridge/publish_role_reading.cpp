// What the publishing role does with what the broker holds: its own topics of an earlier run, and
// the facts of other instances.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/gathering.hpp"
#include "bridge/publish_role.hpp"

namespace bridge {
namespace {

using discovery::TopicParts;

/// Whether the index names topics of this kind.
bool is_listed(TopicParts::Kind kind) {
  using Kind = TopicParts::Kind;
  return kind == Kind::device || kind == Kind::entity || kind == Kind::state ||
         kind == Kind::view || kind == Kind::image || kind == Kind::followed ||
         kind == Kind::announcement;
}

}  // namespace

void PublishRole::start_reading(Now now, Effects& effects) {
  broker_read_ = false;
  reading_since_ = now;
  held_descriptions_.clear();
  indexed_announcements_.clear();
  outbox_.begin_reading();
  presence_.begin_reading();
  // What a camera shows is another picture by now; that there is one the index tells.
  const bool cameras = !settings_.images.include.empty();
  auto filters = cameras ? topics_.all_but_cameras() : std::vector{topics_.all()};
  // Who consumes comes first: a broker with small queues drops what comes last, and who is not
  // known to ask loses what was announced for him.
  filters.insert(filters.begin(), {topics_.heartbeat(), topics_.every_info()});
  for (const std::string& prefix : presence_.announced_under()) {
    filters.push_back(topics_.all_announcements(prefix));
  }
  bulk_.start(std::move(filters), now, effects);
  // It leads to the index, and the index to all that a broker with small queues has dropped.
  bulk_.expect({topics_.info()});
}

/// All that announces follows when somebody begins or ceases to consume, or has a new release.
void PublishRole::take_consumers(Now now, Effects& effects) {
  if (std::exchange(consumer_changes_, consumers_.changes()) == consumers_.changes()) return;
  for (const discovery::Consumer& consumer : consumers_.all()) {
    if (consumer.version == discovery::Version{}) continue;  // before Home Assistant has told it
    effects.say(Level::info, fmt::format("announcing under {} for Home Assistant {}",
                                         consumer.prefix, discovery::to_text(consumer.version)));
  }
  if (consumers_.asked().empty()) {
    effects.say(Level::info, "announcing nothing: no instance that consumes takes from this one");
  }
  if (std::exchange(own_prefix_told_, consumers_.own()) != consumers_.own() &&
      !consumers_.own().empty()) {
    effects.say(Level::warning,
                fmt::format("this instance's own Home Assistant listens under {}, too, and would "
                            "show everything twice; nothing but the instance itself is announced "
                            "there. Give it or main another discovery prefix, and name main's in "
                            "consume.prefix of main's bridge",
                            consumers_.own()));
  }
  if (outbox_.is_open()) watch_announcements(effects);
  presence_.consumers_changed(now);
  publications_.consumers_changed(now);
  triggers_.consumers_changed();
}

/// One retained message of the own instance, as the broker holds it.
void PublishRole::read_back(const Message& message) {
  const std::optional<TopicParts> parts = topics_.parse(message.topic);
  const auto kind = parts ? parts->kind : TopicParts::Kind::announcement;
  const bool is_asking = kind == TopicParts::Kind::command || kind == TopicParts::Kind::call;
  if (is_asking || kind == TopicParts::Kind::reply) return;
  if (!parts && !publications_.is_own_announcement(message.topic)) return;
  if (parts && parts->instance != topics_.instance()) {
    if (kind == TopicParts::Kind::info) consumers_.heard(parts->instance, message.payload);
    return;
  }
  outbox_.held(message.topic, message.payload, is_listed(kind));
  if (kind == TopicParts::Kind::followed) consume_.hold_followed(*parts, message);
  if (kind == TopicParts::Kind::info) {
    presence_.hold_info(message.payload);
    bulk_.expect(index_topics(topics_, message.payload));
    expect_announcements();
  }
  if (kind == TopicParts::Kind::heartbeat) {
    presence_.hold_heartbeat(message.payload, reading_since_);
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
      if (publications_.is_own_announcement(topic)) indexed_announcements_.push_back(topic);
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
    if (bulk_.met_nobody()) {
      link_.unreachable(bulk_.failure(), now, effects);
    } else {
      link_.closed(bulk_.failure(), bulk_.refusal(), now, effects);
    }
    return main_line_lost(effects);
  }
  if (presence_.is_superseded()) {
    link_.closed({}, session_taken_over, now, effects);
    return main_line_lost(effects);
  }
  broker_read_ = true;
  take_consumers(now, effects);
  outbox_.end_reading();
  for (const std::string& payload : std::exchange(held_descriptions_, {})) {
    if (const auto held = discovery::read_description(payload)) publications_.hold(*held, now);
  }
  own_prefix_.broker_read();
  consume_.broker_read();
  settled_ = false;
  link_.read(now, effects);
}

}  // namespace bridge
