#include "bridge/keeping.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "discovery/topic.hpp"

using namespace bridge;

namespace {

/// A broker that keeps what the test says, and answers at once or not at all.
struct KeepingFixture {
  discovery::Topics topics{"statebus", "hubs"};
  Keeping keeping{topics.reply("kept/probe"), topics.reply("kept/+")};
  Now now{Time{1'000'000}, 0};
  Effects effects;
  bool accepts = true;
  bool has_wildcards = true;
  bool retains = true;
  std::size_t queue = 1'000;
  std::vector<Publish> published;
  bool is_closed = false;

  KeepingFixture() { keeping.start(now, effects); }

  void answer(const Subscribe& subscribe) {
    std::size_t left = queue;
    for (const Subscription& each : subscribe.subscriptions) {
      CHECK(each.retained);
      const bool is_wildcard = each.filter != topics.reply("kept/probe");
      if (!retains || (is_wildcard && !has_wildcards) || left-- == 0) break;
      keeping.arrived({.topic = topics.reply("kept/probe"), .payload = "probe"}, now, effects);
    }
  }

  void run() {
    while (!keeping.is_done()) {
      for (const BrokerEffect& effect : std::exchange(effects, {}).broker) {
        if (const auto* open = std::get_if<BrokerOpen>(&effect)) {
          CHECK((open->line == Line::bulk && open->same_broker));
          keeping.opened(now, effects);
        } else if (const auto* message = std::get_if<Publish>(&effect)) {
          published.push_back(*message);
          keeping.acknowledged(message->token, accepts, now, effects);
        } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
          answer(*subscribe);
        }
      }
      if (!effects.broker.empty()) continue;
      now.at = keeping.deadline();
      keeping.tick(now, effects);
    }
    is_closed = std::any_of(effects.broker.begin(), effects.broker.end(), [](const auto& each) {
      return std::holds_alternative<BrokerClose>(each);
    });
  }
};

}  // namespace

TEST_CASE("A broker that keeps all gives it by name and by wildcard, and loses nothing") {
  KeepingFixture fixture;
  const Time begun = fixture.now.at;
  fixture.run();
  CHECK(fixture.keeping.was_tried());
  CHECK(fixture.keeping.by_wildcard());
  CHECK(fixture.keeping.at_once() == Keeping::wanted_at_once);
  CHECK(fixture.is_closed);
  CHECK(fixture.now.at == begun);  // it waits for nothing but answers
  // What it leaves is cleared, and would expire.
  REQUIRE(fixture.published.size() == 2);
  CHECK((fixture.published[0].retain && fixture.published[0].expiry_s > 0));
  CHECK((fixture.published[1].retain && fixture.published[1].payload.empty()));
}

TEST_CASE("A broker that gives no retained message to a wildcard, or none at all, is known by it") {
  KeepingFixture named;
  named.has_wildcards = false;
  named.run();
  CHECK_FALSE(named.keeping.by_wildcard());
  CHECK(named.keeping.at_once() == Keeping::wanted_at_once);
  KeepingFixture none;
  none.retains = false;
  none.run();
  CHECK(none.keeping.was_tried());
  CHECK(none.keeping.at_once() == 0);
  CHECK(none.published.size() == 2);
}

TEST_CASE("How many messages a broker keeps for a client is counted") {
  KeepingFixture fixture;
  fixture.queue = 120;
  fixture.run();
  CHECK(fixture.keeping.at_once() == 120);
  CHECK(fixture.published.size() == 2);
}

TEST_CASE("A broker that hangs up on what it is asked is no broker that keeps nothing") {
  KeepingFixture fixture;
  fixture.keeping.opened(fixture.now, fixture.effects);
  fixture.keeping.acknowledged(std::get<Publish>(fixture.effects.broker.back()).token, true,
                               fixture.now, fixture.effects);
  fixture.keeping.arrived({.topic = fixture.topics.reply("kept/probe"), .payload = "probe"},
                          fixture.now, fixture.effects);
  fixture.keeping.closed("the connection was lost");
  CHECK(fixture.keeping.is_done());
  CHECK(fixture.keeping.by_wildcard());
  CHECK(fixture.keeping.failure() ==
        "it hung up on 500 subscriptions in one request, as Home Assistant makes them (the "
        "connection was lost); allow that there");
}

TEST_CASE("Where the broker does not take the message nothing more is tried") {
  KeepingFixture fixture;
  fixture.accepts = false;
  fixture.run();
  CHECK_FALSE(fixture.keeping.was_tried());
  CHECK(fixture.published.size() == 1);
  KeepingFixture silent;
  silent.effects = {};  // the connection never opens
  silent.run();
  CHECK_FALSE(silent.keeping.was_tried());
}
