// What the broker does not take: by its ACL, or because it is too large.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/machines/houses.hpp"
#include "tests/machines/outbox_fixture.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;
using Texts = std::vector<std::string>;

namespace {

std::size_t count_of(const std::vector<bridge::LogLine>& log, std::string_view part) {
  return static_cast<std::size_t>(std::count_if(
      log.begin(), log.end(),
      [&](const bridge::LogLine& line) { return line.text.find(part) != std::string::npos; }));
}

}  // namespace

TEST_CASE("An instance is not online before the broker takes its documents, and is then") {
  Simulation simulation({.house = one_light()});
  simulation.broker().forbid(light_document);
  simulation.start_bridge();
  simulation.run(50s);
  CHECK_FALSE(simulation.bridge().is_online());
  CHECK(simulation.broker().at("statebus/hubs/status") == "offline");
  CHECK(count_of(simulation.log(), "not online: the broker refuses") == 1);
  CHECK(count_of(simulation.log(), "refused a message to " + light_document) == 1);
  simulation.broker().allow(light_document);
  simulation.run(60s);
  CHECK(simulation.broker().at("statebus/hubs/status") == "online");
  CHECK_FALSE(simulation.broker().at(light_document).empty());
}

TEST_CASE("An instance whose right is taken away under way is offline until it is back") {
  Simulation simulation({.house = one_light()});
  simulation.start_bridge();
  simulation.settle();
  for (int time = 0; time < 2; ++time) {
    simulation.broker().forbid(light_document);
    simulation.house().set_state("light.kitchen", time == 0 ? "off" : "on", Json::object(),
                                 simulation.house().new_context());
    simulation.run(5s);
    CHECK(simulation.broker().at("statebus/hubs/status") == "offline");
    simulation.broker().allow(light_document);
    simulation.run(61s);
    CHECK(simulation.broker().at("statebus/hubs/status") == "online");
  }
  CHECK(count_of(simulation.log(), "not online: the broker refuses") == 2);
}

TEST_CASE("A refused document that came from an entity which is gone keeps nobody offline") {
  Simulation simulation({.house = one_light()});
  simulation.broker().forbid(light_document);
  simulation.start_bridge();
  simulation.run(5s);
  simulation.house().remove(scripted_ha::Kind::entities, "light.kitchen");
  simulation.settle();
  CHECK(simulation.bridge().is_online());
}

TEST_CASE("After a new connection what was refused is tried again") {
  Simulation simulation({.house = one_light()});
  simulation.broker().forbid(light_document);
  simulation.start_bridge();
  simulation.run(5s);
  simulation.broker().allow(light_document);
  simulation.cut_broker();
  simulation.run(5s);
  CHECK(simulation.broker().at("statebus/hubs/status") == "online");
}

TEST_CASE("A refused announcement keeps nobody offline") {
  Simulation simulation({.house = one_light()});
  simulation.broker().forbid(light_announcement);
  simulation.start_bridge();
  simulation.run(5s);
  CHECK(simulation.bridge().is_online());
  CHECK(count_of(simulation.log(), "refused a message to " + light_announcement) == 1);
}

TEST_CASE("A flood of refusals is told a few times, and how many more there were") {
  OutboxFixture fixture;
  fixture.open(100);
  const auto refuse = [&](int count) {
    for (int i = 0; i < count; ++i) fixture.set(fmt::format("t{}", i), std::to_string(count));
    fixture.pump();
    fixture.acknowledge(false);
  };
  refuse(90);
  CHECK(fixture.effects.log.size() == 5);
  fixture.now.at += Time{10'000};
  refuse(1);
  REQUIRE(fixture.effects.log.size() == 6);
  CHECK(fixture.effects.log.back().text.find("85 more") != std::string::npos);
}

TEST_CASE("What is too large again and again is told a few times") {
  OutboxFixture fixture;
  fixture.open(20, 10'000);
  for (int i = 0; i < 50; ++i) {
    fixture.set("a", std::string(20'000, 'x') + std::to_string(i));
    fixture.pump();
  }
  CHECK(fixture.effects.log.size() == 5);
}

TEST_CASE("A document that has become too large leaves no old state behind, until it fits again") {
  OutboxFixture fixture;
  fixture.open(20, 10'000);
  const std::string topic = "statebus/hubs/state/light/a";
  const auto write = [&](const std::string& payload) {
    fixture.payloads[topic] = payload;
    fixture.outbox.touch(fixture.record(topic, What::document));
    const Texts sent = fixture.pump();
    fixture.acknowledge();
    return sent;
  };
  write("old");
  CHECK(write(std::string(20'000, 'x')) == Texts{topic + "="});
  CHECK(write(std::string(20'001, 'x')).empty());
  CHECK(write("new") == Texts{topic + "=new"});
}

TEST_CASE("An announcement that has become too large stays as it was") {
  OutboxFixture fixture;
  fixture.open(20, 10'000);
  const std::string topic = "homeassistant/light/hubs/statebus-hubs-a/config";
  const auto write = [&](const std::string& payload) {
    fixture.payloads[topic] = payload;
    fixture.outbox.touch(fixture.record(topic, What::announcement));
    const Texts sent = fixture.pump();
    fixture.acknowledge();
    return sent;
  };
  write("old");
  CHECK(write(std::string(20'000, 'x')).empty());
}

TEST_CASE("One refused message every two seconds finds out that the broker takes them all again") {
  OutboxFixture fixture;
  fixture.open(100);
  for (const char* topic : {"a", "b", "c"}) fixture.set(topic, "1");
  fixture.pump();
  fixture.acknowledge(false);
  const std::size_t told = fixture.effects.log.size();
  for (int i = 0; i < 3; ++i) {
    fixture.now.at += Time{2'000};
    CHECK(fixture.outbox.deadline(fixture.now) <= fixture.now.at);
    CHECK(fixture.pump() == Texts{"c=1"});
    fixture.acknowledge(false);
    CHECK(fixture.pump().empty());
  }
  CHECK(fixture.effects.log.size() == told);
  fixture.now.at += Time{2'000};
  CHECK(fixture.pump() == Texts{"c=1"});
  fixture.acknowledge();
  Texts others = fixture.pump();
  std::sort(others.begin(), others.end());
  CHECK(others == Texts{"a=1", "b=1"});
  fixture.acknowledge();
  CHECK(fixture.outbox.deadline(fixture.now) == bridge::never);
}

TEST_CASE("Rights that have come back in part are found within a minute") {
  OutboxFixture fixture;
  fixture.open(100);
  for (const char* topic : {"a", "b"}) fixture.set(topic, "1");
  fixture.pump();
  fixture.acknowledge(false);
  Texts tried;
  for (int s = 0; s < 60; s += 2) {
    fixture.now.at += Time{2'000};
    tried = fixture.pump();
    fixture.acknowledge(false);
  }
  std::sort(tried.begin(), tried.end());
  CHECK(tried == Texts{"a=1", "b=1"});
}
