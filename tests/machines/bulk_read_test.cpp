#include "bridge/bulk_read.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tests/machines/fake_broker.hpp"

using namespace bridge;
using machines::FakeBroker;

namespace {

/// A read of a broker in memory, with no delay at all.
struct ReadFixture {
  FakeBroker broker;
  std::vector<std::string> read;
  BulkRead bulk{"statebus/hubs/reply/read", [this](const Message& message) {
                  read.push_back(message.topic);
                  if (on_message) on_message(message);
                }};
  std::function<void(const Message&)> on_message;
  Now now{Time{1'000'000}, 0};
  Effects effects;
  std::size_t largest_batch = 0;
  std::size_t closes = 0;
  int answers_lost = 0;  // so many of the broker's answers come to nothing

  void start() { bulk.start({"statebus/hubs/#"}, now, effects); }

  void perform() {
    std::vector<Message> arrived;
    while (!effects.broker.empty() || !arrived.empty()) {
      for (const BrokerEffect& effect : std::exchange(effects.broker, {})) {
        if (std::holds_alternative<BrokerOpen>(effect)) {
          broker.connect("read", "", [&](const Message& each) { arrived.push_back(each); });
          bulk.opened(now, effects);
        } else if (const auto* message = std::get_if<Publish>(&effect)) {
          broker.publish("read", *message);
          if (answers_lost == 0) {
            bulk.acknowledged(message->token, now);
          } else {
            --answers_lost;
          }
        } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
          largest_batch = std::max(largest_batch, subscribe->subscriptions.size());
          for (const Subscription& each : subscribe->subscriptions) broker.subscribe("read", each);
        } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
          for (const auto& each : unsubscribe->filters) broker.unsubscribe("read", each);
        } else {
          ++closes;
          broker.disconnect("read");
        }
      }
      for (const Message& each : std::exchange(arrived, {})) bulk.arrived(each, now, effects);
    }
  }

  /// Reads a broker that gives the marker back to nobody, until that has come to an end; how long
  /// it took.
  Time read_without_marker() {
    fill(10);
    broker.forbid("statebus/hubs/reply/read");
    start();
    perform();
    const Time begun = now.at;
    while (bulk.state() == BulkRead::State::running) {
      now.at = bulk.deadline();
      bulk.tick(now, effects);
      perform();
    }
    return now.at - begun;
  }

  void fill(int count) {
    for (int i = 0; i < count; ++i) broker.put(fmt::format("statebus/hubs/state/a/{}", i), "x");
  }

  std::size_t different() const { return std::set(read.begin(), read.end()).size(); }
};

}  // namespace

TEST_CASE("Everything retained is read, and then the connection is closed") {
  ReadFixture fixture;
  fixture.fill(1000);
  fixture.broker.put("statebus/media/state/a/0", "x");
  fixture.start();
  fixture.perform();
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.read.size() == 1000);
  CHECK(fixture.closes == 1);
  CHECK(fixture.bulk.deadline() == never);
}

TEST_CASE("What a broker with small queues dropped is fetched by name, in batches") {
  ReadFixture fixture;
  fixture.fill(3000);
  fixture.broker.set_burst(1000);
  fixture.on_message = [&](const Message& message) {
    if (message.topic != "statebus/hubs/state/a/0") return;
    std::vector<std::string> names;
    for (int i = 0; i < 3000; ++i) names.push_back(fmt::format("statebus/hubs/state/a/{}", i));
    fixture.bulk.expect(names);
  };
  fixture.start();
  fixture.perform();
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.different() == 3000);
  CHECK(fixture.read.size() == 3000);
  CHECK(fixture.largest_batch <= 400);
  CHECK(fixture.bulk.lacking().empty());
}

TEST_CASE("What is fetched by name may name more") {
  ReadFixture fixture;
  fixture.fill(3);
  fixture.broker.set_burst(0);
  fixture.on_message = [&](const Message& message) {
    const int number = message.topic.back() - '0';
    fixture.bulk.expect({fmt::format("statebus/hubs/state/a/{}", number + 1)});
  };
  fixture.start();
  fixture.bulk.expect({"statebus/hubs/state/a/0"});
  fixture.perform();
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.different() == 3);
  CHECK(fixture.bulk.lacking() == std::vector<std::string>{"statebus/hubs/state/a/3"});
}

TEST_CASE("Without its marker, which a broker may not let it write, silence ends each step") {
  ReadFixture fixture;
  fixture.fill(10);
  fixture.broker.forbid("statebus/hubs/reply/read");
  fixture.start();
  fixture.perform();
  CHECK(fixture.bulk.state() == BulkRead::State::running);
  fixture.now.at += Time{1999};
  fixture.bulk.tick(fixture.now, fixture.effects);
  CHECK(fixture.bulk.state() == BulkRead::State::running);
  fixture.now.at = fixture.bulk.deadline();
  fixture.bulk.tick(fixture.now, fixture.effects);
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.read.size() == 10);
}

TEST_CASE("A broker that has answered nothing is asked again, and fails the read after 30 s") {
  ReadFixture fixture;
  fixture.answers_lost = 1000;
  CHECK(fixture.read_without_marker() == Time{30'000});
  CHECK(fixture.bulk.state() == BulkRead::State::failed);
  CHECK(fixture.bulk.failure().find("stopped answering") != std::string::npos);
  CHECK(fixture.answers_lost == 1000 - 15);
}

TEST_CASE("A marker whose acknowledgement is lost is sent again after two silent seconds") {
  ReadFixture fixture;
  fixture.answers_lost = 1;
  CHECK(fixture.read_without_marker() == Time{4'000});
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.read.size() == 10);
}

TEST_CASE("A connection that cannot be made, or breaks, is a failed read with its reason") {
  ReadFixture fixture;
  fixture.start();
  fixture.bulk.closed("no connection", 0x87, fixture.effects);
  CHECK(fixture.bulk.state() == BulkRead::State::failed);
  CHECK(fixture.bulk.failure() == "no connection");
  CHECK(fixture.bulk.refusal() == 0x87);
}

TEST_CASE("A broker that does not answer is a failed read after 30 s, and the next one may do") {
  ReadFixture fixture;
  fixture.fill(5);
  fixture.start();
  fixture.now.at += Time{30'000};
  fixture.bulk.tick(fixture.now, fixture.effects);
  CHECK(fixture.bulk.state() == BulkRead::State::failed);
  fixture.effects = {};
  fixture.start();
  fixture.perform();
  CHECK(fixture.bulk.state() == BulkRead::State::done);
  CHECK(fixture.read.size() == 5);
}
