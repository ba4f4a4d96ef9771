// An instance whose own Home Assistant listens where the instance announces.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;

namespace {

const std::string light = "homeassistant/light/hubs/statebus-hubs-r1/config";
const std::string sign = "homeassistant/binary_sensor/hubs/statebus-hubs-connectivity/config";
const std::string shown_as = "binary_sensor.statebus_hubs_connectivity";

/// A house whose Home Assistant has the MQTT integration.
struct Listening : Simulation {
  explicit Listening(bridge::Settings settings = {})
      : Simulation({.house = one_light(), .settings = std::move(settings)}) {
    house().options().mqtt = true;
  }

  /// What MQTT does in Home Assistant when that announcement reaches it.
  void show(const std::string& announcement) {
    house().options().discovery_topics["own"] = announcement;
    house().create(scripted_ha::Kind::devices, Json::parse(R"({"id": "own", "name": "Statebus hubs",
                                   "identifiers": [["mqtt", "statebus-hubs"]]})"));
    house().add_entity({{"entity_id", shown_as},
                        {"id", "own1"},
                        {"unique_id", "statebus-hubs-connectivity"},
                        {"platform", "mqtt"},
                        {"device_id", "own"}},
                       "on", Json::object());
  }

  bool has(const std::string& topic) { return broker().retained().contains(topic); }
  std::string info() { return broker().at("statebus/hubs/info"); }
};

}  // namespace

TEST_CASE("Without the MQTT integration nothing can be shown twice, and nothing waits") {
  Published published;
  CHECK(published.when("set", light, Time{1'000'000}) < 1'000);
}

TEST_CASE("Where it is loaded, the instance itself goes first and the rest 3 s later") {
  Listening listening;
  listening.start_bridge();
  listening.run(2'500ms);
  CHECK(listening.has(sign));
  CHECK(listening.has("statebus/hubs/state/light/kitchen"));
  CHECK_FALSE(listening.has(light));
  listening.run(1s);
  CHECK(listening.has(light));

  // The next run need not wait: what did not turn up in all that time will not.
  listening.kill_bridge();
  listening.broker().publish("", {.topic = light, .retain = true});
  listening.start_bridge();
  listening.run(1s);
  CHECK(listening.has(light));
}

TEST_CASE("When its entity turns up at home, only the instance itself stays announced") {
  Listening listening;
  listening.start_bridge();
  listening.run(500ms);
  REQUIRE(listening.has(sign));
  listening.show(sign);
  listening.settle();
  CHECK(listening.has(sign));
  CHECK(listening.transcript().count("set", light) == 0);
  CHECK(listening.has_logged("own Home Assistant listens under homeassistant"));
  CHECK(Json::parse(listening.info()).at("own_prefix") == "homeassistant");
  CHECK(Json::parse(listening.info()).at("reasons").at("own_prefix") == 1);

  // After a restart of the bridge as well, from the first moment on.
  listening.kill_bridge();
  listening.start_bridge();
  listening.settle();
  CHECK(listening.transcript().count("set", light) == 0);
  CHECK(listening.has(sign));
}

TEST_CASE("Home Assistant that is slow to show it has the doubles taken away") {
  Listening listening;
  listening.start_bridge();
  listening.settle();
  REQUIRE(listening.has(light));
  listening.show(sign);
  listening.settle();
  CHECK_FALSE(listening.has(light));
  CHECK(listening.has(sign));
}

TEST_CASE("A restored entity proves nothing: Home Assistant may listen elsewhere by now") {
  Listening listening;
  listening.show(sign);
  listening.house().set_state(shown_as, "unavailable", {{"restored", true}});
  listening.start_bridge();
  listening.settle();
  CHECK(listening.has(light));
}

TEST_CASE("When Home Assistant ceases to listen there, all is announced a minute later") {
  Listening listening;
  listening.start_bridge();
  listening.run(500ms);
  listening.show(sign);
  listening.settle();
  REQUIRE_FALSE(listening.has(light));
  listening.house().set_state(shown_as, "unavailable", {{"restored", true}});
  listening.run(59s);
  CHECK_FALSE(listening.has(light));
  listening.run(15s);
  CHECK(listening.has(light));
  CHECK_FALSE(Json::parse(listening.info()).contains("own_prefix"));
}

TEST_CASE("Of several prefixes only the own one is held back") {
  Listening listening;
  listening.publish("statebus/main/info",
                    R"({"ha_version":"2026.11.0","consumes":{"prefix":"main_ha"}})", true);
  listening.publish("statebus/tablet/info",
                    R"({"ha_version":"2026.11.0","consumes":{"prefix":"homeassistant"}})", true);
  listening.start_bridge();
  listening.run(500ms);
  listening.show(sign);
  listening.settle();
  CHECK(listening.has("main_ha/light/hubs/statebus-hubs-r1/config"));
  CHECK(listening.transcript().count("set", light) == 0);
  CHECK_FALSE(Json::parse(listening.info()).at("reasons").contains("own_prefix"));
}

TEST_CASE("An instance that consumes announces nothing under its own prefix") {
  bridge::Settings settings;
  settings.consume.prefix = "homeassistant";
  Listening listening(settings);
  listening.start_bridge();
  listening.settle();
  CHECK_FALSE(listening.has(sign));
  CHECK_FALSE(listening.has(light));
  // Another one's prefix is another matter.
  listening.publish("statebus/tablet/info",
                    R"({"ha_version":"2026.11.0","consumes":{"prefix":"tablet_ha"}})", true);
  listening.settle();
  CHECK(listening.has("tablet_ha/light/hubs/statebus-hubs-r1/config"));
}
