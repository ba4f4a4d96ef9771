#include "bridge/presence.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/machines/outbox_fixture.hpp"

using namespace bridge;
using machines::OutboxFixture;

namespace {

constexpr std::int64_t start_ms = 1'780'308'000'000;

/// Presence and an outbox that is always open; what is said shows at `broker`.
struct PresenceFixture {
  discovery::Topics topics{"statebus", "hubs"};
  Settings settings;
  Presence* made = nullptr;
  Outbox outbox{topics, [this](const Record& record, std::string& payload) {
                  if (made != nullptr) made->render(record, payload);
                }};
  bridge::Consumers consumers{settings, topics};
  Presence presence{settings, topics, consumers, outbox};
  Now now{Time{1'000'000}, start_ms};
  std::map<std::string, std::string> broker;
  std::size_t written = 0;  // times that the status was written

  PresenceFixture() {
    made = &presence;
    outbox.open(100, 0);
  }

  void pass(Time time) {
    for (const Time end = now.at + time; now.at < end;) {
      const Time next = std::min(std::max(presence.deadline(), now.at), end);
      now = {next, now.unix_ms + (next - now.at).count()};
      step();
    }
  }

  void step() {
    Effects effects;
    presence.tick(now);
    outbox.pump(now, effects);
    for (const BrokerEffect& effect : effects.broker) {
      const auto& message = std::get<Publish>(effect);
      broker[message.topic] = message.payload;
      if (message.topic == topics.status()) ++written;
      outbox.acknowledged(message.token, true, now, effects);
    }
  }

  void go_online() {
    presence.begin(now);
    presence.ha_ready(now);
    presence.caught_up();
    step();
  }

  std::string status() { return broker[topics.status()]; }
  discovery::Json info() { return discovery::Json::parse(broker[topics.info()]); }
};

}  // namespace

TEST_CASE("Nothing is written before the broker was read") {
  PresenceFixture fixture;
  CHECK(fixture.presence.deadline() == never);
  fixture.presence.ha_ready(fixture.now);
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.status().empty());
  CHECK_FALSE(fixture.broker.contains(fixture.topics.info()));
}

TEST_CASE("Online is said when Home Assistant is known and the broker holds it, and only once") {
  PresenceFixture fixture;
  fixture.presence.begin(fixture.now);
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.status().empty());
  fixture.presence.ha_ready(fixture.now);
  fixture.step();
  CHECK(fixture.status().empty());
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.status() == "online");
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.written == 1);
}

TEST_CASE("Offline is said 10 s after Home Assistant was lost") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.presence.ha_lost(fixture.now);
  fixture.pass(Time{9'999});
  CHECK(fixture.status() == "online");
  CHECK(fixture.info().at("ha_link") == "down");
  fixture.pass(Time{1});
  CHECK(fixture.status() == "offline");
  fixture.pass(Time{60'000});
  CHECK(fixture.written == 2);
}

TEST_CASE("A loss of less than 10 s is not told in the status") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.presence.ha_lost(fixture.now);
  fixture.pass(Time{9'000});
  fixture.presence.ha_ready(fixture.now);
  fixture.presence.caught_up();
  fixture.pass(Time{60'000});
  CHECK(fixture.status() == "online");
  CHECK(fixture.written == 1);
}

TEST_CASE("Losing Home Assistant again during the grace does not lengthen it") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.presence.ha_lost(fixture.now);
  fixture.pass(Time{8'000});
  fixture.presence.ha_lost(fixture.now);
  fixture.pass(Time{2'000});
  CHECK(fixture.status() == "offline");
}

TEST_CASE("A bridge that never finds its Home Assistant says offline after 10 s") {
  PresenceFixture fixture;
  fixture.presence.begin(fixture.now);
  fixture.pass(Time{9'999});
  CHECK(fixture.status().empty());
  fixture.pass(Time{1});
  CHECK(fixture.status() == "offline");
}

TEST_CASE("After a lost broker, whose will said offline, online is written again") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.presence.broker_lost();
  fixture.outbox.held(fixture.topics.status(), "offline");
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.written == 2);
  CHECK(fixture.status() == "online");
}

TEST_CASE("What a consumer has written to the status is put right at once") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.outbox.held(fixture.topics.status(), "offline");
  fixture.presence.repair_status(fixture.now);
  fixture.step();
  CHECK(fixture.written == 2);
  CHECK(fixture.status() == "online");
}

TEST_CASE("What others write after a loss is put right when all else is there again") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.outbox.held(fixture.topics.status(), "offline");
  fixture.presence.repair_status(fixture.now);
  fixture.presence.broker_lost();
  fixture.pass(Time{2'000});
  fixture.presence.repair_status(fixture.now);
  fixture.pass(Time{2'000});
  CHECK(fixture.written == 1);
  fixture.presence.caught_up();
  fixture.step();
  CHECK(fixture.written == 2);
  CHECK(fixture.status() == "online");
}

TEST_CASE("The epoch is the time, or one more than a retained one that is later") {
  const auto epoch_after = [](std::int64_t held) {
    PresenceFixture fixture;
    fixture.presence.hold_info("{\"epoch\":" + std::to_string(held) + "}");
    fixture.presence.begin(fixture.now);
    fixture.step();
    CHECK(fixture.info().at("epoch") == fixture.presence.epoch());
    return fixture.presence.epoch();
  };
  CHECK(epoch_after(0) == start_ms);
  CHECK(epoch_after(start_ms - 5) == start_ms);
  CHECK(epoch_after(start_ms + 5) == start_ms + 6);
  // One that no clock can have made is not believed; it would lock the instance out for ever.
  CHECK(epoch_after(std::numeric_limits<std::int64_t>::max()) == start_ms);
  CHECK(epoch_after(-7) == start_ms);
}

TEST_CASE("A reconnection to the broker keeps the epoch") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.pass(Time{5'000});
  fixture.presence.begin(fixture.now);
  CHECK(fixture.presence.epoch() == start_ms);
}

TEST_CASE("Info that is no JSON of ours is passed over") {
  for (const char* payload : {"", "[]", "{\"epoch\":\"x\",\"announced_under\":7}", "{"}) {
    PresenceFixture fixture;
    fixture.presence.hold_info(payload);
    fixture.presence.begin(fixture.now);
    CHECK(fixture.presence.epoch() == start_ms);
    CHECK(fixture.presence.announced_under() == std::vector<std::string>{"homeassistant"});
  }
}

TEST_CASE("Prefixes of earlier runs stay known, and none with wildcards is taken") {
  PresenceFixture fixture;
  fixture.presence.hold_info(R"({"announced_under":["old","homeassistant","#","a/+"]})");
  CHECK(fixture.presence.announced_under() == std::vector<std::string>{"homeassistant", "old"});
}

TEST_CASE("A heartbeat comes every 30 s and expires after three") {
  PresenceFixture fixture;
  fixture.presence.begin(fixture.now);
  fixture.step();
  const auto beat = [&] {
    return discovery::Json::parse(fixture.broker[fixture.topics.heartbeat()]).at("beat");
  };
  CHECK(beat() == 1);
  fixture.pass(Time{29'999});
  CHECK(beat() == 1);
  fixture.pass(Time{1});
  CHECK(beat() == 2);
  CHECK(fixture.outbox.find(fixture.topics.heartbeat())->expiry_s == 90);
}

TEST_CASE("Counters are told in info, at most every 10 s") {
  PresenceFixture fixture;
  fixture.go_online();
  fixture.presence.count(1, 0, nullptr, {}, fixture.now);
  fixture.pass(Time{5'000});
  discovery::ReasonCounts reasons{};
  reasons[static_cast<std::size_t>(discovery::Reason::hidden)] = 4;
  const discovery::Json last{{"entity", "lock.door"}, {"code", "denied"}};
  CHECK_FALSE(fixture.info().contains("last_refused"));
  fixture.presence.count(2, 3, last, reasons, fixture.now);
  CHECK(fixture.info().at("published") == 0);
  fixture.pass(Time{5'000});
  CHECK(fixture.info().at("published") == 2);
  CHECK(fixture.info().at("refused") == 3);
  CHECK(fixture.info().at("last_refused") == last);
  CHECK(fixture.info().at("reasons") == discovery::Json{{"hidden", 4}});
}

TEST_CASE("At the end offline is said, and no heartbeat is left that tells of a life") {
  PresenceFixture fixture;
  fixture.go_online();
  CHECK_FALSE(fixture.broker.at(fixture.topics.heartbeat()).empty());
  fixture.presence.stop();
  fixture.step();
  CHECK(fixture.status() == "offline");
  CHECK(fixture.broker.at(fixture.topics.heartbeat()).empty());
  fixture.pass(Time{60'000});
  CHECK(fixture.broker.at(fixture.topics.heartbeat()).empty());
}
