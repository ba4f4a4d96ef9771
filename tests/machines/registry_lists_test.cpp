// What a bridge does with the lists of Home Assistant's registries: when it asks for one.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;
namespace {

const char* const list_of_entities = "config/entity_registry/list";

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
