// The start of a bridge: what it publishes, in which order, and when it calls itself online.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;

TEST_CASE("A new bridge publishes in the contract's order and calls itself online at the end") {
  Simulation simulation({.house = one_light()});
  simulation.transcript().say(simulation.now(), "The bridge starts; the broker is empty");
  simulation.start_bridge();
  simulation.run(5s);
  const auto acts = simulation.transcript().acts();
  const auto place = [&](const std::string& act) {
    const auto found = std::find(acts.begin(), acts.end(), act);
    REQUIRE_MESSAGE(found != acts.end(), act);
    return found - acts.begin();
  };
  const auto device = place("set statebus/hubs/device/d1");
  const auto description = place("set statebus/hubs/entity/light/kitchen");
  const auto document = place("set statebus/hubs/state/light/kitchen");
  const auto view = place("set statebus/hubs/view/light/kitchen/kelvin");
  CHECK(device < description);
  CHECK(description < document);
  CHECK(document < view);
  CHECK(view < place("set " + light_announcement));
  CHECK(view < place("set statebus/hubs/status"));
  CHECK(simulation.bridge().is_online());
  check_conversation(simulation.transcript(), "start");
}

TEST_CASE("Info, which names the prefixes, goes before all announcements, whoever connects first") {
  for (const Time delay : {1ms, 500ms}) {
    Simulation simulation({.house = one_light(), .broker_delay = delay});
    simulation.start_bridge();
    simulation.run(20s);
    const auto acts = simulation.transcript().acts();
    const auto info = std::find(acts.begin(), acts.end(), "set statebus/hubs/info");
    const auto announced = std::find_if(acts.begin(), acts.end(), [](const std::string& act) {
      return act.starts_with("set homeassistant/");
    });
    REQUIRE(announced != acts.end());
    CHECK(info < announced);
  }
}

TEST_CASE("A house that never rests comes online all the same") {
  Simulation simulation({.house = sensors(50), .broker_delay = 10ms});
  simulation.start_bridge();
  for (int i = 0; i < 3000; ++i) {
    simulation.house().set_state("sensor.s" + std::to_string(i % 50), std::to_string(i),
                                 Json::object());
    simulation.run(1ms);
  }
  CHECK(simulation.bridge().is_online());
  CHECK(simulation.transcript().count("set", "statebus/hubs/status") == 1);
}
