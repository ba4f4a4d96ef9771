#include "tests/scripted_ha/demo.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace scripted_ha {

void Demo::start() {
  const int pause = std::uniform_int_distribution<int>(200, 1000)(random_);
  timer_.expires_after(std::chrono::milliseconds(pause));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (house_.core_state() == CoreState::running) step();
    start();
  });
}

void Demo::step() {
  switch (std::uniform_int_distribution<int>(0, 7)(random_)) {
    case 0:
      return drift("sensor.kitchen_temperature", 0.1, 18, 26);
    case 1:
      return drift("sensor.bedroom_temperature", 0.1, 16, 24);
    case 2:
      return drift("sensor.kitchen_humidity", 0.5, 35, 65);
    case 3:
      return drift("sensor.washing_machine_power", 40, 0, 2200);
    case 4:
      return walk();
    case 5:
      return toggle("binary_sensor.front_door");
    case 6:
      return toggle("switch.coffee_machine");
    default:
      return press_switch();
  }
}

void Demo::drift(const std::string& entity_id, double step, double min, double max) {
  const State* state = house_.state(entity_id);
  if (state == nullptr) return;
  const double by = std::uniform_real_distribution<double>(-3 * step, 3 * step)(random_);
  const double value = std::clamp(std::strtod(state->value.c_str(), nullptr) + by, min, max);
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", value);
  house_.set_state(entity_id, text.data(), Json(state->attributes));
}

void Demo::toggle(const std::string& entity_id) {
  const State* state = house_.state(entity_id);
  if (state == nullptr) return;
  house_.set_state(entity_id, state->value == "on" ? "off" : "on", Json(state->attributes));
}

void Demo::walk() {
  toggle("binary_sensor.hall_motion");
  const State* motion = house_.state("binary_sensor.hall_motion");
  const State* light = house_.state("light.hall");
  if (motion == nullptr || light == nullptr) return;
  Json attributes = light->attributes;
  attributes["color_mode"] = motion->value == "on" ? Json("onoff") : Json();
  house_.set_state("light.hall", motion->value, attributes);
}

void Demo::press_switch() {
  const State* state = house_.state("event.hall_button");
  if (state == nullptr) return;
  Json attributes = state->attributes;
  constexpr const char* presses[] = {"single", "double", "long"};
  attributes["event_type"] = presses[std::uniform_int_distribution<int>(0, 2)(random_)];
  house_.set_state("event.hall_button", iso_time(house_.now()), attributes);
}

}  // namespace scripted_ha
