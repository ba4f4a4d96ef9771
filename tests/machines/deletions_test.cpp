// What others clear: a user's deletion on main stays, and a loss is made good.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;

namespace {

struct Cleared : Published {
  Cleared()
      : Published(
            house_of({{"light.a"}, {"light.b"}, {"light.c", "on", {}, {{"device_id", "d"}}}})) {
    settle();
  }

  static std::string announcement(int number, const std::string& prefix = "homeassistant") {
    return prefix + "/light/hubs/statebus-hubs-r" + std::to_string(number) + "/config";
  }
  bool has(const std::string& topic) { return broker().retained().contains(topic); }
  void clear(const std::string& topic) { publish(topic, "", true); }
  Json description(const std::string& object) {
    return Json::parse(broker().at("statebus/hubs/entity/light/" + object));
  }
};

const std::string sign = "homeassistant/binary_sensor/hubs/statebus-hubs-connectivity/config";

}  // namespace

TEST_CASE("What a user deletes on main stays deleted, also over a restart, until it is restored") {
  Cleared cleared;
  cleared.clear(Cleared::announcement(1));
  cleared.settle();
  CHECK_FALSE(cleared.has(Cleared::announcement(1)));
  CHECK(cleared.has(Cleared::announcement(2)));
  CHECK(cleared.description("a").at("deleted_under") == Json{"homeassistant"});
  CHECK(Json::parse(cleared.broker().at("statebus/hubs/info")).at("reasons").at("deleted") == 1);
  CHECK(cleared.has_logged("light.a was deleted on main (prefix homeassistant)"));
  // It is still on the bus.
  CHECK(cleared.has("statebus/hubs/state/light/a"));

  // Whether the broker or Home Assistant is the first to tell.
  for (const Time broker_delay : {1ms, 500ms}) {
    cleared.kill_bridge();
    cleared.options().broker_delay = broker_delay;
    cleared.start_bridge();
    cleared.house().set_state("light.a", "off", Json::object());
    cleared.settle();
    CHECK_FALSE(cleared.has(Cleared::announcement(1)));
    CHECK(cleared.description("a").at("deleted_under") == Json{"homeassistant"});
  }

  cleared.publish("statebus/hubs/command/light/a/restore", "{}");
  cleared.settle();
  CHECK(cleared.has(Cleared::announcement(1)));
  CHECK_FALSE(cleared.description("a").contains("deleted_under"));
  // Once more changes nothing.
  cleared.publish("statebus/hubs/command/light/a/restore", "{}");
  cleared.settle();
  CHECK(cleared.has(Cleared::announcement(1)));
}

TEST_CASE("A deletion concerns the consumer that it was done on") {
  Cleared cleared;
  cleared.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  cleared.publish("statebus/tablet/info", info_of("tablet_ha", "2026.11.0"), true);
  cleared.settle();
  cleared.clear(Cleared::announcement(1, "main_ha"));
  cleared.settle();
  CHECK_FALSE(cleared.has(Cleared::announcement(1, "main_ha")));
  CHECK(cleared.has(Cleared::announcement(1, "tablet_ha")));
  CHECK_FALSE(
      Json::parse(cleared.broker().at("statebus/hubs/info")).at("reasons").contains("deleted"));
}

TEST_CASE("The instance's own device comes back, and so does all that was cleared with it") {
  Cleared cleared;
  cleared.clear(sign);
  cleared.settle();
  CHECK(cleared.has(sign));
  const auto before = cleared.held();
  for (const auto& [topic, payload] : before) {
    if (topic.starts_with("homeassistant/")) cleared.clear(topic);
  }
  cleared.settle();
  CHECK(cleared.held() == before);
  CHECK_FALSE(cleared.has_logged("was deleted on main"));
}

TEST_CASE("Whatever somebody clears or writes below the instance is put right at once") {
  Cleared cleared;
  const auto before = cleared.held();
  for (const auto& [topic, payload] : before) {
    if (topic.starts_with("statebus/hubs/")) cleared.clear(topic);
  }
  cleared.run(1s);
  CHECK(cleared.held() == before);
  cleared.publish("statebus/hubs/state/light/a", R"({"state":"forged"})", true);
  cleared.publish(Cleared::announcement(2), R"({"name":"forged"})", true);
  cleared.run(1s);
  CHECK(cleared.held() == before);
}

TEST_CASE("What a broker that is joined with this one still holds of what is gone goes once more") {
  Cleared cleared;
  const auto before = cleared.held();
  const auto with = [&](const std::string& what) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& each : before) {
      if (each.first.find(what) != std::string::npos) found.push_back(each);
    }
    return found;
  };
  cleared.house().remove(scripted_ha::Kind::entities, "light.b");
  cleared.settle();
  const auto after = cleared.held();
  REQUIRE_FALSE(cleared.has(Cleared::announcement(2)));
  for (const auto& [topic, payload] : with("light/b")) cleared.publish(topic, payload, true);
  for (const auto& [topic, payload] : with("-r2/")) cleared.publish(topic, payload, true);
  // Of others that use the same node of announcements, nothing is touched.
  cleared.publish("homeassistant/light/hubs/other/config", "{}", true);
  CHECK(cleared.has(Cleared::announcement(2)));
  cleared.run(10s);
  CHECK(cleared.has("homeassistant/light/hubs/other/config"));
  cleared.clear("homeassistant/light/hubs/other/config");
  cleared.run(1s);
  CHECK(cleared.held() == after);
}

TEST_CASE("The triggers of a device go with its entities, and come back with one of them") {
  bridge::Settings settings;
  settings.device_triggers = true;
  Json house = house_of({{"light.c", "on", {}, {{"device_id", "d"}}}});
  house["devices"] =
      Json::parse(R"([{"id": "d", "name": "Remote", "identifiers": [["hue", "1"]]}])");
  Simulation simulation({.house = house, .settings = settings});
  simulation.house().set_triggers("d", Json::parse(R"([{"platform": "device", "domain": "hue",
      "device_id": "d", "type": "press", "subtype": "button_1"}])"));
  simulation.start_bridge();
  simulation.run(200s);
  const auto triggers = [&] {
    std::vector<std::string> topics;
    for (const auto& [topic, payload] : simulation.broker().retained()) {
      if (topic.starts_with("homeassistant/device_automation/")) topics.push_back(topic);
    }
    return topics;
  };
  const std::vector<std::string> told = triggers();
  REQUIRE(told.size() == 1);
  // As Home Assistant does when a user deletes the device.
  simulation.publish("homeassistant/light/hubs/statebus-hubs-r1/config", "", true);
  simulation.publish(told.front(), "", true);
  simulation.settle();
  CHECK(triggers().empty());
  simulation.publish("statebus/hubs/command/light/c/restore", "{}");
  simulation.run(200s);
  CHECK(triggers() == told);
}
