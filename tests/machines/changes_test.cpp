// What a bridge does when things change, go away, are renamed or are commanded.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/published.hpp"

using namespace machines;
using scripted_ha::Kind;
using Texts = std::vector<std::string>;

TEST_CASE("A change of state is its document and view, and nothing else") {
  Published quiet;
  quiet.say("The light goes on");
  quiet.house().set_state("light.kitchen", "on",
                          {{"supported_color_modes", {"brightness"}},
                           {"color_mode", "brightness"},
                           {"brightness", 128},
                           {"friendly_name", "Kitchen"},
                           {"supported_features", 0}});
  quiet.settle();
  CHECK(quiet.transcript().acts() ==
        Texts{"set " + light_document, "set statebus/hubs/view/light/kitchen/kelvin"});
}

TEST_CASE("A change of times alone leaves the view of main alone") {
  Published quiet;
  quiet.say("The state is written anew");
  const auto* state = quiet.house().state("light.kitchen");
  quiet.house().set_state("light.kitchen", state->value, Json(state->attributes), {}, true);
  quiet.settle();
  CHECK(quiet.transcript().acts() == Texts{"set " + light_document});
}

TEST_CASE("On a capability change the announcement goes before the document") {
  Published quiet;
  quiet.say("The light learns effects");
  quiet.house().set_state("light.kitchen", "on",
                          {{"supported_color_modes", {"brightness"}},
                           {"effect_list", {"rainbow"}},
                           {"supported_features", 4},
                           {"friendly_name", "Kitchen"}});
  quiet.settle();
  const Texts acts = quiet.transcript().acts();
  const auto announcement = std::find(acts.begin(), acts.end(), "set " + light_announcement);
  const auto document = std::find(acts.begin(), acts.end(), "set " + light_document);
  REQUIRE(announcement != acts.end());
  CHECK(announcement < document);
}

TEST_CASE("A new attribute of very many entities is announced at the pace of new entities") {
  Published quiet(sensors(1000));
  quiet.say("All sensors get an attribute");
  for (int i = 0; i < 1000; ++i) {
    const std::string id = "sensor.s" + std::to_string(i);
    quiet.house().set_state(id, std::to_string(i), {{"friendly_name", id}, {"altitude", i}});
  }
  quiet.run(1s);
  CHECK(quiet.transcript().count("set", "homeassistant/") <= 221);
  CHECK(quiet.transcript().count("set", "statebus/hubs/state/") == 1000);
  quiet.run(5s);
  CHECK(quiet.transcript().count("set", "homeassistant/") == 1000);
}

TEST_CASE("Of a removed entity the announcement is cleared first and the rest 5 s later") {
  Published quiet;
  const Time since = quiet.now();
  quiet.say("Home Assistant removes the light");
  quiet.house().remove(Kind::entities, "light.kitchen");
  quiet.settle();
  const auto announcement = quiet.when("clear", light_announcement, since);
  CHECK(announcement >= 500);
  CHECK(announcement <= 2600);
  for (const char* topic :
       {"statebus/hubs/entity/light/kitchen", "statebus/hubs/state/light/kitchen",
        "statebus/hubs/view/light/kitchen/kelvin", "statebus/hubs/device/d1"}) {
    CHECK(quiet.when("clear", topic, since) >= announcement + 5000);
    CHECK(quiet.broker().at(topic).empty());
  }
  CHECK(quiet.bridge().publications().count() == 0);
  check_conversation(quiet.transcript(), "removal");
}

TEST_CASE("An entity that comes back within the hold was never away") {
  Published quiet;
  quiet.say("An integration is loaded anew");
  const Json attributes = quiet.house().state("light.kitchen")->attributes;
  quiet.house().remove_state("light.kitchen");
  quiet.run(1500ms);
  quiet.house().set_state("light.kitchen", "off", attributes);
  quiet.settle();
  CHECK(quiet.transcript().count("clear") == 0);
  CHECK(quiet.transcript().count("set", "homeassistant/") == 0);
}

TEST_CASE("A registered entity that only loses its state stays, as unavailable") {
  Published quiet;
  quiet.say("Its integration is unloaded");
  quiet.house().remove_state("light.kitchen");
  quiet.settle();
  CHECK(quiet.transcript().count("clear") == 0);
  CHECK(quiet.broker().at(light_document).find("unavailable") != std::string::npos);
}

TEST_CASE("A rename keeps the announcement's topic, and the old document goes in the sweep") {
  for (const auto order :
       {scripted_ha::RenameOrder::registry_first, scripted_ha::RenameOrder::states_first}) {
    Published quiet;
    const Time since = quiet.now();
    quiet.say("Home Assistant renames the light");
    quiet.house().rename_entity("light.kitchen", "light.cooking", order);
    quiet.settle();
    const auto fresh = quiet.when("set", "statebus/hubs/state/light/cooking", since);
    const auto announced = quiet.when("set", light_announcement, since);
    CHECK(fresh >= 0);
    CHECK(fresh <= announced);
    CHECK(announced <= 2500);
    CHECK(quiet.transcript().count("clear", "homeassistant/") == 0);
    CHECK(quiet.when("clear", light_document, since) >= announced + 4900);
    CHECK(quiet.broker().at(light_document).empty());
    CHECK(quiet.broker().at("statebus/hubs/entity/light/kitchen").empty());
    CHECK(quiet.broker().at(light_announcement).find("view/light/cooking/") != std::string::npos);
    if (order == scripted_ha::RenameOrder::registry_first) {
      check_conversation(quiet.transcript(), "rename");
    }
  }
}

TEST_CASE("A rename there and back within the sweep leaves all in place") {
  Published quiet;
  quiet.say("Renamed and renamed back");
  quiet.house().rename_entity("light.kitchen", "light.cooking");
  quiet.run(3s);
  quiet.house().rename_entity("light.cooking", "light.kitchen");
  quiet.settle();
  CHECK_FALSE(quiet.broker().at(light_document).empty());
  CHECK(quiet.broker().at("statebus/hubs/state/light/cooking").empty());
  CHECK(quiet.transcript().count("clear", light_document) == 0);
  CHECK(quiet.transcript().count("clear", "homeassistant/") == 0);
}

TEST_CASE("Two entities that change their names for each other's keep their announcements") {
  Published quiet(sensors(2));
  quiet.say("s0 becomes s1 and s1 becomes s0");
  quiet.house().rename_entity("sensor.s0", "sensor.other");
  quiet.house().rename_entity("sensor.s1", "sensor.s0");
  quiet.house().rename_entity("sensor.other", "sensor.s1");
  quiet.settle();
  CHECK(quiet.transcript().count("clear", "homeassistant/") == 0);
  CHECK(quiet.broker().at(sensor_announcement(0)).find("state/sensor/s1\"") != std::string::npos);
  CHECK(quiet.broker().at(sensor_announcement(1)).find("state/sensor/s0\"") != std::string::npos);
  for (const int i : {0, 1}) {
    CHECK_FALSE(quiet.broker().at(sensor_document(i)).empty());
    const std::string view = "statebus/hubs/view/sensor/s" + std::to_string(i);
    CHECK(quiet.broker().at(view + "/available") == "online");
  }
}

TEST_CASE("An entity that is disabled, hidden or filtered goes; enabled again it is back") {
  for (const char* field : {"disabled_by", "hidden_by"}) {
    Published quiet;
    quiet.say("It is taken away by the user");
    quiet.house().update(Kind::entities, "light.kitchen", {{field, "user"}});
    quiet.settle();
    CHECK(quiet.broker().at(light_announcement).empty());
    CHECK(quiet.broker().at(light_document).empty());
    quiet.house().update(Kind::entities, "light.kitchen", {{field, nullptr}});
    quiet.house().set_state("light.kitchen", "off", {{"supported_color_modes", {"brightness"}}});
    quiet.settle();
    CHECK_FALSE(quiet.broker().at(light_announcement).empty());
    CHECK_FALSE(quiet.broker().at(light_document).empty());
  }
}

TEST_CASE("An entity that was never seen is published when the registry has been asked for it") {
  Published quiet;
  quiet.say("A new entity");
  quiet.house().add_entity({{"entity_id", "sensor.new"}, {"id", "r9"}, {"unique_id", "u9"}}, "1",
                           Json::object());
  quiet.settle();
  CHECK(quiet.transcript().count("clear") == 0);
  CHECK_FALSE(quiet.broker().at("homeassistant/sensor/hubs/statebus-hubs-r9/config").empty());
  CHECK(quiet.broker().at("homeassistant/sensor/hubs/statebus-hubs-sensor-new/config").empty());
}

TEST_CASE("A command becomes a call, and its effect comes back as the document") {
  Published quiet;
  quiet.say("Main turns the light on");
  quiet.publish(light_command, R"({"service":"turn_on","data":{"brightness":200}})");
  quiet.run(1s);
  REQUIRE(quiet.services().calls().size() == 1);
  CHECK(quiet.services().calls()[0].service == "turn_on");
  CHECK(quiet.broker().at(light_document).find(R"("state":"on")") != std::string::npos);
  quiet.say("Main commands what this instance does not have");
  quiet.publish("statebus/hubs/command/light/attic", R"({"service":"turn_on"})");
  quiet.settle();
  CHECK(quiet.services().calls().size() == 1);
  CHECK(quiet.transcript().count("send", "statebus/hubs/refused") == 1);
  check_conversation(quiet.transcript(), "command");
}

TEST_CASE("A service that fails at the source is told as refused") {
  Published quiet;
  quiet.services().fail("light.turn_on", "light.kitchen", {"home_assistant_error", "No power", {}});
  quiet.say("Main turns on a light that fails");
  quiet.publish(light_command, R"({"service":"turn_on"})");
  quiet.run(1s);
  const auto messages = quiet.transcript().messages();
  CHECK(std::any_of(messages.begin(), messages.end(), [](const Line& line) {
    return line.what == "statebus/hubs/refused" && line.text.find("No power") != std::string::npos;
  }));
}

TEST_CASE("A retained command that lay at the broker is refused at the start") {
  Simulation simulation({.house = one_light()});
  simulation.publish(light_command, R"({"service":"turn_on"})", true);
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.services().calls().empty());
  CHECK(simulation.transcript().count("send", "statebus/hubs/refused") == 1);
  // Whoever has put it there clears it.
  CHECK_FALSE(simulation.broker().at(light_command).empty());
}

TEST_CASE("A bridge with nothing to do is woken a few times a minute") {
  Published quiet;
  const std::size_t before = quiet.steps();
  quiet.run(600s);
  CHECK(quiet.steps() - before < 300);
}
