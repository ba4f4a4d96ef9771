// What a bridge does with the device triggers of its Home Assistant.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;
using scripted_ha::Kind;
using Texts = std::vector<std::string>;

namespace {

const std::string announcements = "homeassistant/device_automation/";

Json trigger(const char* type, const char* subtype) {
  return {{"platform", "device"}, {"domain", "hue"},    {"device_id", "d1"},
          {"type", type},         {"subtype", subtype}, {"metadata", Json::object()}};
}

const Json press = trigger("press", "button_1");
const Json hold = trigger("hold", "button_1");

/// A house whose lamp has buttons, and a bridge that has been there for a while.
struct Remote : Simulation {
  explicit Remote(const Json& triggers, bool wanted = true, bool admin = true)
      : Simulation({.house = one_light()}) {
    house().set_triggers("d1", triggers);
    house().options().admin = admin;
    settings().device_triggers = wanted;
    start_bridge();
    settle();
  }

  void say(const std::string& heading) { transcript().say(now(), heading); }

  std::size_t announced() {
    std::size_t count = 0;
    for (const auto& [topic, payload] : broker().retained()) {
      if (topic.starts_with(announcements)) ++count;
    }
    return count;
  }

  std::size_t sent() { return transcript().count("send", "statebus/hubs/trigger/d1"); }
};

}  // namespace

TEST_CASE("Triggers that belong to no entity are announced, and a firing is told once") {
  Json of_light = trigger("turned_on", "");
  of_light["entity_id"] = "light.kitchen";
  Remote remote(Json::array({press, hold, of_light}));
  CHECK(remote.announced() == 2);
  remote.say("A button is pressed");
  CHECK(remote.house().fire_trigger("d1", {{"type", "press"}}));
  remote.run(1s);
  CHECK(remote.transcript().acts() == Texts{"send statebus/hubs/trigger/d1"});
  const Json told = Json::parse(remote.transcript().messages().at(0).text);
  CHECK(told.at("type") == "press");
  CHECK(told.at("subtype") == "button_1");
  CHECK(remote.broker().at("statebus/hubs/trigger/d1").empty());
}

TEST_CASE("Nothing is asked for where nobody wants it, and what was announced before goes") {
  Remote remote(Json::array({press}));
  REQUIRE(remote.announced() == 1);
  remote.settings().device_triggers = false;
  remote.start_bridge();
  remote.say("Without triggers");
  remote.settle();
  CHECK(remote.announced() == 0);
  CHECK(remote.transcript().count_asked("device_automation/trigger/list") == 0);
  CHECK(remote.transcript().count_asked("subscribe_trigger") == 0);
}

TEST_CASE(
    "After a lost connection each is subscribed to once more, and nothing is announced anew") {
  Remote remote(Json::array({press, hold}));
  remote.say("Home Assistant is lost");
  remote.cut_ha();
  remote.settle();
  CHECK(remote.transcript().count_asked("subscribe_trigger") == 2);
  CHECK(remote.transcript().count("set", announcements) == 0);
  remote.house().fire_trigger("d1", {{"type", "hold"}});
  remote.settle();
  CHECK(remote.sent() == 1);
}

TEST_CASE("What was asked before a connection was lost is not waited for after it") {
  Remote remote(Json::array({press}));
  remote.house().update(Kind::devices, "d1", {{"sw_version", "2"}});
  remote.run(1500ms);
  remote.freeze_ha(true);
  remote.say("A question without an answer");
  remote.run(3s);
  CHECK(remote.transcript().count_asked("device_automation/trigger/list") == 1);
  remote.freeze_ha(false);
  remote.cut_ha();
  remote.house().set_triggers("d1", Json::array({press, hold}));
  remote.run(10s);
  CHECK(remote.announced() == 2);
}

TEST_CASE("A trigger that is new is found without a word of Home Assistant") {
  Remote remote(Json::array({press}));
  remote.house().set_triggers("d1", Json::array({press, hold}));
  remote.say("Ten minutes");
  remote.run(11min);
  CHECK(remote.announced() == 2);
  CHECK(remote.transcript().count_asked("subscribe_trigger") == 1);
}

TEST_CASE("A trigger that is set up after its device is found soon after") {
  Remote remote(Json::array({press}));
  remote.run(10min);
  remote.house().update(Kind::devices, "d1", {{"sw_version", "2"}});
  remote.run(10s);
  remote.house().set_triggers("d1", Json::array({press, hold}));
  remote.say("Half a minute");
  remote.run(40s);
  CHECK(remote.announced() == 2);
}

TEST_CASE("Changes without an end keep no device from being asked for its triggers") {
  Remote remote(Json::array({press}));
  remote.run(10min);
  // Ten are asked in a second, and the one with the button is behind all of them.
  for (int i = 0; i < 60; ++i) {
    const std::string name = "a" + std::to_string(i);
    remote.house().create(Kind::devices, {{"id", name}, {"name", name}});
    remote.house().add_entity({{"entity_id", "light." + name},
                               {"id", "r-" + name},
                               {"unique_id", name},
                               {"platform", "hue"},
                               {"device_id", name}},
                              "on", Json::object());
  }
  remote.house().set_triggers("d1", Json::array({press, hold}));
  for (int second = 0; second < 30; ++second) {
    remote.house().update(Kind::devices, "d1", {{"sw_version", std::to_string(second)}});
    remote.run(1s);
  }
  CHECK(remote.announced() == 2);
}

TEST_CASE("A trigger goes when two lists lack it, and not when one does") {
  Remote remote(Json::array({press, hold}));
  remote.house().set_triggers("d1", Json::array({press}));
  remote.house().update(Kind::devices, "d1", {{"sw_version", "2"}});
  remote.settle();
  CHECK(remote.announced() == 2);
  remote.house().set_triggers("d1", Json::array({press, hold}));
  remote.run(15min);
  CHECK(remote.announced() == 2);
  remote.house().fire_trigger("d1", {{"type", "hold"}});
  remote.settle();
  CHECK(remote.sent() == 1);
  remote.house().set_triggers("d1", Json::array({press}));
  remote.run(30min);
  CHECK(remote.announced() == 1);
  CHECK(remote.transcript().count("clear", announcements) == 1);
}

TEST_CASE("Lists that Home Assistant refuses take nothing away") {
  Remote remote(Json::array({press}));
  remote.house().options().unknown_commands = {"device_automation/trigger/list"};
  remote.cut_ha();
  remote.run(2h);
  CHECK(remote.announced() == 1);
}

TEST_CASE("Triggers go with their device, and nothing of them stays") {
  Remote remote(Json::array({press, hold}));
  remote.house().remove(Kind::entities, "light.kitchen");
  remote.settle();
  CHECK(remote.announced() == 0);
  for (const auto& [topic, payload] : remote.broker().retained()) {
    CHECK(topic.find("trigger") == std::string::npos);
    CHECK(payload.find("trigger") == std::string::npos);
  }
  CHECK(remote.transcript().count_asked("unsubscribe_events") == 2);
}

TEST_CASE("A bridge that starts keeps what an earlier one announced, and doubts it the same way") {
  Remote remote(Json::array({press, hold}));
  remote.house().set_triggers("d1", Json::array({press}));
  remote.start_bridge();
  remote.say("The bridge starts again");
  remote.settle();
  CHECK(remote.transcript().count("set", announcements) == 0);
  CHECK(remote.announced() == 2);
  remote.run(11min);
  CHECK(remote.announced() == 1);
}

TEST_CASE("What was announced under another prefix goes") {
  Remote remote(Json::array({press}));
  remote.settings().announce_prefix = "main";
  remote.start_bridge();
  remote.settle();
  CHECK(remote.announced() == 0);
  CHECK(remote.broker().retained().lower_bound("main/device_automation/") !=
        remote.broker().retained().end());
}

TEST_CASE("Who is no administrator is told once, and announces nothing") {
  Remote remote(Json::array({press, hold}), true, false);
  for (int i = 0; i < 3; ++i) {
    remote.run(2h);
    remote.cut_ha();
  }
  remote.settle();
  CHECK(remote.announced() == 0);
  CHECK(remote.bridge().is_online());
  const auto lines =
      std::count_if(remote.log().begin(), remote.log().end(), [](const bridge::LogLine& line) {
        return line.text.find("publish.device_triggers") != std::string::npos;
      });
  CHECK(lines == 1);
  CHECK(remote.transcript().count_asked("subscribe_trigger") <= 8);
}

TEST_CASE("The announcement follows the device's name and area") {
  Remote remote(Json::array({press}));
  remote.say("Another name");
  remote.house().update(Kind::devices, "d1", {{"name_by_user", "Dimmer"}});
  remote.settle();
  CHECK(remote.transcript().count("set", announcements) == 1);
  remote.say("Another name of the area");
  remote.house().update(Kind::areas, "kitchen", {{"name", "Galley"}});
  remote.settle();
  CHECK(remote.transcript().count("set", announcements) == 1);
}
