#include "bridge/probing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace bridge;

namespace {

/// A broker that lets the user write and read what the test says.
struct ProbingFixture {
  discovery::Topics topics{"statebus", "hubs"};
  Probing probing{topics, {"homeassistant", "main_ha"}};
  Now now{Time{1'000'000}, 0};
  Effects effects;
  std::vector<std::string> subscribed;
  std::map<std::string, std::uint64_t> sent;  // token by topic

  ProbingFixture() {
    probing.start(now, effects);
    for (const BrokerEffect& effect : effects.broker) {
      if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
        for (const auto& each : subscribe->subscriptions) subscribed.push_back(each.filter);
      } else {
        const auto& message = std::get<Publish>(effect);
        CHECK_FALSE(message.retain);
        sent[message.topic] = message.token;
      }
    }
  }

  const Rights& rights(Probe probe) const {
    const auto found = std::find_if(probing.trials().begin(), probing.trials().end(),
                                    [&](const Trial& each) { return each.probe == probe; });
    return found->rights;
  }
  void acknowledge_all(bool accepted = true) {
    for (const auto& [topic, token] : sent) probing.acknowledged(token, accepted, now);
  }
};

}  // namespace

TEST_CASE("The probes are messages that no bridge and no Home Assistant takes for its own") {
  ProbingFixture fixture;
  REQUIRE(fixture.sent.size() == 5);
  for (const auto& [topic, token] : fixture.sent) {
    const auto parts = fixture.topics.parse(topic);
    CHECK((!parts || parts->kind == discovery::TopicParts::Kind::reply ||
           parts->kind == discovery::TopicParts::Kind::other));
    CHECK_FALSE(topic.ends_with("/config"));
  }
  CHECK(fixture.sent.contains("homeassistant/sensor/hubs/statebus-hubs-probe/probe"));
  CHECK(fixture.sent.contains("main_ha/sensor/hubs/statebus-hubs-probe/probe"));
  CHECK(std::find(fixture.subscribed.begin(), fixture.subscribed.end(),
                  "statebus/hubs/command/#") != fixture.subscribed.end());
}

TEST_CASE("What comes back may be read, and then all is known") {
  ProbingFixture fixture;
  fixture.acknowledge_all();
  CHECK_FALSE(fixture.probing.is_done(fixture.now));
  for (const auto& [topic, token] : fixture.sent) {
    CHECK(fixture.probing.arrived({topic, "probe", false}));
  }
  CHECK_FALSE(fixture.probing.arrived({"statebus/hubs/command/light/a", "{}", false}));
  CHECK(fixture.probing.is_done(fixture.now));
  for (const Trial& trial : fixture.probing.trials()) {
    CAPTURE(trial.topic);
    CHECK(trial.rights.may_read);
    CHECK(trial.rights.may_write);
  }
}

TEST_CASE("What is written and does not come back within 2 s may not be read") {
  ProbingFixture fixture;
  fixture.acknowledge_all();
  fixture.probing.arrived({"statebus/hubs/reply/probe", "probe", false});
  fixture.now.at += Time{1999};
  CHECK_FALSE(fixture.probing.is_done(fixture.now));
  CHECK(fixture.probing.deadline() == fixture.now.at + Time{1});
  fixture.now.at += Time{1};
  CHECK(fixture.probing.is_done(fixture.now));
  CHECK(fixture.rights(Probe::commands).may_write);
  CHECK_FALSE(fixture.rights(Probe::commands).may_read);
}

TEST_CASE("What may not be written is not awaited") {
  ProbingFixture fixture;
  fixture.acknowledge_all(false);
  CHECK(fixture.probing.is_done(fixture.now));
  CHECK_FALSE(fixture.rights(Probe::announcements).may_write);
}
