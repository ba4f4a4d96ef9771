// What a bridge does with events of Home Assistant's bus that the user listed.
#include <doctest/doctest.h>

#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;

namespace {

const std::string tag_announcement = "homeassistant/tag/hubs/statebus-hubs-tag/config";

struct Listening : Simulation {
  explicit Listening(std::vector<std::string> events, bool admin = true, Json house = one_light())
      : Simulation({.house = std::move(house)}) {
    this->house().options().admin = admin;
    settings().events = std::move(events);
    start_bridge();
    settle();
    transcript().say(now(), "Events");
  }

  /// What was told of the events that have come since.
  std::vector<Line> told() {
    settle();
    std::vector<Line> lines;
    for (const Line& line : transcript().messages()) {
      if (line.what.starts_with("statebus/hubs/fired/")) lines.push_back(line);
    }
    return lines;
  }
};

}  // namespace

TEST_CASE("An event of a listed type is told as Home Assistant wrote it, and no other one is") {
  Listening bridge({"zha_event", "timer.finished"});
  bridge.house().fire("other_event", Json::object());
  bridge.house().fire("zha_event", Json::parse(R"({"z":1.50,"a":[{}],"command":"ü"})"));
  const auto told = bridge.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0].act == "send");
  CHECK(told[0].what == "statebus/hubs/fired/zha_event");
  const Json payload = Json::parse(told[0].text);
  CHECK(payload.size() == 3);
  CHECK(payload.at("event_type") == "zha_event");
  CHECK(payload.at("time_fired").get<std::string>().starts_with("2026-06-01T"));
  CHECK(told[0].text.find(R"("data":{"z":1.5,"a":[{}],"command":"ü"})") != std::string::npos);
  CHECK(bridge.broker().at("statebus/hubs/fired/zha_event").empty());
}

TEST_CASE("Events are subscribed to again after each loss of Home Assistant") {
  Listening bridge({"zha_event"});
  bridge.cut_ha();
  bridge.settle();
  bridge.house().fire("zha_event", {{"n", 1}});
  CHECK(bridge.told().size() == 1);
}

TEST_CASE("While the broker is away, events are not kept") {
  Listening bridge({"zha_event"});
  bridge.set_broker_down(true);
  bridge.cut_broker();
  bridge.house().fire("zha_event", {{"n", 1}});
  bridge.run(10s);
  bridge.set_broker_down(false);
  CHECK(bridge.told().empty());
}

TEST_CASE("Who is no administrator is told once for each type, and all else goes on") {
  Listening bridge({"zha_event", "service_registered"}, false);
  for (int i = 0; i < 5; ++i) {
    bridge.cut_ha();
    bridge.settle();
  }
  std::size_t lines = 0;
  for (const bridge::LogLine& line : bridge.log()) {
    if (line.text.find("administrator") != std::string::npos) ++lines;
  }
  CHECK(lines == 1);
  CHECK(bridge.bridge().is_online());
  bridge.house().fire("service_registered", {{"domain", "light"}});
  CHECK(bridge.told().size() == 1);
}

TEST_CASE("What came from a bus does not go round") {
  Json house = one_light();
  const Json mark = Json::array({Json::array({"mqtt", "statebus-media"})});
  house["devices"].push_back({{"id", "d2"}, {"identifiers", mark}});
  Listening bridge({"tag_scanned"}, true, house);
  bridge.house().fire("tag_scanned", {{"tag_id", "a"}, {"device_id", "d2"}});
  bridge.house().fire("tag_scanned", {{"tag_id", "b"}, {"statebus", "media"}});
  CHECK(bridge.told().empty());
  bridge.house().fire("tag_scanned", {{"tag_id", "c"}, {"device_id", "d1"}});
  bridge.house().fire("tag_scanned", {{"tag_id", "d"}, {"device_id", nullptr}});
  CHECK(bridge.told().size() == 2);
}

TEST_CASE("An event that others could not read is left out") {
  Listening bridge({"zha_event"});
  const std::string deep = std::string(31, '[') + std::string(31, ']');
  bridge.house().fire("zha_event", {{"deep", Json::parse("[" + deep + "]")}});
  CHECK(bridge.told().empty());
  bridge.on_ha_frame([](std::string& frame) {
    const auto at = frame.find(R"("time_fired":")");
    if (at != std::string::npos) frame.insert(at + 14, "\\x");
  });
  bridge.house().fire("zha_event", {{"n", 1}});
  CHECK(bridge.told().empty());
}

TEST_CASE("An event that is too large is left out") {
  Listening bridge({"zha_event"});
  bridge.house().fire("zha_event", {{"text", std::string(70'000, 'x')}});
  CHECK(bridge.told().empty());
}

TEST_CASE("The scanner of tags is announced while tag_scanned is listed") {
  Listening bridge({"tag_scanned"});
  CHECK_FALSE(bridge.broker().at(tag_announcement).empty());
  bridge.settings().events = {};
  bridge.start_bridge();
  bridge.settle();
  CHECK(bridge.broker().at(tag_announcement).empty());
}
