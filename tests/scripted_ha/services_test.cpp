// The services: what a call does to the state of an entity, and how it is refused.
#include "tests/scripted_ha/services.hpp"

#include <doctest/doctest.h>

#include "tests/scripted_ha/demo_house.hpp"

using namespace scripted_ha;

namespace {

struct Demo {
  Demo() { house.load(demo_house()); }

  /// Calls a service on an entity and gives the error's code, or the state and its attributes that
  /// `shown` names.
  std::string call(const std::string& service, const std::string& entity_id, const Json& data,
                   std::vector<std::string> shown = {}) {
    const auto dot = service.find('.');
    const CallAnswer answer = services.call({.domain = service.substr(0, dot),
                                             .service = service.substr(dot + 1),
                                             .data = data,
                                             .target = {{"entity_id", entity_id}}});
    if (answer.error) return answer.error->code;
    const State& state = *house.state(entity_id);
    std::string text = state.value;
    for (const std::string& name : shown) text += ' ' + to_text(member(state.attributes, name));
    return text;
  }

  House house;
  Services services{house};
};

const Json nothing = Json::object();

}  // namespace

TEST_CASE("lights remember brightness and colour while they are off") {
  Demo demo;
  const std::string lamp = "light.ceiling_lamp";
  CHECK(demo.call("light.turn_off", lamp, nothing, {"brightness", "hs_color"}) == "off null null");
  CHECK(demo.call("light.turn_on", lamp, nothing, {"brightness", "hs_color"}) ==
        "on 180 [345.0,75.0]");
  CHECK(demo.call("light.turn_on", lamp, {{"brightness_pct", 50}}, {"brightness"}) == "on 128");
  CHECK(demo.call("light.turn_on", lamp, {{"color_temp_kelvin", 3000}},
                  {"color_mode", "color_temp_kelvin", "hs_color"}) ==
        "on \"color_temp\" 3000 null");
  CHECK(demo.call("light.turn_on", lamp, {{"rgb_color", {255, 0, 10}}},
                  {"color_mode", "hs_color"}) == "on \"hs\" [357.647,100.0]");
  CHECK(demo.call("light.turn_on", lamp, {{"hs_color", {20, 50}}}, {"rgb_color"}) ==
        "on [255,170,128]");
  CHECK(demo.call("light.toggle", lamp, {{"transition", 2}}) == "off");
  CHECK(demo.call("light.turn_on", "light.hall", nothing, {"color_mode"}) == "on \"onoff\"");
}

TEST_CASE("covers, locks and fans go where they are told") {
  Demo demo;
  const std::string blind = "cover.blind";
  CHECK(demo.call("cover.close_cover", blind, nothing, {"current_position"}) == "closed 0");
  CHECK(demo.call("cover.set_cover_position", blind, {{"position", 40}},
                  {"current_position", "is_closed"}) == "open 40 false");
  CHECK(demo.call("cover.stop_cover", blind, nothing) == "open");
  CHECK(demo.call("cover.close_cover_tilt", blind, nothing, {"current_tilt_position"}) == "open 0");
  CHECK(demo.call("cover.set_cover_tilt_position", blind, {{"tilt_position", 30}},
                  {"current_tilt_position"}) == "open 30");
  CHECK(demo.call("lock.unlock", "lock.front_door", nothing) == "unlocked");
  CHECK(demo.call("lock.open", "lock.front_door", nothing) == "open");
  CHECK(demo.call("lock.lock", "lock.front_door", nothing) == "locked");
  CHECK(demo.call("fan.turn_on", "fan.bedroom", nothing, {"percentage"}) == "on 100");
  CHECK(demo.call("fan.set_percentage", "fan.bedroom", {{"percentage", 33}}, {"percentage"}) ==
        "on 33");
  CHECK(demo.call("fan.set_preset_mode", "fan.bedroom", {{"preset_mode", "sleep"}},
                  {"preset_mode", "percentage"}) == "on \"sleep\" null");
  CHECK(demo.call("fan.oscillate", "fan.bedroom", {{"oscillating", true}}, {"oscillating"}) ==
        "on true");
  CHECK(demo.call("fan.set_direction", "fan.bedroom", {{"direction", "reverse"}}, {"direction"}) ==
        "on \"reverse\"");
  CHECK(demo.call("fan.turn_off", "fan.bedroom", nothing) == "off");
}

TEST_CASE("values, choices, presses and climates take what their services give") {
  Demo demo;
  CHECK(demo.call("number.set_value", "number.coffee_strength", {{"value", 5}}) == "5");
  CHECK(demo.call("input_number.set_value", "input_number.volume", {{"value", 4}}) == "4.0");
  CHECK(demo.call("input_number.increment", "input_number.volume", nothing) == "4.5");
  CHECK(demo.call("text.set_value", "text.coffee_display", {{"value", "hey"}}) == "hey");
  CHECK(demo.call("select.select_option", "select.washing_machine_program", {{"option", "wool"}}) ==
        "wool");
  CHECK(demo.call("input_select.select_next", "input_select.mode", nothing) == "away");
  CHECK(demo.call("button.press", "button.washing_machine_start", nothing).substr(10, 1) == "T");
  CHECK(demo.call("scene.turn_on", "scene.evening", nothing).substr(10, 1) == "T");
  CHECK(demo.call("script.turn_on", "script.good_night", nothing, {"current"}) == "off 0");
  CHECK(demo.call("automation.turn_off", "automation.morning", nothing) == "off");
  CHECK(demo.call("input_boolean.toggle", "input_boolean.guests", nothing) == "on");
  const std::string thermostat = "climate.thermostat";
  CHECK(demo.call("climate.set_temperature", thermostat, {{"temperature", 22.5}},
                  {"temperature"}) == "heat 22.5");
  CHECK(demo.call("climate.set_hvac_mode", thermostat, {{"hvac_mode", "off"}}) == "off");
  CHECK(demo.call("climate.turn_on", thermostat, nothing) == "heat");
  CHECK(demo.call("climate.set_preset_mode", thermostat, {{"preset_mode", "eco"}},
                  {"preset_mode"}) == "heat \"eco\"");
}

TEST_CASE("calls are refused as Home Assistant refuses them, and others are recorded") {
  Demo demo;
  const std::string coffee = "switch.coffee_machine";
  CHECK(demo.call("light.foo", "light.hall", nothing) == "not_found");
  CHECK(demo.call("light.turn_on", "light.hall", {{"bogus", 1}}) == "invalid_format");
  CHECK(demo.call("number.set_value", "number.coffee_strength", nothing) == "invalid_format");
  CHECK(demo.services.call({.domain = "light", .service = "turn_on"}).error->code ==
        "invalid_format");
  CHECK(demo.services.calls().empty());
  CHECK(demo.call("number.set_value", "number.coffee_strength", {{"value", 9}}) ==
        "service_validation_error");
  CHECK(demo.call("climate.set_humidity", "climate.thermostat", {{"humidity", 50}}) ==
        "service_validation_error");
  REQUIRE(demo.services.calls().size() == 2);
  CHECK(to_text(demo.services.calls()[0].data) ==
        R"({"value":9,"entity_id":["number.coffee_strength"]})");

  demo.services.fail("switch.turn_on", coffee, {"home_assistant_error", "It is broken.", {}});
  CHECK(demo.call("switch.turn_on", coffee, nothing) == "home_assistant_error");
  demo.services.heal();
  CHECK(demo.call("switch.turn_on", coffee, nothing) == "on");
  demo.house.set_state(coffee, "unavailable", nothing);
  CHECK(demo.call("switch.turn_on", coffee, nothing) == "unavailable");
  CHECK_FALSE(demo.services
                  .call({.domain = "switch",
                         .service = "turn_on",
                         .target = {{"entity_id", "switch.nothing"}}})
                  .error);
}

TEST_CASE("an area or a device stands for the entities in it") {
  Demo demo;
  demo.services.call({.domain = "light", .service = "turn_on", .target = {{"area_id", "hall"}}});
  CHECK(demo.house.state("light.hall")->value == "on");
  demo.services.call(
      {.domain = "switch", .service = "turn_on", .target = {{"device_id", "coffee_machine"}}});
  CHECK(demo.house.state("switch.coffee_machine")->value == "on");
}
