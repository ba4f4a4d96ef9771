// What a bridge does with the lists of Home Assistant's registries: when it asks for one, and what
// happens when one lacks what it had.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;
using scripted_ha::CoreState;
using scripted_ha::Kind;

namespace {

constexpr int many = 40;
const char* const list_of_entities = "config/entity_registry/list";

std::size_t announced(Simulation& simulation) {
  return simulation.transcript().count("set", "homeassistant/");
}

/// An event that concerns nobody makes the bridge ask for the list of entities.
void make_it_ask(Simulation& simulation) {
  simulation.house().fire("entity_registry_updated",
                          {{"action", "update"}, {"entity_id", "sensor.other"}});
}

}  // namespace

TEST_CASE("Changes of an entity that the filter excludes ask for no list") {
  Simulation simulation({.house = sensors(2)});
  simulation.settings().filter = {{.include = false, .entity = "sensor.s1"}};
  simulation.start_bridge();
  simulation.settle();
  simulation.transcript().say(simulation.now(), "The filtered sensor is lively");
  for (int i = 0; i < 100; ++i) {
    simulation.house().set_state("sensor.s1", std::to_string(i), Json::object());
    simulation.run(1s);
  }
  CHECK(simulation.transcript().count_asked(list_of_entities) == 0);
  CHECK(simulation.broker().at(sensor_document(1)).empty());
}

TEST_CASE("A registered entity that gets its first state is published without asking for a list") {
  Json house = sensors(2);
  house["states"].erase("sensor.s1");
  Published published(house);
  CHECK(published.broker().at(sensor_document(1)).empty());
  published.say("Its integration is there now");
  published.house().set_state("sensor.s1", "1", Json::object());
  published.run(1s);
  CHECK_FALSE(published.broker().at(sensor_document(1)).empty());
  CHECK_FALSE(published.broker().at(sensor_announcement(1)).empty());
  CHECK(published.transcript().count_asked(list_of_entities) == 0);
}

TEST_CASE("An empty list of entities takes no identity away for a minute, nor of many for ten") {
  for (const int count : {1, many}) {
    CAPTURE(count);
    Published published(sensors(count));
    published.say("The registry lists nothing");
    published.house().lose(Kind::entities);
    make_it_ask(published);
    published.run(count == 1 ? Time{50s} : Time{9 * 60s});
    // It goes on meanwhile, and what it learns is told under its old identity.
    published.house().set_state("sensor.s0", "77", {{"friendly_name", "New"}});
    published.run(2s);
    CHECK(published.transcript().count("clear") == 0);
    CHECK(announced(published) == 1);
    CHECK(published.broker().at(sensor_document(0)).find("77") != std::string::npos);
    CHECK(published.broker().at(sensor_announcement(0)).find("statebus-hubs-s0") !=
          std::string::npos);
    CHECK(published.broker().at("statebus/hubs/entity/sensor/s0").find("\"registry_id\":\"s0\"") !=
          std::string::npos);
    CHECK(published.has_logged("missing from Home Assistant") == (count == many));

    published.say("It is whole again");
    published.house().load(sensors(count));
    make_it_ask(published);
    published.run(20 * 60s);
    CHECK(published.transcript().count("clear") == 0);
    CHECK(announced(published) == 0);

    published.say("It lists nothing for good");
    published.house().lose(Kind::entities);
    make_it_ask(published);
    published.run(20 * 60s);
    CHECK(published.broker().at(sensor_announcement(0)).empty());
    CHECK_FALSE(
        published.broker().at("homeassistant/sensor/hubs/statebus-hubs-sensor-s0/config").empty());
    CHECK_FALSE(published.broker().at(sensor_document(0)).empty());
    CHECK(published.bridge().publications().count() == static_cast<std::size_t>(count));
  }
}

TEST_CASE("Empty lists while Home Assistant starts take nothing away, of old or of new") {
  for (const Kind lost : {Kind::entities, Kind::devices}) {
    Json house = one_light();
    Simulation simulation({.house = house});
    // Without the list of devices nothing is in the area that is let through.
    simulation.settings().filter = {{.include = false, .entity = "*"},
                                    {.include = true, .area = "kitchen"}};
    if (lost == Kind::entities) simulation.settings().filter.clear();
    simulation.start_bridge();
    simulation.settle();
    REQUIRE_FALSE(simulation.broker().at(light_announcement).empty());
    for (const bool new_bridge : {false, true}) {
      simulation.house().set_core_state(CoreState::starting);
      simulation.house().lose(lost);
      simulation.transcript().say(simulation.now(), "Home Assistant starts and lists nothing");
      if (new_bridge) {
        simulation.start_bridge();
      } else {
        simulation.cut_ha();
      }
      simulation.run(15 * 60s);
      CHECK(simulation.transcript().count("clear") == 0);
      CHECK(announced(simulation) == 0);
      simulation.house().load(house);
      simulation.house().fire("entity_registry_updated", {{"action", "create"}});
      simulation.house().fire("device_registry_updated", {{"action", "create"}});
      simulation.run(2s);
      simulation.house().set_core_state(CoreState::running);
      simulation.settle();
      CHECK(simulation.transcript().count("clear") == 0);
      CHECK(announced(simulation) == 0);
      CHECK(simulation.broker().at("statebus/hubs/status") == "online");
    }
  }
}

TEST_CASE("Many that the filter lets through no more wait for ten minutes, but not on a reload") {
  for (const bool reload : {false, true}) {
    Json house = sensors(many);
    house["labels"] = Json::array({{{"label_id", "share"}, {"name", "Share"}}});
    for (Json& row : house["entities"]) row["labels"] = Json::array({"share"});
    Simulation simulation({.house = house});
    simulation.settings().filter = {{.include = false, .entity = "*"},
                                    {.include = true, .label = "Share"}};
    simulation.start_bridge();
    simulation.settle();
    REQUIRE_FALSE(simulation.broker().at(sensor_announcement(0)).empty());
    simulation.transcript().say(simulation.now(), "They go");
    if (reload) {
      simulation.reload_filter({{.include = false, .entity = "*"}});
    } else {
      simulation.house().lose(Kind::labels);
      simulation.house().fire("label_registry_updated", {{"action", "remove"}});
    }
    simulation.run(30s);
    CHECK(simulation.transcript().count("clear", "homeassistant/") == (reload ? many : 0));
    simulation.run(11 * 60s);
    CHECK(simulation.transcript().count("clear", "homeassistant/") == many);
  }
}

TEST_CASE("An entity that was removed and made anew gets its new identity and keeps its topics") {
  Published published;
  published.say("Removed and made anew under the same entity id");
  const Json attributes = published.house().state("light.kitchen")->attributes;
  published.house().remove(Kind::entities, "light.kitchen");
  published.house().add_entity(
      {{"entity_id", "light.kitchen"}, {"id", "r2"}, {"unique_id", "u2"}, {"platform", "hue"}},
      "off", attributes);
  published.settle();
  CHECK(published.broker().at(light_announcement).empty());
  CHECK_FALSE(published.broker().at("homeassistant/light/hubs/statebus-hubs-r2/config").empty());
  CHECK_FALSE(published.broker().at(light_document).empty());
  CHECK(published.transcript().count("clear", light_document) == 0);
}
