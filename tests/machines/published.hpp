// A bridge that has published a house and is quiet, and what the tests of outages do to it.
#pragma once

#include <string>

#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

namespace machines {

struct Published : Simulation {
  explicit Published(const Json& house_file = one_light()) : Simulation({.house = house_file}) {
    start_bridge();
    settle();
  }

  void say(const std::string& heading) { transcript().say(now(), heading); }

  /// When an act came, in milliseconds since then; -1 when it did not.
  std::int64_t when(const std::string& act, const std::string& topic, Time since) {
    for (const Line& line : transcript().messages()) {
      if (line.act == act && line.what == topic) return (line.at - since).count();
    }
    return -1;
  }

  /// Home Assistant ends and starts as it does: without states, then restored ones, then all.
  void restart_ha(Time down, Time loading, Time starting) {
    house().stop();
    set_ha_down(true);
    cut_ha();
    run(down);
    set_ha_down(false);
    run(loading);
    house().set_core_state(scripted_ha::CoreState::starting);
    run(starting);
    house().load_states();
    house().set_core_state(scripted_ha::CoreState::running);
  }

  /// What the broker holds, without that which changes by itself.
  FakeBroker::Retained held() {
    auto retained = broker().retained();
    for (const char* topic : {"info", "heartbeat"}) {
      retained.erase(std::string("statebus/hubs/") + topic);
    }
    return retained;
  }
};

}  // namespace machines
