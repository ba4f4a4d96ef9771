// What single kinds announce of their facts, by release; the golden cases show whole announcements.
#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::newest;
using tests::oldest;
using tests::Subject;

namespace {

Json announced(const char* entity_id, const Json& attributes, Version version = newest) {
  return Subject(tests::state_of(entity_id, "on", attributes)).announcement(version);
}

/// The value of one key; "(none)" where it is left out.
Json key_of(const char* key, const char* entity_id, const Json& attributes,
            Version version = newest) {
  return announced(entity_id, attributes, version).value(key, Json("(none)"));
}

}  // namespace

TEST_CASE("A key that a release brought is announced from that release on") {
  const Json climate{
      {"hvac_modes", {"heat"}}, {"supported_features", 512}, {"swing_horizontal_modes", {"on"}}};
  const Json cover{{"supported_features", 64}};
  const Json light{{"supported_color_modes", {"hs"}}, {"min_color_temp_kelvin", 2000}};
  struct Row {
    const char* key;
    const char* entity_id;
    const Json& attributes;
    Version first;
    bool until = false;  // the key is announced before that release
  };
  const Row rows[] = {
      {"swing_horizontal_modes", "climate.x", climate, {2025, 4}},
      {"swing_horizontal_mode_command_topic", "climate.x", climate, {2025, 4}},
      {"payload_stop_tilt", "cover.x", cover, {2025, 4}},
      {"color_temp_kelvin", "light.x", light, {2025, 2}},
      {"min_kelvin", "light.x", light, {2025, 2}},
      {"max_mireds", "light.x", light, {2025, 2}, true},
      {"color_mode", "light.x", light, {2024, 4}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.key);
    const Version before{row.first.year, row.first.month - 1};
    CHECK(announced(row.entity_id, row.attributes, row.first).contains(row.key) != row.until);
    CHECK(announced(row.entity_id, row.attributes, before).contains(row.key) == row.until);
  }
}

TEST_CASE("A light without a named colour mode can be turned on and off") {
  for (const Json& modes : {Json(nullptr), Json::array(), Json::array({"unknown"}), Json("hs")}) {
    const Json json = announced("light.x", {{"supported_color_modes", modes}});
    CHECK(json.at("supported_color_modes") == Json::array({"onoff"}));
  }
  CHECK(key_of("brightness", "light.x", {{"supported_color_modes", {"onoff"}}}) == false);
  CHECK(key_of("brightness", "light.x", {{"supported_color_modes", {"brightness"}}}) == true);
  CHECK(key_of("brightness", "light.x", {{"supported_color_modes", {"rgb"}}}) == true);
}

TEST_CASE("A light has effects when it says so and names some") {
  const auto effect = [](std::uint32_t features, const Json& list) {
    return key_of("effect", "light.x", {{"supported_features", features}, {"effect_list", list}});
  };
  CHECK(effect(4, {"a", "b"}) == true);
  CHECK(effect(0, {"a", "b"}) == false);
  CHECK(effect(4, Json::array()) == false);
  CHECK(effect(4, nullptr) == false);
}

TEST_CASE("A light's flash and transition are those of its features") {
  CHECK(key_of("flash", "light.x", {{"supported_features", 8}}) == true);
  CHECK(key_of("transition", "light.x", {{"supported_features", 8}}) == false);
  CHECK(key_of("transition", "light.x", {{"supported_features", 32}}) == true);
}

TEST_CASE("Mireds are rounded down, as Home Assistant does") {
  const Json light{{"min_color_temp_kelvin", 2200}, {"max_color_temp_kelvin", 6535}};
  CHECK(key_of("max_mireds", "light.x", light, oldest) == 454);
  CHECK(key_of("min_mireds", "light.x", light, oldest) == 153);
  CHECK(key_of("max_mireds", "light.x", {{"min_color_temp_kelvin", 0}}, oldest) == "(none)");
}

TEST_CASE("A cover's missing movements are null") {
  const Json json = announced("cover.x", {{"supported_features", 2}});
  CHECK(json.at("payload_open").is_null());
  CHECK(json.at("payload_close") == R"({"service":"close_cover"})");
  CHECK(json.at("payload_stop").is_null());
  CHECK_FALSE(announced("cover.x", {{"supported_features", 0}}).contains("command_topic"));
}

TEST_CASE("A cover's position can be set once it was ever told") {
  const Json sets{{"supported_features", 4}};
  CHECK_FALSE(announced("cover.x", sets).contains("set_position_topic"));
  const Json told{{"supported_features", 4}, {"current_position", 0}};
  CHECK(announced("cover.x", told).contains("set_position_topic"));
  CHECK(announced("cover.x", told).contains("position_topic"));
  const Json only_told{{"supported_features", 3}, {"current_position", 0}};
  CHECK_FALSE(announced("cover.x", only_told).contains("set_position_topic"));
}

TEST_CASE("A fan has as many speeds as its step makes") {
  const auto speeds = [](const Json& step) {
    return key_of("speed_range_max", "fan.x",
                  {{"supported_features", 1}, {"percentage_step", step}});
  };
  CHECK(speeds(33.333333333333336) == 3);
  CHECK(speeds(14.285714285714286) == 7);
  CHECK(speeds(50.0) == 2);
  for (const Json& step : {Json(1.0), Json(100.0), Json(0), Json(-5), Json(nullptr), Json("x")}) {
    CHECK(speeds(step) == 100);
  }
}

TEST_CASE("Main puts `none` in front of a climate's presets itself") {
  const auto presets = [](const Json& modes) {
    return key_of("preset_modes", "climate.x",
                  {{"hvac_modes", {"heat"}}, {"supported_features", 16}, {"preset_modes", modes}});
  };
  CHECK(presets({"eco", "none", "it's {{ x }}"}) == Json{"eco", "it's {{ x }}"});
  CHECK(presets({"none", "eco"}) == Json::array({"eco"}));
  CHECK(presets(nullptr) == "(none)");
}

TEST_CASE("A climate names the source's unit, from which main converts") {
  const auto unit = [](const Json& value) {
    return key_of("temperature_unit", "climate.x",
                  {{"hvac_modes", {"heat"}}, {"temperature_unit", value}});
  };
  CHECK(unit("°C") == "C");
  CHECK(unit("°F") == "F");
  CHECK(unit("K") == "(none)");
}

TEST_CASE("A number's range and step are made such as the release takes") {
  const auto number = [](double min, double max, double step, Version version, const char* key) {
    return key_of(key, "number.x", {{"min", min}, {"max", max}, {"step", step}}, version);
  };
  CHECK(number(0, 0, 0.5, {2025, 4}, "max") == 0.5);
  CHECK(number(0, 0, 0.5, {2025, 5}, "max") == 0);
  CHECK(number(0, 0, 0, {2025, 4}, "max") == 1.0);
  CHECK(number(0, 10, 0.5, oldest, "max") == 10);
  CHECK(number(0, 10, 0.0001, oldest, "step") == 0.001);
  CHECK(number(0, 10, 0.5, oldest, "step") == 0.5);
}

TEST_CASE("A sensor's options go with the class enum alone") {
  const auto options = [](const char* device_class, const Json& list) {
    return key_of("options", "sensor.x", {{"device_class", device_class}, {"options", list}});
  };
  CHECK(options("enum", {"a", "it's {{ x }}"}) == Json{"a", "it's {{ x }}"});
  CHECK(options("enum", Json::array()) == "(none)");
  CHECK(options("temperature", {"a", "b"}) == "(none)");
}

TEST_CASE("A sensor's last reset goes with the state class total alone") {
  const auto resets = [](const char* state_class, const Json& last_reset) {
    const Json json =
        announced("sensor.x", {{"state_class", state_class}, {"last_reset", last_reset}});
    return json.contains("last_reset_value_template");
  };
  CHECK(resets("total", "2026-11-01T00:00:00+00:00"));
  CHECK_FALSE(resets("total", nullptr));
  CHECK_FALSE(resets("total_increasing", "2026-11-01T00:00:00+00:00"));
}

TEST_CASE("Display precision is announced for numbers, 0 as well") {
  const auto precision = [](const Json& attributes, int digits) {
    Json input = tests::registered("sensor.x", "1", attributes);
    input["entities"][0]["options"] = {{"sensor", {{"display_precision", digits}}}};
    return Subject(input).announcement(newest).value("suggested_display_precision", Json("(none)"));
  };
  CHECK(precision({{"unit_of_measurement", "%"}}, 0) == 0);
  CHECK(precision({{"unit_of_measurement", "%"}}, -1) == "(none)");
  CHECK(precision(Json::object(), 1) == "(none)");
}

TEST_CASE("An assumed state is announced as optimistic") {
  for (const char* id : {"switch.x", "light.x", "cover.x", "fan.x", "lock.x", "input_boolean.x"}) {
    CAPTURE(id);
    CHECK(key_of("optimistic", id, {{"assumed_state", true}}) == true);
    CHECK(key_of("optimistic", id, Json::object()) == "(none)");
    CHECK(key_of("optimistic", id, {{"assumed_state", false}}) == "(none)");
  }
}

TEST_CASE("A lock can be opened when it has a latch") {
  CHECK(key_of("payload_open", "lock.x", {{"supported_features", 1}}) == "open");
  CHECK(key_of("payload_open", "lock.x", {{"supported_features", 0}}) == "(none)");
  CHECK(key_of("code_format", "lock.x", {{"code_format", "^\\d{4}$"}}) == "^\\d{4}$");
  CHECK(key_of("code_format", "lock.x", {{"code_format", nullptr}}) == "(none)");
}

TEST_CASE("What main would refuse an entity for is left out, and the entity kept") {
  SUBCASE("a capability of another type than Home Assistant's") {
    const Json mixed{"a", 1, nullptr, {{"b", 2}}, {"c"}, true};
    CHECK(announced("select.x", {{"options", mixed}}).at("options") == Json{"a", "1"});
    CHECK(announced("select.x", {{"options", "a"}}).is_null());
    CHECK(announced("select.x", {{"options", Json::array()}}).at("options") == Json::array());
    CHECK_FALSE(
        announced("light.x", {{"min_color_temp_kelvin", 2000}, {"max_color_temp_kelvin", "6500"}})
            .contains("max_kelvin"));
    CHECK_FALSE(announced("light.x", {{"min_color_temp_kelvin", -1}}).contains("min_kelvin"));
    CHECK_FALSE(
        announced("sensor.x", {{"unit_of_measurement", " "}}).contains("unit_of_measurement"));
    CHECK_FALSE(announced("text.x", {{"pattern", 7}}).contains("pattern"));
    CHECK_FALSE(
        announced("climate.x", {{"hvac_modes", {"off"}}, {"min_temp", "7"}}).contains("min_temp"));
    CHECK_FALSE(announced("alarm_control_panel.x", {{"code_arm_required", "maybe"}})
                    .contains("code_arm_required"));
  }
  SUBCASE("ends that make no range") {
    const auto range = [&](const char* id, Json attributes, Version version) {
      const Json json = announced(id, attributes, version);
      return Json{json.value("min", Json()), json.value("max", Json())};
    };
    CHECK(range("number.x", {{"min", 200}}, oldest) == Json{nullptr, nullptr});
    CHECK(range("number.x", {{"min", 5}, {"max", 5}, {"step", 2}}, oldest) == Json{5, 7.0});
    CHECK(range("number.x", {{"min", 5}, {"max", 5}}, newest) == Json{5, 5});
    CHECK(range("number.x", {{"min", 5}, {"max", 1}}, newest) == Json{5, 5.0});
    CHECK(range("text.x", {{"min", -1}, {"max", 1000}}, newest) == Json{0, 255});
    CHECK(range("text.x", {{"min", 9}, {"max", 5}}, newest) == Json{5, 5});
    CHECK_FALSE(announced("humidifier.x", {{"min_humidity", -5}, {"max_humidity", 50}})
                    .contains("min_humidity"));
    CHECK_FALSE(announced("humidifier.x", {{"min_humidity", 50.2}, {"max_humidity", 50.7}})
                    .contains("max_humidity"));
  }
  SUBCASE("words that it does not know or keeps for itself") {
    const Json modes{"heat", "of_2099"};
    CHECK(announced("climate.x", {{"hvac_modes", modes}}).at("modes") == Json{"heat"});
    CHECK(announced("climate.x", {{"hvac_modes", {"of_2099"}}}).at("modes") == Json{"off"});
    CHECK(
        announced("humidifier.x", {{"available_modes", {"None", "eco"}}, {"supported_features", 1}})
            .at("modes") == Json{"eco"});
    CHECK(announced("light.x", {{"supported_color_modes", {"color_temp", "white"}}})
              .at("supported_color_modes") == Json{"color_temp"});
    Json input = tests::registered("light.x", "on", Json::object());
    input["entities"][0]["entity_category"] = "of_2099";
    CHECK_FALSE(Subject(input).announcement(newest).contains("entity_category"));
  }
}
