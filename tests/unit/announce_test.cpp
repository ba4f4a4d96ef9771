// What announcements of all kinds have in common.
#include "discovery/announce.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::newest;
using tests::oldest;
using tests::Subject;

namespace {

const Json nothing = Json::object();

Json named(const char* friendly_name, const Json& device = nullptr) {
  return tests::registered("switch.x", "on", {{"friendly_name", friendly_name}}, device);
}

Json device(const char* name) { return {{"id", "ab12"}, {"name", name}}; }

Json announced(const Json& input, Version version = newest) {
  return Subject(input).announcement(version);
}

/// The slot of the view that tells whether the entity is there.
std::string availability(const Json& announcement) {
  const std::string topic = announcement.at("availability")[1].at("topic");
  return topic.substr(topic.rfind('/') + 1);
}

}  // namespace

TEST_CASE("The device's name, which main puts in front, is taken off the entity's") {
  CHECK(announced(named("Lamp Power", device("Lamp"))).at("name") == "Power");
  CHECK(announced(named("Lamp", device("Lamp"))).at("name").is_null());
  CHECK(announced(named("Lampshade", device("Lamp"))).at("name") == "Lampshade");
  CHECK(announced(named("Power", device("Lamp"))).at("name") == "Power");
  CHECK(announced(named("Lamp Power")).at("name") == "Lamp Power");
  CHECK(announced(named("{{ x }} \"P\"", device("{{ x }}"))).at("name") == "\"P\"");
  CHECK(announced(tests::state_of("switch.x", "on")).at("name").is_null());
}

TEST_CASE("The user's name of the device counts") {
  Json input = named("Mine Power", device("Lamp"));
  input["devices"][0]["name_by_user"] = "Mine";
  CHECK(announced(input).at("name") == "Power");
  CHECK(announced(input).at("device").at("name") == "Mine");
}

TEST_CASE("The area suggested is the device's, the same for all its entities") {
  Json input = named("Lamp", device("Lamp"));
  input["devices"][0]["area_id"] = "hall";
  input["entities"][0]["area_id"] = "kitchen";
  input["areas"] = {{{"area_id", "hall"}, {"name", "Flur ü"}},
                    {{"area_id", "kitchen"}, {"name", "K"}}};
  CHECK(announced(input).at("device").at("suggested_area") == "Flur ü");
  input["devices"][0].erase("area_id");
  CHECK_FALSE(announced(input).at("device").contains("suggested_area"));
}

TEST_CASE("The device map has what the registry has, and nothing empty") {
  Json input = named("Lamp", device("Lamp"));
  CHECK(announced(input).at("device") == Json{{"identifiers", {"statebus-hubs-ab12"}},
                                              {"name", "Lamp"},
                                              {"via_device", "statebus-hubs"}});
  Json& entry = input["devices"][0];
  entry.update({{"manufacturer", "M"},
                {"model", "N"},
                {"model_id", "1"},
                {"sw_version", "2"},
                {"hw_version", "3"},
                {"serial_number", "4"},
                {"configuration_url", "http://x/"}});
  const Json full{{"identifiers", {"statebus-hubs-ab12"}},
                  {"name", "Lamp"},
                  {"via_device", "statebus-hubs"},
                  {"manufacturer", "M"},
                  {"model", "N"},
                  {"model_id", "1"},
                  {"sw_version", "2"},
                  {"hw_version", "3"},
                  {"serial_number", "4"},
                  {"configuration_url", "http://x/"}};
  CHECK(announced(input).at("device") == full);
  CHECK(announced(input, {2024, 8}).at("device").contains("model_id"));
  CHECK_FALSE(announced(input, {2024, 7}).at("device").contains("model_id"));
  entry["configuration_url"] = "homeassistant://config/backup";
  CHECK_FALSE(announced(input).at("device").contains("configuration_url"));
}

TEST_CASE("A device without a name is called by its identifier, and no device is no map") {
  CHECK(announced(named("x", device(""))).at("device").at("name") == "statebus-hubs-ab12");
  CHECK_FALSE(announced(named("x")).contains("device"));
}

TEST_CASE("Main is asked for the source's entity id, in the words of its release") {
  const Json input = tests::state_of("switch.kitchen_2", "on");
  CHECK(announced(input).at("default_entity_id") == "switch.kitchen_2");
  CHECK_FALSE(announced(input).contains("object_id"));
  CHECK(announced(input, {2025, 9}).at("object_id") == "kitchen_2");
  CHECK_FALSE(announced(input, {2025, 9}).contains("default_entity_id"));
  CHECK(announced(input, {2025, 10}).contains("default_entity_id"));
}

TEST_CASE("A prefix goes before the object id, a stand-in's source domain after it") {
  const auto wanted = [](const char* entity_id, Version version, std::string_view prefix) {
    const Json json = Subject(tests::state_of(entity_id, "on")).announcement(version, prefix);
    return json.value("default_entity_id", json.value("object_id", ""));
  };
  CHECK(wanted("switch.kitchen", newest, "hubs_") == "switch.hubs_kitchen");
  CHECK(wanted("switch.kitchen", oldest, "hubs_") == "hubs_kitchen");
  CHECK(wanted("media_player.living_room", newest, "") == "sensor.media_player_living_room");
  CHECK(wanted("media_player.living_room", oldest, "") == "media_player_living_room");
  CHECK(wanted("input_boolean.guests", newest, "") == "switch.input_boolean_guests");
  CHECK(wanted("media_player.x", newest, "hubs_") == "sensor.hubs_media_player_x");
}

TEST_CASE("An entity is available when its instance is online and it is not unavailable") {
  const Json json = announced(tests::state_of("switch.kitchen", "on"));
  CHECK(json.at("availability_mode") == "all");
  REQUIRE(json.at("availability").size() == 2);
  CHECK(json.at("availability")[0] == Json{{"topic", "statebus/hubs/status"}});
  CHECK(json.at("availability")[1] ==
        Json{{"topic", "statebus/hubs/view/switch/kitchen/available"}});
}

TEST_CASE("Where a release cannot show unknown, it shows as unavailable") {
  const Json climate = tests::state_of("climate.x", "heat", {{"hvac_modes", {"heat", "off"}}});
  const Json cover = tests::state_of("cover.x", "open");
  const Json moment = tests::state_of("sensor.x", "x", {{"device_class", "timestamp"}});
  const Json text = tests::state_of("text.x", "x");
  for (const Json& input : {climate, cover, moment}) {
    CHECK(availability(announced(input, {2025, 6})) == "known");
    CHECK(availability(announced(input, {2025, 7})) == "available");
  }
  CHECK(availability(announced(text)) == "known");
}

TEST_CASE("The text for an unknown state is one that the release takes") {
  const auto fallback = [](const Json& input, const char* key, Version version) {
    const std::string text = announced(input, version).at(key);
    const auto start = text.rfind("else ") + 5;
    return text.substr(start, text.rfind(" }}") - start);
  };
  const Json heat_only = tests::state_of("climate.x", "heat", {{"hvac_modes", {"heat"}}});
  const Json own_modes = tests::state_of("climate.x", "x", {{"hvac_modes", {"it's {{ own }}"}}});
  CHECK(fallback(heat_only, "mode_state_template", oldest) == "'heat'");
  CHECK(fallback(own_modes, "mode_state_template", oldest) == "'off'");
  CHECK(fallback(heat_only, "mode_state_template", newest) == "'None'");
  CHECK(fallback(tests::state_of("sensor.x", "a"), "value_template", oldest) == "'unknown'");
  const Json noted = tests::state_of("sensor.x", "a", {{"note", 1}});
  CHECK(fallback(noted, "value_template", newest) == "'None'");
  const Json number = tests::state_of("sensor.x", "1", {{"unit_of_measurement", "%"}});
  CHECK(fallback(number, "value_template", oldest) == "'None'");
  const Json moment = tests::state_of("sensor.x", "a", {{"device_class", "date"}});
  CHECK(fallback(moment, "value_template", oldest) == "'1970-01-01T00:00:00+00:00'");
  CHECK(fallback(tests::state_of("text.x", "a"), "value_template", newest) == "''");
  CHECK(fallback(tests::state_of("cover.x", "a"), "value_template", oldest) == "''");
  CHECK(fallback(tests::state_of("media_player.x", "a"), "value_template", oldest) == "'unknown'");
}

TEST_CASE("Categories are those that main takes; diagnostic entities come disabled") {
  const auto with_category = [](const char* entity_id, const char* category) {
    Json input = tests::registered(entity_id, "on", nothing);
    input["entities"][0]["entity_category"] = category;
    return announced(input);
  };
  CHECK(with_category("switch.x", "config").at("entity_category") == "config");
  CHECK_FALSE(with_category("switch.x", "config").contains("enabled_by_default"));
  CHECK(with_category("switch.x", "diagnostic").at("entity_category") == "diagnostic");
  CHECK(with_category("switch.x", "diagnostic").at("enabled_by_default") == false);
  for (const char* id : {"sensor.x", "binary_sensor.x", "media_player.x"}) {
    CHECK(with_category(id, "config").at("entity_category") == "diagnostic");
    CHECK_FALSE(with_category(id, "config").contains("enabled_by_default"));
  }
  CHECK_FALSE(announced(tests::registered("switch.x", "on", nothing)).contains("entity_category"));
}

TEST_CASE("An icon must be one and a picture's address whole") {
  const auto with = [](const char* key, const Json& value) {
    return announced(tests::state_of("switch.x", "on", {{key, value}})).value(key, "(none)");
  };
  CHECK(with("icon", "mdi:lamp") == "mdi:lamp");
  CHECK(with("icon", "lamp") == "(none)");
  CHECK(with("icon", nullptr) == "(none)");
  CHECK(with("entity_picture", "https://example.org/a.jpg") == "https://example.org/a.jpg");
  CHECK(with("entity_picture", "/local/a.jpg") == "(none)");
  CHECK(with("entity_picture", "https://example.org/a.jpg?token=1") == "(none)");
}

TEST_CASE("Attributes are announced only where main would take one") {
  const Json without = announced(tests::state_of("switch.x", "on", {{"friendly_name", "x"}}));
  CHECK_FALSE(without.contains("json_attributes_topic"));
  CHECK_FALSE(without.contains("json_attributes_template"));
  const Json with = announced(tests::state_of("switch.x", "on", {{"note", nullptr}}));
  CHECK(with.at("json_attributes_topic") == "statebus/hubs/state/switch/x");
  CHECK(with.contains("json_attributes_template"));
  const Json light = announced(tests::state_of("light.x", "on", {{"note", nullptr}}));
  CHECK(light.at("json_attributes_topic") == "statebus/hubs/view/light/x/attributes");
  CHECK_FALSE(light.contains("json_attributes_template"));
}

TEST_CASE("A sensor is told by its state alone where main takes no attribute of it") {
  const Json bare = announced(tests::state_of("sensor.x", "1", {{"unit_of_measurement", "W"}}));
  CHECK(bare.at("state_topic") == "statebus/hubs/view/sensor/x/state");
  CHECK_FALSE(bare.contains("value_template"));
  const Json text = announced(tests::state_of("sensor.x", ""));
  CHECK(text.at("state_topic") == "statebus/hubs/state/sensor/x");
  const Json noted = announced(tests::state_of("sensor.x", "1", {{"note", 1}}));
  CHECK(noted.at("state_topic") == "statebus/hubs/state/sensor/x");
  CHECK(announced(tests::state_of("sensor.x", "1"), {2025, 6}).contains("value_template"));
}

TEST_CASE("Commands expire where the release knows that, and only where there are commands") {
  CHECK(announced(tests::state_of("switch.x", "on")).at("message_expiry_interval") ==
        Json{{"seconds", 10}});
  CHECK(
      announced(tests::state_of("switch.x", "on"), {2026, 6}).contains("message_expiry_interval"));
  CHECK_FALSE(
      announced(tests::state_of("switch.x", "on"), {2026, 5}).contains("message_expiry_interval"));
  CHECK_FALSE(announced(tests::state_of("sensor.x", "on")).contains("message_expiry_interval"));
}

TEST_CASE("Nothing is announced of which not all is known") {
  CHECK(announced(tests::state_of("select.x", "a")).is_null());
  CHECK(announced(tests::state_of("select.x", "a", {{"options", nullptr}})).is_null());
  CHECK(announced(tests::state_of("select.x", "a", {{"options", Json::array()}})).is_object());
  CHECK(announced(tests::state_of("event.x", "a")).is_null());
  CHECK(announced(tests::state_of("climate.x", "a")).is_null());
}

TEST_CASE("An announcement does not change because its entity is unavailable") {
  for (const std::string id :
       {"light.x", "climate.x", "fan.x", "cover.x", "sensor.x", "select.x"}) {
    CAPTURE(id);
    Subject subject(tests::state_of(id, "on",
                                    {{"hvac_modes", {"heat"}},
                                     {"options", {"a"}},
                                     {"supported_features", 7},
                                     {"percentage_step", 25.0},
                                     {"current_position", 0},
                                     {"device_class", "door"},
                                     {"supported_color_modes", {"hs"}},
                                     {"note", 1}}));
    const Json old_form = subject.announcement(oldest);
    const Json new_form = subject.announcement(newest);
    subject.apply(R"({"a":{")" + id + R"(":{"s":"unavailable","a":{"restored":true},"lc":2}}})");
    CHECK(subject.announcement(oldest) == old_form);
    CHECK(subject.announcement(newest) == new_form);
  }
}
