// Lights: the view of each colour mode and the commands back, in both slots.
#include <doctest/doctest.h>

#include "discovery/view.hpp"
#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Subject;

namespace {

std::string view(std::string_view slot, std::string_view value, const Json& attributes) {
  State state{.value = std::string(value)};
  for (const auto& [name, json] : attributes.items()) state.attributes.set(name, to_text(json));
  std::string text;
  append_view(text, kinds::light, slot, &state);
  CHECK(parse_json(text, 10'000).has_value());
  return text;
}

std::string on(const Json& attributes, std::string_view slot = "kelvin") {
  return view(slot, "on", attributes);
}

Json command(std::string_view slot, const Json& payload) {
  return tests::to_json(read_command(kinds::light, "light.x", slot, to_text(payload)));
}

/// The data of a turn_on in that slot.
Json data(std::string_view slot, Json payload) {
  payload["state"] = "ON";
  const Json call = command(slot, payload);
  CHECK(call.value("service", "") == "light.turn_on");
  return call.value("data", Json());
}

}  // namespace

TEST_CASE("The slot is the one that the consumer's release reads") {
  const Subject lamp(tests::state_of("light.x", "on"));
  const auto slot = [&](Version version) { return lamp.view_slots(version).back(); };
  CHECK(slot(tests::oldest) == "mireds");
  CHECK(slot({2025, 1}) == "mireds");
  CHECK(slot({2025, 2}) == "kelvin");
  CHECK(slot(tests::newest) == "kelvin");
}

TEST_CASE("A light that is off, unknown or unavailable has no colour, whatever its attributes") {
  const Json attributes{{"brightness", 180}, {"color_mode", "hs"}, {"hs_color", {1, 2}}};
  for (const char* slot : {"kelvin", "mireds"}) {
    CHECK(view(slot, "off", attributes) == R"({"state":"OFF"})");
    CHECK(view(slot, "unknown", attributes) == R"({"state":null})");
    CHECK(view(slot, "unavailable", attributes) == R"({"state":null})");
  }
}

TEST_CASE("Each colour mode is told in its own form, with numbers as they were written") {
  for (const char* slot : {"kelvin", "mireds"}) {
    CHECK(on({{"color_mode", "hs"}, {"brightness", 180}, {"hs_color", {345, 75.5}}}, slot) ==
          R"({"state":"ON","brightness":180,"color_mode":"hs","color":{"h":345,"s":75.5}})");
    CHECK(on({{"color_mode", "xy"}, {"xy_color", {0.59, 0.0}}}, slot) ==
          R"({"state":"ON","color_mode":"xy","color":{"x":0.59,"y":0.0}})");
    CHECK(on({{"color_mode", "rgb"}, {"rgb_color", {255, 0, 1}}}, slot) ==
          R"({"state":"ON","color_mode":"rgb","color":{"r":255,"g":0,"b":1}})");
    CHECK(on({{"color_mode", "rgbw"}, {"rgbw_color", {1, 2, 3, 4}}}, slot) ==
          R"({"state":"ON","color_mode":"rgbw","color":{"r":1,"g":2,"b":3,"w":4}})");
    CHECK(on({{"color_mode", "rgbww"}, {"rgbww_color", {1, 2, 3, 4, 5}}}, slot) ==
          R"({"state":"ON","color_mode":"rgbww","color":{"r":1,"g":2,"b":3,"c":4,"w":5}})");
    CHECK(on({{"color_mode", "white"}, {"brightness", 200}}, slot) ==
          R"({"state":"ON","brightness":200,"color_mode":"white"})");
    CHECK(on({{"color_mode", "brightness"}, {"brightness", 1}}, slot) ==
          R"({"state":"ON","brightness":1})");
    CHECK(on({{"color_mode", "onoff"}}, slot) == R"({"state":"ON"})");
    CHECK(on({{"color_mode", "unknown"}, {"hs_color", {1, 2}}}, slot) == R"({"state":"ON"})");
  }
}

TEST_CASE("A colour temperature is told in the unit of the slot") {
  const Json attributes{
      {"color_mode", "color_temp"}, {"color_temp_kelvin", 2631}, {"hs_color", {28, 68}}};
  CHECK(on(attributes, "kelvin") ==
        R"({"state":"ON","color_mode":"color_temp","color_temp":2631})");
  CHECK(on(attributes, "mireds") == R"({"state":"ON","color_mode":"color_temp","color_temp":380})");
  CHECK(on({{"color_mode", "color_temp"}, {"color_temp_kelvin", 2200}}, "mireds") ==
        R"({"state":"ON","color_mode":"color_temp","color_temp":454})");
  CHECK(on({{"color_mode", "color_temp"}, {"color_temp_kelvin", nullptr}}) == R"({"state":"ON"})");
}

TEST_CASE("Only the colour of the light's mode is told") {
  const Json attributes{{"color_mode", "hs"},
                        {"hs_color", {1, 2}},
                        {"rgb_color", {3, 4, 5}},
                        {"xy_color", {0.1, 0.2}},
                        {"color_temp_kelvin", 2000}};
  CHECK(on(attributes) == R"({"state":"ON","color_mode":"hs","color":{"h":1,"s":2}})");
}

TEST_CASE("What is null is not told, but for the effect, which null ends") {
  CHECK(on({{"brightness", nullptr}, {"color_mode", nullptr}, {"effect", nullptr}}) ==
        R"({"state":"ON","effect":null})");
  CHECK(on({{"color_mode", "hs"}, {"hs_color", nullptr}}) == R"({"state":"ON"})");
  CHECK(on({{"brightness", 0}, {"effect", "it's \"{{ x }}\""}}) ==
        R"({"state":"ON","brightness":0,"effect":"it's \"{{ x }}\""})");
}

TEST_CASE("A colour with missing or odd parts still makes JSON") {
  for (const Json& color :
       {Json::array(), Json::array({1}), Json::array({1, 2, 3}), Json("red"), Json(7)}) {
    on({{"color_mode", "hs"}, {"hs_color", color}});
  }
  CHECK(on({{"color_mode", "hs"}, {"hs_color", {1}}}) ==
        R"({"state":"ON","color_mode":"hs","color":{"h":1,"s":0}})");
}

TEST_CASE("On and off become calls in both slots") {
  for (const char* slot : {"kelvin", "mireds"}) {
    CHECK(command(slot, {{"state", "ON"}}) ==
          Json{{"service", "light.turn_on"}, {"entity_id", "light.x"}, {"data", Json::object()}});
    CHECK(command(slot, {{"state", "OFF"}, {"transition", 0}}) ==
          Json{{"service", "light.turn_off"},
               {"entity_id", "light.x"},
               {"data", {{"transition", 0}}}});
  }
}

TEST_CASE("A payload without a proper state is refused") {
  for (const Json& payload : {Json::object(), Json{{"state", "on"}}, Json{{"state", nullptr}},
                              Json{{"state", true}}, Json{{"brightness", 1}}}) {
    CHECK(command("kelvin", payload).value("refusal", "") == "malformed");
  }
}

TEST_CASE("Each colour comes back as the argument of its form") {
  for (const char* slot : {"kelvin", "mireds"}) {
    const auto color = [&](const Json& parts) { return data(slot, {{"color", parts}}); };
    CHECK(color({{"h", 345}, {"s", 75.5}}) == Json{{"hs_color", {345, 75.5}}});
    CHECK(color({{"x", 0.5}, {"y", 0}}) == Json{{"xy_color", {0.5, 0}}});
    CHECK(color({{"r", 1}, {"g", 0}, {"b", 3}}) == Json{{"rgb_color", {1, 0, 3}}});
    CHECK(color({{"r", 1}, {"g", 2}, {"b", 3}, {"w", 0}}) == Json{{"rgbw_color", {1, 2, 3, 0}}});
    CHECK(color({{"r", 1}, {"g", 2}, {"b", 3}, {"c", 4}, {"w", 5}}) ==
          Json{{"rgbww_color", {1, 2, 3, 4, 5}}});
    for (const Json& odd :
         {Json{{"h", 1}}, Json{{"h", 1}, {"s", 2}, {"x", 3}}, Json::object(), Json("red")}) {
      CHECK(color(odd) == Json::object());
    }
  }
}

TEST_CASE("A colour temperature comes back in kelvin") {
  CHECK(data("kelvin", {{"color_temp", 2702}}) == Json{{"color_temp_kelvin", 2702}});
  CHECK(data("kelvin", {{"color_temp", 2702.6}}) == Json{{"color_temp_kelvin", 2702}});
  CHECK(data("mireds", {{"color_temp", 370}}) == Json{{"color_temp_kelvin", 2702}});
  for (const Json& odd : {Json(0), Json(-1), Json(1e300), Json(nullptr), Json("warm")}) {
    CHECK(data("kelvin", {{"color_temp", odd}}) == Json::object());
    CHECK(data("mireds", {{"color_temp", odd}}) == Json::object());
  }
}

TEST_CASE("Brightness, effect, white and transition come back as they are") {
  const Json payload{
      {"brightness", 1}, {"effect", "it's {{ x }}"}, {"white", 200}, {"transition", 2.5}};
  CHECK(data("kelvin", payload) == payload);
  CHECK(data("kelvin", {{"unknown_key", 1}, {"entity_id", "light.y"}}) == Json::object());
}

TEST_CASE("Flash times come back as short and long") {
  CHECK(data("kelvin", {{"flash", 2}}) == Json{{"flash", "short"}});
  CHECK(data("kelvin", {{"flash", 10}}) == Json{{"flash", "long"}});
  CHECK(data("kelvin", {{"flash", "long"}}) == Json::object());
}
