#include "bridge/broker_link.hpp"

#include <doctest/doctest.h>

using namespace bridge;

namespace {

/// A link and its time; each attempt begins with a read that the test takes for done.
struct LinkFixture {
  BrokerLink link{{.url = "mqtt://broker", .will_topic = "statebus/hubs/status"}};
  Now now{Time{1'000'000}, 0};
  Effects effects;

  BrokerLink::Wish tick(Time oldest = never) { return link.tick(oldest, now, effects); }

  /// Lets time pass until the next attempt begins; how long that took.
  Time wait_for_attempt() {
    const Time before = now.at;
    now.at = link.deadline(never);
    REQUIRE(tick() == BrokerLink::Wish::read);
    return now.at - before;
  }

  void connect() {
    REQUIRE(tick() == BrokerLink::Wish::read);
    link.read(now, effects);
    link.opened("mqtt://broker", now);
  }

  std::size_t errors() const {
    std::size_t count = 0;
    for (const LogLine& line : effects.log) count += line.level == Level::error ? 1 : 0;
    return count;
  }
};

}  // namespace

TEST_CASE("The link reads first and then connects with a will") {
  LinkFixture fixture;
  CHECK(fixture.tick() == BrokerLink::Wish::read);
  CHECK(fixture.link.is_reading());
  CHECK(fixture.link.deadline(never) == never);
  CHECK(fixture.effects.broker.empty());
  fixture.link.read(fixture.now, fixture.effects);
  REQUIRE(fixture.effects.broker.size() == 1);
  const auto& open = std::get<BrokerOpen>(fixture.effects.broker[0]);
  CHECK(open.line == Line::main);
  CHECK(open.will_topic == "statebus/hubs/status");
  CHECK(open.same_broker);
  fixture.link.opened("mqtt://broker", fixture.now);
  CHECK(fixture.link.is_open());
}

TEST_CASE("A lost connection is tried again, after growing waits of at most 36 s") {
  LinkFixture fixture;
  fixture.connect();
  fixture.link.closed("lost", 0, fixture.now, fixture.effects);
  const Time first = fixture.wait_for_attempt();
  CHECK(first >= Time{800});
  CHECK(first <= Time{1200});
  for (int i = 0; i < 10; ++i) {
    fixture.link.closed("no connection", 0, fixture.now, fixture.effects);
    CHECK(fixture.wait_for_attempt() <= Time{36'000});
  }
  fixture.link.closed("no connection", 0, fixture.now, fixture.effects);
  CHECK(fixture.wait_for_attempt() >= Time{24'000});
}

TEST_CASE("Where no broker is at all, it is looked for every second, and that is said once") {
  LinkFixture fixture;
  fixture.connect();
  fixture.link.closed("lost", 0, fixture.now, fixture.effects);
  fixture.wait_for_attempt();
  fixture.effects = {};
  for (int i = 0; i < 100; ++i) {
    fixture.link.unreachable("cannot connect", fixture.now, fixture.effects);
    CHECK(fixture.wait_for_attempt() <= Time{1'200});
  }
  CHECK(fixture.effects.log.size() == 1);
}

TEST_CASE("A connection that lived a minute makes the next loss wait shortly again") {
  LinkFixture fixture;
  fixture.connect();
  for (int i = 0; i < 6; ++i) {
    fixture.link.closed("lost", 0, fixture.now, fixture.effects);
    fixture.wait_for_attempt();
  }
  fixture.link.read(fixture.now, fixture.effects);
  fixture.link.opened("mqtt://broker", fixture.now);
  fixture.now.at += Time{60'000};
  fixture.link.closed("lost", 0, fixture.now, fixture.effects);
  CHECK(fixture.wait_for_attempt() <= Time{1200});
}

TEST_CASE("A connection that breaks at once again does not start with the shortest wait") {
  LinkFixture fixture;
  fixture.connect();
  Time wait{};
  for (int i = 0; i < 6; ++i) {
    fixture.link.closed("lost", 0, fixture.now, fixture.effects);
    wait = fixture.wait_for_attempt();
    fixture.link.read(fixture.now, fixture.effects);
    fixture.link.opened("mqtt://broker", fixture.now);
  }
  CHECK(wait >= Time{24'000});
}

TEST_CASE("Who has another broker goes there at once, unless it breaks as soon as it is there") {
  LinkFixture fixture;
  fixture.link = BrokerLink({.url = "mqtt://a, mqtt://b", .has_reserve = true});
  fixture.connect();
  fixture.link.closed("lost", 0, fixture.now, fixture.effects);
  // The one that was used is named, and where none answers all of them are.
  CHECK(fixture.effects.log.back().text == "the broker at mqtt://broker: lost; trying again");
  CHECK(fixture.wait_for_attempt() == Time{0});
  fixture.link.closed("none answers", 0, fixture.now, fixture.effects);
  CHECK(fixture.effects.log.back().text.starts_with("the broker at mqtt://a, mqtt://b: none"));
  CHECK(fixture.wait_for_attempt() >= Time{800});
  fixture.link.read(fixture.now, fixture.effects);
  fixture.link.opened("mqtt://b", fixture.now);
  fixture.link.closed("lost", 0, fixture.now, fixture.effects);
  CHECK(fixture.wait_for_attempt() >= Time{800});
}

TEST_CASE("A refused login is explained once and tried at most every 30 s") {
  LinkFixture fixture;
  REQUIRE(fixture.tick() == BrokerLink::Wish::read);
  for (int i = 0; i < 20; ++i) {
    fixture.link.closed("refused", 0x86, fixture.now, fixture.effects);
    CHECK(fixture.wait_for_attempt() >= Time{30'000});
  }
  CHECK(fixture.errors() == 1);
  CHECK(fixture.effects.log.at(0).text.find("broker.password_file") != std::string::npos);
}

TEST_CASE("A broker that stops acknowledging is given up after one and a half keep-alives") {
  LinkFixture fixture;
  fixture.connect();
  fixture.effects = {};
  const Time oldest = fixture.now.at;
  CHECK(fixture.link.deadline(oldest) == oldest + Time{15'000});
  fixture.now.at += Time{14'999};
  CHECK(fixture.tick(oldest) == BrokerLink::Wish::nothing);
  fixture.now.at += Time{1};
  CHECK(fixture.tick(oldest) == BrokerLink::Wish::forget);
  CHECK_FALSE(fixture.link.is_open());
  CHECK(std::holds_alternative<BrokerClose>(fixture.effects.broker.at(0)));
}

TEST_CASE("A connection without unacknowledged messages is never taken for dead") {
  LinkFixture fixture;
  fixture.connect();
  CHECK(fixture.link.deadline(never) == never);
  fixture.now.at += Time{24 * 3600'000};
  CHECK(fixture.tick() == BrokerLink::Wish::nothing);
}

TEST_CASE("A broker that does not answer an attempt is given up after 30 s") {
  LinkFixture fixture;
  fixture.tick();
  fixture.link.read(fixture.now, fixture.effects);
  fixture.now.at += Time{30'000};
  CHECK(fixture.tick() == BrokerLink::Wish::forget);
  CHECK(fixture.wait_for_attempt() <= Time{1200});
}

TEST_CASE("A broker without retained messages or without wildcards cannot be used") {
  CHECK(why_unusable({}).empty());
  CHECK(why_unusable({.retain_available = false}).find("retain_available") != std::string::npos);
  CHECK(why_unusable({.wildcards_available = false}).find("wildcards") != std::string::npos);
}

TEST_CASE("The window is what the broker allows, at most 100 and at least one") {
  CHECK(window_for({.receive_maximum = 20}) == 20);
  CHECK(window_for({}) == 100);
  CHECK(window_for({.receive_maximum = 0}) == 1);
}
