#include "bridge/outbox.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/machines/outbox_fixture.hpp"

using namespace machines;
using Texts = std::vector<std::string>;

TEST_CASE("Nothing is sent before the connection is open") {
  OutboxFixture fixture;
  fixture.set("a", "1");
  CHECK(fixture.pump().empty());
  CHECK(fixture.outbox.deadline(fixture.now) == bridge::never);
}

TEST_CASE("Never more messages are unacknowledged than the window allows") {
  OutboxFixture fixture;
  fixture.open(3);
  for (int i = 0; i < 10; ++i) fixture.set(fmt::format("t{}", i), "x");
  CHECK(fixture.pump() == Texts{"t0=x", "t1=x", "t2=x"});
  CHECK(fixture.pump().empty());
  CHECK_FALSE(fixture.outbox.caught_up());
  for (const std::size_t place : {0U, 1U}) {
    fixture.outbox.acknowledged(fixture.in_flight[place].token, true, fixture.now, fixture.effects);
  }
  CHECK(fixture.pump() == Texts{"t3=x", "t4=x"});
}

TEST_CASE("One message of a topic is in flight, and the newest value follows it") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  CHECK(fixture.pump() == Texts{"a=1"});
  for (int i = 2; i < 100; ++i) {
    fixture.set("a", std::to_string(i));
    CHECK(fixture.pump().empty());
  }
  fixture.acknowledge();
  CHECK(fixture.pump() == Texts{"a=99"});
  fixture.acknowledge();
  CHECK(fixture.pump().empty());
  CHECK(fixture.outbox.idle());
}

TEST_CASE("A value that came back before it was sent is not sent") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  fixture.flush();
  fixture.set("a", "2");
  fixture.set("a", "1");
  CHECK(fixture.pump().empty());
}

TEST_CASE("What the broker holds already is not sent again") {
  OutboxFixture fixture;
  fixture.outbox.begin_reading();
  fixture.outbox.held("a", "1");
  fixture.outbox.end_reading();
  fixture.set("a", "1");
  fixture.set("b", "1");
  fixture.outbox.open(100, 0);
  const Texts sent = fixture.pump();
  CHECK(std::count(sent.begin(), sent.end(), "a=1") == 0);
  CHECK(std::count(sent.begin(), sent.end(), "b=1") == 1);
}

TEST_CASE("What a broker has lost, or somebody has changed there, is sent again") {
  OutboxFixture fixture;
  fixture.open();
  for (const char* topic : {"kept", "lost", "changed"}) fixture.set(topic, "1");
  fixture.flush();
  fixture.outbox.close();
  fixture.outbox.begin_reading();
  fixture.outbox.held("kept", "1");
  fixture.outbox.held("changed", "other");
  fixture.outbox.end_reading();
  fixture.outbox.open(100, 0);
  Texts sent = fixture.pump();
  std::erase_if(sent, [](const std::string& text) { return text.starts_with("statebus/"); });
  std::sort(sent.begin(), sent.end());
  CHECK(sent == Texts{"changed=1", "lost=1"});
}

TEST_CASE("What was in flight when the connection broke is sent after the next one opened") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  fixture.pump();
  fixture.outbox.close();
  fixture.acknowledge();  // too late: it belongs to nothing
  fixture.outbox.open(100, 0);
  const Texts sent = fixture.pump();
  CHECK(std::count(sent.begin(), sent.end(), "a=1") == 1);
}

TEST_CASE("A dropped topic is cleared by an empty message and then forgotten") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  fixture.flush();
  const std::size_t size = fixture.outbox.size();
  fixture.outbox.drop(fixture.record("a"));
  CHECK(fixture.pump() == Texts{"a="});
  CHECK(fixture.in_flight.at(0).retain);
  fixture.acknowledge();
  CHECK(fixture.outbox.size() == size - 1);
}

TEST_CASE("A topic that is dropped and wanted again is not cleared in between") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  fixture.flush();
  fixture.outbox.drop(fixture.record("a"));
  fixture.set("a", "1");
  CHECK(fixture.pump().empty());
  CHECK(fixture.outbox.find("a") != nullptr);
}

TEST_CASE("Memory grows with topics and not with changes while the broker is away") {
  OutboxFixture fixture;
  for (int i = 0; i < 100'000; ++i) fixture.set(fmt::format("t{}", i % 50), std::to_string(i));
  CHECK(fixture.outbox.size() == 50 + discovery::index_buckets);
  CHECK(fixture.rendered == 0);
  fixture.open(100);
  CHECK(fixture.outbox.sent() == 50 + discovery::index_buckets);
  CHECK(fixture.outbox.accepted() == fixture.outbox.sent());
}

TEST_CASE("A full window takes one message for each that comes back, and rests until then") {
  OutboxFixture fixture;
  fixture.open(20);
  for (int i = 0; i < 50; ++i) fixture.set(fmt::format("t{}", i), "1");
  CHECK(fixture.pump().size() == 20);
  const auto acknowledge_one = [&] {
    fixture.outbox.acknowledged(fixture.in_flight.back().token, true, fixture.now, fixture.effects);
    fixture.in_flight.pop_back();
  };
  for (int i = 0; i < 9; ++i) {
    CHECK(fixture.pump().empty());
    CHECK(fixture.outbox.deadline(fixture.now) == bridge::never);
    acknowledge_one();
    CHECK(fixture.outbox.deadline(fixture.now) == fixture.now.at);
    CHECK(fixture.pump().size() == 1);
  }
  fixture.flush();
  CHECK(fixture.outbox.idle());
}

TEST_CASE("Messages that are not retained are bounded while the window is full, and not kept") {
  OutboxFixture fixture;
  fixture.outbox.send("event", "before the connection");
  fixture.open(1);
  CHECK(fixture.outbox.idle());
  fixture.set("a", "1");
  fixture.pump();
  for (int i = 0; i < 5000; ++i) fixture.outbox.send("event", std::to_string(i));
  std::size_t events = 0;
  for (fixture.acknowledge(); !fixture.pump().empty(); fixture.acknowledge()) ++events;
  CHECK(events == 1000);
  fixture.outbox.send("event", "lost with the connection");
  fixture.outbox.close();
  fixture.outbox.open(100, 0);
  const Texts sent = fixture.pump();
  CHECK(std::count_if(sent.begin(), sent.end(),
                      [](const std::string& text) { return text.starts_with("event"); }) == 0);
}

TEST_CASE("New announcements are paced, some 200 a second after the first 20") {
  OutboxFixture fixture;
  fixture.open(100);
  for (int i = 0; i < 500; ++i) fixture.set(fmt::format("t{}", i), "x", Lane::paced);
  std::size_t sent = fixture.pump().size();
  CHECK(sent == 20);
  CHECK_FALSE(fixture.outbox.idle());
  for (int ms = 0; ms < 1000; ms += 5) {
    fixture.acknowledge();
    fixture.now.at += Time{5};
    sent += fixture.pump().size();
  }
  CHECK(sent >= 215);
  CHECK(sent <= 225);
  CHECK(fixture.outbox.deadline(fixture.now) <= fixture.now.at + Time{6});
}

TEST_CASE("What waits for its pace goes at once when it is asked to hurry, and only once") {
  OutboxFixture fixture;
  fixture.open(100);
  for (int i = 0; i < 30; ++i) fixture.set(fmt::format("t{}", i), "x", Lane::paced);
  fixture.pump();
  fixture.set("t29", "y");
  CHECK(fixture.pump() == Texts{"t29=y"});
  fixture.acknowledge();
  fixture.now.at += Time{10'000};
  const Texts rest = fixture.pump();
  CHECK(rest.size() == 9);
  CHECK(std::count(rest.begin(), rest.end(), "t29=y") == 0);
}

TEST_CASE("A changed announcement goes before its document, even when its turn comes later") {
  OutboxFixture fixture;
  fixture.open(100);
  fixture.record("document").after = &fixture.record("announcement");
  // At a new topic nobody can take the document wrongly.
  fixture.set("document", "0");
  fixture.set("announcement", "0");
  CHECK(fixture.pump() == Texts{"document=0", "announcement=0"});
  fixture.flush();
  fixture.set("document", "1");
  fixture.set("announcement", "1");
  CHECK(fixture.pump() == Texts{"announcement=1"});
  CHECK(fixture.pump() == Texts{"document=1"});
  // One that waits for its pace holds nothing up.
  for (int i = 0; i < 30; ++i) fixture.set(fmt::format("t{}", i), "x", Lane::paced);
  fixture.flush();
  fixture.set("announcement", "2", Lane::paced);
  fixture.set("document", "2");
  CHECK(fixture.pump() == Texts{"document=2"});
}

TEST_CASE("A message that the broker refuses is named in the log and taken for not held") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("a", "1");
  fixture.pump();
  fixture.acknowledge(false);
  REQUIRE(fixture.effects.log.size() == 1);
  CHECK(fixture.effects.log[0].text.find("refused a message to a") != std::string::npos);
  CHECK(fixture.pump().empty());
  fixture.set("a", "1");
  CHECK(fixture.pump() == Texts{"a=1"});
}

TEST_CASE("What is larger than the broker takes is told and not sent") {
  OutboxFixture fixture;
  fixture.open(20, 10'000);
  fixture.set("a", std::string(20'000, 'x'));
  CHECK(fixture.pump().empty());
  REQUIRE(fixture.effects.log.size() == 1);
  CHECK(fixture.effects.log[0].text.find("max_packet_size") != std::string::npos);
}

TEST_CASE("The index names a topic before it is published and until it is cleared") {
  OutboxFixture fixture;
  fixture.open(100);
  const std::string topic = "statebus/hubs/state/light/a";
  const std::string bucket =
      fixture.topics.index(discovery::index_bucket(topic, discovery::index_buckets));
  fixture.payloads[topic] = "1";
  fixture.outbox.touch(fixture.record(topic, What::document));
  CHECK(fixture.pump() == Texts{bucket + "=[\"" + topic + "\"]", topic + "=1"});
  fixture.acknowledge();
  fixture.outbox.drop(fixture.record(topic, What::document));
  CHECK(fixture.pump() == Texts{topic + "="});
  fixture.acknowledge();
  CHECK(fixture.pump() == Texts{bucket + "=[]"});
}

TEST_CASE("The oldest unacknowledged message tells since when the broker is silent") {
  OutboxFixture fixture;
  fixture.open();
  CHECK(fixture.outbox.oldest_in_flight() == bridge::never);
  const Time since = fixture.now.at;
  fixture.set("a", "1");
  fixture.pump();
  fixture.now.at += Time{500};
  fixture.set("b", "1");
  fixture.pump();
  CHECK(fixture.outbox.oldest_in_flight() == since);
  fixture.outbox.acknowledged(fixture.in_flight[0].token, true, fixture.now, fixture.effects);
  CHECK(fixture.outbox.oldest_in_flight() == since + Time{500});
}

TEST_CASE("What is repeated goes out although the broker holds it, and can still be cleared") {
  OutboxFixture fixture;
  fixture.open();
  fixture.set("statebus/hubs/areas", "[1]");
  fixture.flush();
  Record& record = fixture.record("statebus/hubs/areas");
  fixture.outbox.repeat(record);
  CHECK(fixture.pump() == std::vector<std::string>{"statebus/hubs/areas=[1]"});
  fixture.acknowledge();
  CHECK(fixture.pump().empty());
  // Dropped before it went out.
  fixture.outbox.repeat(record, Lane::paced);
  fixture.outbox.drop(record);
  CHECK(fixture.pump() == std::vector<std::string>{"statebus/hubs/areas="});
}
