// What a bridge does when Home Assistant was away, or lacks much after a start.
#include <doctest/doctest.h>

#include <utility>

#include "tests/machines/published.hpp"
#include "tests/machines/tampering.hpp"

using namespace machines;
using scripted_ha::CoreState;

namespace {

constexpr int many = 40;

}  // namespace

TEST_CASE("A restart of Home Assistant deletes nothing and announces nothing") {
  Published published;
  const auto before = published.held();
  published.say("Home Assistant restarts");
  published.restart_ha(5s, 3s, 20s);
  published.settle();
  CHECK(published.transcript().count("clear") == 0);
  CHECK(published.transcript().count("set", "homeassistant/") == 0);
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  CHECK(published.held().size() == before.size());
  check_conversation(published.transcript(), "ha_restart");
}

TEST_CASE("A restart that lasts says offline after 10 s, once, and online when all is known") {
  Published published(sensors(many));
  published.say("Home Assistant is away for five minutes");
  published.restart_ha(300s, 10s, 30s);
  CHECK(published.broker().at("statebus/hubs/status") == "offline");
  published.settle();
  CHECK(published.transcript().count("clear") == 0);
  CHECK(published.transcript().count("set", "statebus/hubs/status") == 2);
}

TEST_CASE("An empty snapshot deletes nothing as long as Home Assistant has not finished starting") {
  Published published(sensors(many));
  published.say("All states are gone for an hour");
  published.house().stop();
  published.cut_ha();
  published.run(3600s);
  CHECK(published.transcript().count("clear") == 0);
}

TEST_CASE("Entities without registry entry that are missing after a start go after a minute") {
  Json house = sensors(3);
  house["entities"].clear();
  Published published(house);
  const std::string announcement = "homeassistant/sensor/hubs/statebus-hubs-sensor-s0/config";
  REQUIRE_FALSE(published.broker().at(announcement).empty());
  published.say("One does not come back after a lost connection");
  published.cut_ha();
  published.house().remove_state("sensor.s0");
  published.run(50s);
  CHECK_FALSE(published.broker().at(announcement).empty());
  published.run(60s);
  CHECK(published.broker().at(announcement).empty());
  CHECK(published.transcript().count("clear", "homeassistant/") == 1);
}

TEST_CASE("When most are missing although Home Assistant runs, they stay for ten minutes") {
  Json house = sensors(many);
  house["entities"].clear();
  Published published(house);
  published.kill_bridge();
  for (int i = 0; i < 30; ++i) published.house().remove_state("sensor.s" + std::to_string(i));
  published.say("Three quarters are missing");
  published.start_bridge();
  published.run(9 * 60s);
  CHECK(published.transcript().count("clear") == 0);
  CHECK(published.has_logged("30 of 40 published entities are missing"));
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  published.run(3 * 60s);
  CHECK(published.transcript().count("clear", "homeassistant/") == 30);
}

TEST_CASE("Those that come back during the guard were never away") {
  Json house = sensors(many);
  house["entities"].clear();
  Published published(house);
  published.kill_bridge();
  for (int i = 0; i < 30; ++i) published.house().remove_state("sensor.s" + std::to_string(i));
  published.start_bridge();
  published.run(5 * 60s);
  for (int i = 0; i < 30; ++i) {
    published.house().set_state("sensor.s" + std::to_string(i), "1", Json::object());
  }
  published.say("They come back");
  published.run(20 * 60s);
  CHECK(published.transcript().count("clear") == 0);
}

TEST_CASE("An empty snapshot long after the start is doubted as well") {
  Json house = sensors(many);
  house["entities"].clear();
  Published published(house);
  published.run(3600s);
  published.say("All states are read again, and there are none");
  bool lose = true;
  published.on_ha_frame([&](std::string& frame) {
    change_events(frame, [&](Json& event) {
      name_an_unknown_entity(event);
      if (event.contains("a") && std::exchange(lose, false)) event["a"] = Json::object();
    });
  });
  published.house().set_state("sensor.s0", "1", {{"friendly_name", "sensor.s0"}}, {}, true);
  published.run(1s);
  REQUIRE_FALSE(lose);
  published.run(10 * 60s);
  CHECK(published.transcript().count("clear") == 0);
  CHECK(published.has_logged("40 of 40 published entities are missing"));
  published.run(60s);
  CHECK(published.transcript().count("clear", "homeassistant/") == many);
}

TEST_CASE("A wrong token is tried once in 15 minutes, and the instance is offline meanwhile") {
  Simulation simulation({.house = one_light(), .token = "wrong"});
  simulation.start_bridge();
  simulation.run(14 * 60s);
  CHECK(simulation.ha_attempts() == 1);
  CHECK(simulation.broker().at("statebus/hubs/status") == "offline");
  simulation.options().token = "token";
  simulation.run(2 * 60s);
  CHECK(simulation.ha_attempts() == 2);
  CHECK(simulation.broker().at("statebus/hubs/status") == "online");
}

TEST_CASE("A frozen Home Assistant is left after 35 s") {
  Published published;
  published.freeze_ha(true);
  published.run(34s);
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  published.run(12s);
  CHECK(published.broker().at("statebus/hubs/status") == "offline");
  published.freeze_ha(false);
  published.settle();
  CHECK(published.broker().at("statebus/hubs/status") == "online");
}

TEST_CASE("A Home Assistant that was upgraded is announced in its new form, and old views go") {
  Json house = one_light();
  house["version"] = "2024.3.3";
  Published published(house);
  CHECK_FALSE(published.broker().at("statebus/hubs/view/light/kitchen/mireds").empty());
  published.house().stop();
  published.cut_ha();
  published.house().options().version = "2026.11.0";
  published.house().load_states();
  published.house().set_core_state(CoreState::running);
  published.settle();
  CHECK(published.broker().at("statebus/hubs/view/light/kitchen/mireds").empty());
  CHECK_FALSE(published.broker().at("statebus/hubs/view/light/kitchen/kelvin").empty());
  CHECK(published.broker().at(light_announcement).find("kitchen/kelvin") != std::string::npos);
}
