#include "bridge/gathering.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/machines/fake_broker.hpp"
#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;
using bridge::BrokerClose;
using bridge::BrokerOpen;
using bridge::Gathering;
using bridge::Message;

namespace {

/// `statebus state`, at a broker in memory.
struct Reader {
  FakeBroker& broker;
  bool watch = false;
  std::vector<std::string> told;
  Gathering gathering{
      "statebus", "statebus/reader/reply/read", watch,
      [this](const std::string& instance, const std::string& id, const std::string& document) {
        told.push_back(instance + " " + id + (document.empty() ? " gone" : ""));
      }};
  bridge::Effects effects;
  std::vector<std::pair<bridge::Line, Message>> arrived;

  void start() {
    gathering.start({}, effects);
    perform();
  }

  void perform() {
    while (!effects.broker.empty() || !arrived.empty()) {
      for (const bridge::BrokerEffect& effect : std::exchange(effects.broker, {})) {
        const auto line = std::visit([](const auto& each) { return each.line; }, effect);
        const std::string client = line == bridge::Line::main ? "reader" : "reader-read";
        if (std::holds_alternative<BrokerOpen>(effect)) {
          broker.connect(client, "",
                         [this, line](const Message& each) { arrived.emplace_back(line, each); });
          gathering.opened(line, {}, effects);
        } else if (const auto* message = std::get_if<bridge::Publish>(&effect)) {
          broker.publish(client, *message);
        } else if (const auto* subscribe = std::get_if<bridge::Subscribe>(&effect)) {
          for (const auto& each : subscribe->subscriptions) broker.subscribe(client, each);
        } else if (const auto* unsubscribe = std::get_if<bridge::Unsubscribe>(&effect)) {
          for (const auto& each : unsubscribe->filters) broker.unsubscribe(client, each);
        } else {
          broker.disconnect(client);
        }
      }
      for (const auto& [line, each] : std::exchange(arrived, {})) {
        gathering.arrived(each, line, {}, effects);
      }
    }
  }
};

}  // namespace

TEST_CASE("The global state comes from retained topics alone, and is complete") {
  Simulation simulation({.house = sensors(200)});
  simulation.start_bridge();
  simulation.settle();
  for (const std::size_t burst : {std::size_t{100'000}, std::size_t{50}}) {
    simulation.broker().set_burst(burst);
    Reader reader{simulation.broker()};
    reader.start();
    REQUIRE(reader.gathering.is_done());
    const auto& hubs = reader.gathering.instances().at("hubs");
    CHECK(hubs.status == "online");
    CHECK(hubs.documents.size() == 200);
    CHECK(reader.gathering.lacking().empty());
  }
}

TEST_CASE("A topic that the index names and the broker does not hold is told as lacking") {
  Simulation simulation({.house = sensors(5)});
  simulation.start_bridge();
  simulation.settle();
  simulation.kill_bridge();
  simulation.publish(sensor_document(3), "", true);
  Reader reader{simulation.broker()};
  reader.start();
  CHECK(reader.gathering.lacking() == std::vector<std::string>{sensor_document(3)});
}

TEST_CASE("Who watches hears what is there, then each change and removal") {
  Simulation simulation({.house = sensors(2)});
  simulation.start_bridge();
  simulation.settle();
  Reader reader{.broker = simulation.broker(), .watch = true};
  reader.start();
  CHECK(reader.told.size() == 2);
  simulation.house().set_state("sensor.s0", "99", Json::object());
  simulation.run(1s);
  reader.perform();
  CHECK(reader.told.back() == "hubs sensor.s0");
  simulation.house().remove(scripted_ha::Kind::entities, "sensor.s1");
  simulation.settle();
  reader.perform();
  CHECK(reader.told.back() == "hubs sensor.s1 gone");
  CHECK(reader.gathering.instances().at("hubs").documents.size() == 1);
}

TEST_CASE("Who watches hears on when the clock of Home Assistant steps back") {
  FakeBroker broker;
  Reader reader{.broker = broker, .watch = true};
  const auto document = [](const char* value, const char* time) {
    return fmt::format(
        R"({{"state":"{}","attributes":{{}},"last_changed":"{}","last_updated":"{}"}})", value,
        time, time);
  };
  reader.start();
  const auto tell = [&](const std::string& payload) {
    broker.publish("hubs", {.topic = sensor_document(0), .payload = payload, .retain = true});
    reader.perform();
    return reader.gathering.instances().at("hubs").documents.at("sensor.s0");
  };
  const std::string late = document("1", "2026-06-01T12:00:00.000000+00:00");
  const std::string early = document("2", "2026-06-01T11:00:00.000000+00:00");
  CHECK(tell(late) == late);
  CHECK(tell(early) == early);
  CHECK(reader.told.size() == 2);
}

TEST_CASE("What came live while all is being read is not undone by what is read later") {
  FakeBroker broker;
  for (const int i : {0, 1}) broker.put(sensor_document(i), "old");
  Reader reader{.broker = broker, .watch = true};
  const auto live = [&](int i, const std::string& payload) {
    reader.gathering.arrived({sensor_document(i), payload}, bridge::Line::main, {}, reader.effects);
  };
  reader.gathering.start({}, reader.effects);
  reader.effects = {};  // this test speaks for the live line itself
  reader.gathering.opened(bridge::Line::main, {}, reader.effects);
  live(0, "new");
  live(1, "");
  reader.perform();
  REQUIRE(reader.gathering.is_done());
  using Documents = std::map<std::string, std::string>;
  CHECK(reader.gathering.instances().at("hubs").documents == Documents{{"sensor.s0", "new"}});
}

TEST_CASE("A connection that fails ends the reading with the reason") {
  FakeBroker broker;
  Reader reader{broker};
  reader.gathering.start({}, reader.effects);
  reader.gathering.closed(bridge::Line::bulk, "no connection", 0, {}, reader.effects);
  CHECK(reader.gathering.is_done());
  CHECK(reader.gathering.failure() == "no connection");
}

TEST_CASE("A broker that does not answer ends the reading, with what is wrong") {
  FakeBroker broker;
  Reader reader{broker};
  reader.gathering.start({}, reader.effects);
  reader.gathering.tick({reader.gathering.deadline(), 0}, reader.effects);
  CHECK(reader.gathering.is_done());
  CHECK(reader.gathering.failure() == "it did not answer within 30 s");
}
