#include "bridge/probing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace bridge;

namespace {

/// A broker that acknowledges what the test says, of all that is tried.
struct ProbingFixture {
  discovery::Topics topics{"statebus", "hubs"};
  Probing probing{all_rights()};
  Now now{Time{1'000'000}, 0};
  std::vector<std::string> subscribed;
  std::map<std::string, std::uint64_t> sent;  // token by topic
  std::size_t waiting = 0;                    // for their acknowledgements
  std::size_t most_waiting = 0;

  ProbingFixture() {
    Effects effects;
    probing.start(now, effects);
    perform(effects);
  }

  std::vector<Right> all_rights() const {
    const std::vector<std::string> prefixes{"homeassistant", "main_ha"};
    std::vector<Right> rights = rights_of_instance(topics, prefixes, {.prefix = "hubs_ha"});
    for (const Right& each : excesses_of_instance(topics, prefixes)) rights.push_back(each);
    rights.push_back(right_to_call("statebus"));
    return rights;
  }

  void perform(const Effects& effects) {
    for (const BrokerEffect& effect : effects.broker) {
      if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
        for (const auto& each : subscribe->subscriptions) {
          CHECK_FALSE(each.retained);
          subscribed.push_back(each.filter);
        }
      } else {
        const auto& message = std::get<Publish>(effect);
        CHECK_FALSE(message.retain);
        CHECK(sent.emplace(message.topic, message.token).second);
        most_waiting = std::max(most_waiting, ++waiting);
      }
    }
  }

  void acknowledge_all(bool accepted = true) {
    for (const Trial& trial : probing.trials()) {
      Effects effects;
      --waiting;
      probing.acknowledged(sent.at(trial.attempt.topic), accepted, now, effects);
      perform(effects);
    }
  }

  const Trial& trial(const std::string& topic) const {
    return *std::find_if(probing.trials().begin(), probing.trials().end(),
                         [&](const Trial& each) { return each.attempt.topic == topic; });
  }
};

}  // namespace

TEST_CASE("The probes are messages that no bridge and no Home Assistant takes for its own") {
  ProbingFixture fixture;
  fixture.acknowledge_all();
  REQUIRE(fixture.sent.size() == fixture.probing.trials().size());
  for (const auto& [topic, token] : fixture.sent) {
    CAPTURE(topic);
    const auto parts = fixture.topics.parse(topic);
    CHECK((!parts || parts->kind == discovery::TopicParts::Kind::reply ||
           parts->kind == discovery::TopicParts::Kind::other));
    CHECK_FALSE(topic.ends_with("/config"));
    CHECK(topic != discovery::birth_topic);
  }
  CHECK(fixture.sent.contains("homeassistant/sensor/hubs/statebus-hubs-probe/probe"));
  CHECK(fixture.sent.contains("main_ha/sensor/hubs/statebus-hubs-probe/probe"));
  CHECK(std::find(fixture.subscribed.begin(), fixture.subscribed.end(),
                  "statebus/hubs/command/#") != fixture.subscribed.end());
}

TEST_CASE("No more probes wait for their acknowledgements than a stock broker takes") {
  ProbingFixture fixture;
  fixture.acknowledge_all();
  CHECK(fixture.probing.trials().size() > 20);
  CHECK(fixture.most_waiting == 10);
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
    CAPTURE(trial.attempt.topic);
    CHECK(trial.may_read);
    CHECK(trial.may_write);
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
  CHECK(fixture.trial("statebus/hubs/command/probe").may_write);
  CHECK_FALSE(fixture.trial("statebus/hubs/command/probe").may_read);
}

TEST_CASE("What may not be written is not awaited") {
  ProbingFixture fixture;
  fixture.acknowledge_all(false);
  CHECK(fixture.probing.is_done(fixture.now));
  CHECK_FALSE(fixture.trial("statebus/hubs/reply/probe").may_write);
}
