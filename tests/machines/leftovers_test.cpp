// Ways in which something once stayed on the broker, or kept an old form, when several things went
// wrong at once; random lives have found them.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;
using scripted_ha::Kind;

namespace {

const Json plain = {
    {"device_class", "temperature"}, {"friendly_name", "A"}, {"unit_of_measurement", "°C"}};

/// The same with an attribute, for which main reads the document instead of a view.
Json extended() {
  Json attributes = plain;
  attributes["extra"] = 1;
  return attributes;
}

}  // namespace

TEST_CASE("A view that an entity has no longer goes, though its state came long after the start") {
  Published quiet(house_of({{"sensor.a", "1", plain, nullptr}}));
  REQUIRE(quiet.broker().at("statebus/hubs/view/sensor/a/state") == "1");
  quiet.kill_bridge();
  quiet.house().remove_state("sensor.a");
  quiet.start_bridge();
  quiet.run(30s);
  quiet.house().set_state("sensor.a", "2", extended());
  quiet.settle();
  CHECK(quiet.broker().at("statebus/hubs/view/sensor/a/state").empty());
  CHECK(quiet.broker().at("statebus/hubs/state/sensor/a").find("extra") != std::string::npos);
}

TEST_CASE("What waits to be swept through an outage puts off nothing else by as long") {
  Published quiet(house_of({{"sensor.a", "1", plain}, {"light.b"}}));
  REQUIRE(quiet.broker().at("statebus/hubs/view/sensor/a/state") == "1");
  quiet.house().remove(Kind::entities, "light.b");
  quiet.run(4s);
  quiet.set_ha_down(true);
  quiet.cut_ha();
  quiet.run(20min);
  quiet.house().set_state("sensor.a", "2", extended());
  quiet.set_ha_down(false);
  quiet.settle();
  CHECK(quiet.broker().at("statebus/hubs/state/light/b").empty());
  CHECK(quiet.broker().at("statebus/hubs/view/sensor/a/state").empty());
}

TEST_CASE("What the registry tells of an entity that has no state at the moment is not lost") {
  Simulation early({.house = one_light()});
  // Nothing is decided on before the broker was read.
  early.set_broker_down(true);
  early.start_bridge();
  early.settle();
  const Json attributes = early.house().state("light.kitchen")->attributes;
  early.house().remove_state("light.kitchen");
  early.house().update(Kind::entities, "light.kitchen", {{"device_id", nullptr}});
  early.run(1s);
  early.house().set_state("light.kitchen", "on", attributes);
  early.set_broker_down(false);
  early.settle();
  const Json description = Json::parse(early.broker().at("statebus/hubs/entity/light/kitchen"));
  CHECK_FALSE(description.contains("device"));
}

TEST_CASE("A device that nothing uses any more goes from a broker that comes back with it") {
  Published quiet;
  const FakeBroker::Retained saved = quiet.broker().retained();
  quiet.house().remove(Kind::entities, "light.kitchen");
  quiet.settle();
  REQUIRE(quiet.broker().at("statebus/hubs/device/d1").empty());
  quiet.cut_broker();
  for (const auto& [topic, payload] : saved) quiet.broker().put(topic, payload);
  quiet.settle();
  quiet.settle();
  CHECK(quiet.broker().at("statebus/hubs/device/d1").empty());
}

TEST_CASE("One that takes the place of an entity that went unseen is announced as itself") {
  Published quiet;
  const Json attributes = quiet.house().state("light.kitchen")->attributes;
  quiet.set_ha_down(true);
  quiet.cut_ha();
  quiet.house().remove(Kind::entities, "light.kitchen");
  quiet.set_ha_down(false);
  quiet.run(10s);
  quiet.house().set_state("light.kitchen", "on", attributes);
  quiet.settle();
  quiet.settle();
  CHECK(quiet.broker().at(light_announcement).empty());
  CHECK_FALSE(
      quiet.broker().at("homeassistant/light/hubs/statebus-hubs-light-kitchen/config").empty());
}

TEST_CASE("A rename keeps nothing of one that has left that entity id before") {
  Published quiet(house_of({{"light.a"}, {"light.b"}}));
  const auto order = scripted_ha::RenameOrder::states_first;
  quiet.house().remove(Kind::entities, "light.a");
  quiet.run(1500ms);
  quiet.house().rename_entity("light.b", "light.a", order);
  quiet.house().rename_entity("light.a", "light.y", order);
  quiet.settle();
  quiet.settle();
  CHECK(quiet.broker().at("statebus/hubs/state/light/a").empty());
  CHECK_FALSE(quiet.broker().at("statebus/hubs/state/light/y").empty());
}

namespace {

/// A sensor that is sensor.b now and has no state; another one has taken sensor.a, where the broker
/// once knew it.
struct Moved : Published {
  Moved() : Published(house_of({{"sensor.a", "1", plain}})), before(broker().retained()) {
    house().rename_entity("sensor.a", "sensor.b", scripted_ha::RenameOrder::registry_first);
    house().remove_state("sensor.b");
    house().add_entity(
        {{"entity_id", "sensor.a"}, {"id", "r2"}, {"unique_id", "r2"}, {"platform", "demo"}}, "2",
        plain);
    settle();
    kill_bridge();
  }
  void broker_has(const FakeBroker::Retained& retained) {
    broker().forget();
    for (const auto& [topic, payload] : retained) broker().put(topic, payload);
  }
  std::string described(const std::string& path) {
    const std::string payload = broker().at("statebus/hubs/entity/" + path);
    return payload.empty() ? "" : Json::parse(payload).at("object").get<std::string>();
  }

  FakeBroker::Retained before;
};

const std::string moved_announcement = "homeassistant/sensor/hubs/statebus-hubs-r1/config";

}  // namespace

TEST_CASE("Who waits for an entity id gets it from one that moved on without a state") {
  Moved house;
  house.broker_has(house.before);
  house.start_bridge();
  house.settle();
  CHECK(house.described("sensor/a") == "statebus-hubs-r2");
  CHECK(house.described("sensor/b") == "statebus-hubs-r1");
}

TEST_CASE("What the broker knows of an entity at an id that is another's by now is not lost") {
  Moved house;
  house.broker_has(house.before);
  // The other one is published before the broker is read.
  house.set_broker_down(true);
  house.start_bridge();
  house.settle();
  house.transcript().say(house.now(), "The broker is there");
  house.set_broker_down(false);
  house.settle();
  CHECK(house.described("sensor/a") == "statebus-hubs-r2");
  CHECK(house.described("sensor/b") == "statebus-hubs-r1");
  CHECK(house.transcript().count("clear", moved_announcement) == 0);
}

TEST_CASE("An announcement that nothing describes stays as long as its entity is registered") {
  Moved house;
  auto retained = house.broker().retained();
  REQUIRE(retained.erase("statebus/hubs/entity/sensor/b") == 1);
  house.broker_has(retained);
  house.start_bridge();
  house.transcript().say(house.now(), "The bridge starts");
  house.settle();
  CHECK(house.transcript().count("clear", moved_announcement) == 0);
  CHECK(house.described("sensor/b") == "statebus-hubs-r1");
  house.house().remove(Kind::entities, "sensor.b");
  house.settle();
  CHECK(house.broker().at(moved_announcement).empty());
  CHECK(house.broker().at("statebus/hubs/entity/sensor/b").empty());
}

TEST_CASE("An announcement that cannot be made without a state stays as it is until that comes") {
  const Json options = {{"options", {"one", "two"}}};
  Published quiet(house_of({{"select.a", "one", options}}));
  const std::string announcement = "homeassistant/select/hubs/statebus-hubs-r1/config";
  const std::string before = quiet.broker().at(announcement);
  REQUIRE_FALSE(before.empty());
  quiet.kill_bridge();
  quiet.broker().publish("main", {.topic = "statebus/hubs/entity/select/a", .retain = true});
  quiet.house().remove_state("select.a");
  quiet.start_bridge();
  quiet.settle();
  CHECK(quiet.broker().at(announcement) == before);
  CHECK_FALSE(quiet.broker().at("statebus/hubs/entity/select/a").empty());
  quiet.house().set_state("select.a", "two", options);
  quiet.settle();
  CHECK(quiet.broker().at(announcement) == before);
}
