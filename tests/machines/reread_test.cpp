// What a bridge does when states were lost or came in an unknown form: it reads all again, after a
// pause if it has just done so.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"
#include "tests/machines/tampering.hpp"

using namespace machines;

namespace {

std::size_t times_asked(Simulation& simulation) {
  return simulation.transcript().count_asked("subscribe_entities");
}

}  // namespace

TEST_CASE("A second loss within the pause is repaired when the pause is over") {
  Published published(sensors(2));
  published.say("Two changes are lost within a second");
  published.on_ha_frame([](std::string& frame) { change_events(frame, name_an_unknown_entity); });
  for (const char* value : {"100", "101"}) {
    published.house().set_state("sensor.s1", value, Json::object());
    published.run(500ms);
  }
  published.on_ha_frame({});
  CHECK(times_asked(published) == 1);
  published.run(9s);
  CHECK(times_asked(published) == 1);
  published.run(1s);
  CHECK(times_asked(published) == 2);
  CHECK(published.broker().at(sensor_document(1)).find("101") != std::string::npos);
  published.run(60s);
  CHECK(times_asked(published) == 2);
}

TEST_CASE("A source that loses something all the time is read again every ten seconds") {
  Published published(sensors(2));
  published.say("Every change is lost");
  published.on_ha_frame([](std::string& frame) { change_events(frame, name_an_unknown_entity); });
  for (int i = 0; i < 300; ++i) {
    published.house().set_state("sensor.s1", std::to_string(i), Json::object());
    published.run(100ms);
  }
  CHECK(times_asked(published) >= 3);
  CHECK(times_asked(published) <= 4);
}

TEST_CASE("A release that does not tell new attributes that are null is read again for them") {
  for (const char* version : {"2024.3.3", "2024.9.0"}) {
    CAPTURE(version);
    Json house = sensors(2);
    house["version"] = version;
    Published published(house);
    const std::size_t before = times_asked(published);
    published.house().set_state("sensor.s1", "unavailable", Json::object());
    published.run(1s);
    CHECK(times_asked(published) == before);
    published.house().set_state("sensor.s1", "1",
                                {{"friendly_name", "s1"}, {"last_reset", nullptr}});
    published.run(1s);
    const std::string& document = published.broker().at(sensor_document(1));
    CHECK(document.find(R"("last_reset":null)") != std::string::npos);
    const bool tells = std::string(version) == "2024.9.0";
    CHECK(times_asked(published) == before + (tells ? 0 : 1));
  }
}

TEST_CASE("After two snapshots of an unknown form the third one makes the instance online") {
  Simulation simulation({.house = sensors(2)});
  int malformed = 2;
  simulation.on_ha_frame([&](std::string& frame) {
    change_events(frame, [&](Json& event) {
      if (event.contains("a") && malformed-- > 0) event["a"] = 5;
    });
  });
  simulation.start_bridge();
  simulation.run(9s);
  CHECK(simulation.broker().at("statebus/hubs/status") != "online");
  simulation.run(6s);
  CHECK(simulation.broker().at("statebus/hubs/status") == "online");
}
