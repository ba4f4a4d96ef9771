// What a bridge does when the broker or the bridge itself was away.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/published.hpp"

using namespace machines;
using scripted_ha::Kind;
using Texts = std::vector<std::string>;

namespace {

constexpr int many = 40;

}  // namespace

TEST_CASE("A bridge that starts before a broker which holds all says info and status alone") {
  Published published;
  const auto before = published.held();
  for (const bool in_good_order : {true, false}) {
    if (in_good_order) {
      published.stop_bridge();
    } else {
      published.kill_bridge();
    }
    CHECK(published.broker().at("statebus/hubs/status") == "offline");
    published.say(in_good_order ? "It starts again" : "It was killed and starts again");
    published.start_bridge();
    published.settle();
    for (const Line& line : published.transcript().messages()) {
      const bool own = line.what == "statebus/hubs/info" || line.what == "statebus/hubs/status" ||
                       line.what == "statebus/hubs/heartbeat";
      CHECK_MESSAGE(own, line.act, " ", line.what);
    }
    CHECK(published.transcript().count("set", "statebus/hubs/status") == 1);
    CHECK(published.held() == before);
  }
}

TEST_CASE("The epoch grows with each start, even when the clock does not") {
  Published published;
  const auto epoch = [&] {
    return Json::parse(published.broker().at("statebus/hubs/info")).at("epoch").get<std::int64_t>();
  };
  const auto first = epoch();
  published.publish("statebus/hubs/info",
                    "{\"epoch\":" + std::to_string(first + 1'000'000'000) + "}", true);
  published.start_bridge();
  published.settle();
  CHECK(epoch() == first + 1'000'000'001);
}

TEST_CASE("What went, came and was renamed while the bridge was away is put right") {
  Published published(sensors(5));
  published.kill_bridge();
  published.house().remove(Kind::entities, "sensor.s0");
  published.house().rename_entity("sensor.s1", "sensor.renamed");
  published.house().add_entity({{"entity_id", "sensor.s5"}, {"id", "s5"}, {"unique_id", "u5"}}, "5",
                               Json::object());
  published.say("The bridge starts again");
  published.start_bridge();
  published.settle();
  CHECK(published.broker().at(sensor_announcement(0)).empty());
  CHECK(published.broker().at(sensor_document(0)).empty());
  CHECK(published.broker().at(sensor_document(1)).empty());
  CHECK_FALSE(published.broker().at("statebus/hubs/state/sensor/renamed").empty());
  CHECK_FALSE(published.broker().at(sensor_document(5)).empty());
  CHECK(published.transcript().count("clear", "homeassistant/") == 1);
  CHECK(published.transcript().count("set", sensor_announcement(2)) == 0);
}

TEST_CASE("An entity without a state that was renamed while the bridge was away stays") {
  Published published;
  published.kill_bridge();
  published.house().remove_state("light.kitchen");
  published.house().rename_entity("light.kitchen", "light.cooking");
  published.say("The bridge starts again");
  published.start_bridge();
  published.settle();
  CHECK(published.transcript().count("clear", "homeassistant/") == 0);
  CHECK(published.broker().at(light_announcement).find("view/light/cooking/") != std::string::npos);
  CHECK(published.broker().at(light_document).empty());
}

TEST_CASE("A broker that has lost everything gets all again, and online after it") {
  Published published;
  const auto before = published.held();
  published.say("The broker restarts without its memory");
  published.broker().forget();
  published.cut_broker();
  published.settle();
  CHECK(published.held() == before);
  const Texts acts = published.transcript().acts();
  const auto online = std::find(acts.begin(), acts.end(), "set statebus/hubs/status");
  const auto announced = std::find(acts.begin(), acts.end(), "set " + light_announcement);
  CHECK(std::find(acts.begin(), online, "set " + light_document) != online);
  CHECK(std::find(acts.begin(), announced, "set " + light_document) != announced);
}

TEST_CASE("A broker that was away for an hour is found in two seconds, and misses nothing after") {
  Published published(sensors(many));
  published.set_broker_down(true);
  published.cut_broker();
  published.say("Home Assistant goes on without the broker");
  const std::size_t attempts = published.broker_attempts();
  for (int i = 0; i < 3600; ++i) {
    published.house().set_state("sensor.s1", std::to_string(1000 + i),
                                {{"friendly_name", "sensor.s1"}});
    published.run(1s);
  }
  CHECK(published.broker_attempts() - attempts <= 4500);
  published.set_broker_down(false);
  published.run(2s);
  CHECK(published.broker().at(sensor_document(1)).find("4599") != std::string::npos);
  CHECK(published.transcript().count("set", sensor_document(1)) == 1);
  CHECK(published.transcript().count("set", "homeassistant/") == 0);
}

TEST_CASE("A broker that stops acknowledging is left, and the will speaks") {
  Published published;
  published.freeze_broker(true);
  published.house().set_state("light.kitchen", "on", Json::object());
  published.run(14s);
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  published.run(2s);
  CHECK(published.broker().at("statebus/hubs/status") == "offline");
  published.freeze_broker(false);
  published.settle();
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  CHECK(published.broker().at(light_document).find(R"("on")") != std::string::npos);
}

TEST_CASE("A status that a consumer has written offline is put right within a second") {
  Published published;
  published.publish("statebus/hubs/status", "offline", true);
  published.run(1s);
  CHECK(published.broker().at("statebus/hubs/status") == "online");
}

TEST_CASE("The window is kept with thousands of topics") {
  Simulation simulation({.house = sensors(500), .limits = {.receive_maximum = 20}});
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.unacknowledged_max() == 20);
  CHECK(simulation.transcript().count("set", "statebus/hubs/state/") == 500);
}

TEST_CASE("A broker with small queues is read whole, by the index, and nothing is sent again") {
  Published published(sensors(500));
  published.kill_bridge();
  published.broker().set_burst(100);
  published.say("The bridge starts again");
  published.start_bridge();
  published.settle();
  CHECK(published.transcript().count("set", "statebus/hubs/state/") == 0);
  CHECK(published.transcript().count("set", "homeassistant/") == 0);
}

TEST_CASE(
    "What was announced under a prefix of an earlier run goes, in whatever order it is read") {
  for (const bool backwards : {false, true}) {
    Published published;
    published.stop_bridge();
    published.settings().announce_prefix = "other";
    published.broker().set_backwards(backwards);
    published.say("The bridge starts with another prefix");
    published.start_bridge();
    published.settle();
    CHECK_FALSE(published.broker().at("other/light/hubs/statebus-hubs-r1/config").empty());
    for (const auto& [topic, payload] : published.broker().retained()) {
      CHECK_MESSAGE(!topic.starts_with("homeassistant/"), topic);
    }
  }
}

TEST_CASE("An emptied broker learns that the instance is offline, and gets no second burst") {
  Published published(sensors(100));
  published.house().stop();
  published.set_ha_down(true);
  published.cut_ha();
  published.run(60s);
  published.broker().forget();
  published.cut_broker();
  published.say("The broker comes back empty while Home Assistant is away");
  published.run(2s);
  CHECK(published.broker().at("statebus/hubs/status") == "offline");
  CHECK(published.transcript().count("set", "statebus/hubs/state/") == 100);
  published.run(60s);
  CHECK(published.transcript().count("set", "homeassistant/sensor/hubs/statebus-hubs-s") == 100);
  CHECK(published.transcript().count("set", "statebus/hubs/state/") == 100);
}

TEST_CASE("A broker that breaks while an entity goes is no reason to end, and the entity goes") {
  for (const Time after : {0ms, 1ms, 400ms, 600ms, 2000ms, 2600ms, 3200ms, 5000ms, 7100ms}) {
    CAPTURE(after.count());
    Published published;
    published.house().set_state("light.kitchen", "on", Json::object());
    published.house().remove(Kind::entities, "light.kitchen");
    published.run(after);
    published.broker().forget();
    published.cut_broker();
    published.settle();
    CHECK(published.broker().at(light_document).empty());
    CHECK(published.broker().at(light_announcement).empty());
    CHECK(published.broker().at("statebus/hubs/status") == "online");
  }
}

TEST_CASE("A document that was on its way when its entity was renamed and the broker broke") {
  Published published;
  published.options().broker_delay = 300ms;
  published.house().rename_entity("light.kitchen", "light.cooking");
  published.run(400ms);
  published.house().set_state("light.cooking", "on", Json::object());
  published.run(200ms);
  published.house().rename_entity("light.cooking", "light.kitchen");
  published.run(100ms);
  published.cut_broker();
  published.settle();
  CHECK_FALSE(published.broker().at(light_document).empty());
  CHECK(published.broker().at("statebus/hubs/state/light/cooking").empty());
}
