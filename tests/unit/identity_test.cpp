// The scheme is frozen: a change of one of these texts doubles every entity on every main.
#include "discovery/identity.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Subject;

TEST_CASE("FROZEN: an entity is named by its instance and registry id") {
  Subject lamp(tests::registered("light.kitchen", "on", {}));
  CHECK(object_name("hubs", lamp.entity()) == "statebus-hubs-9f3c");
  CHECK(lamp.announcement(tests::oldest).at("unique_id") == "statebus-hubs-9f3c");
  CHECK(lamp.announcement(tests::newest).at("unique_id") == "statebus-hubs-9f3c");
}

TEST_CASE("FROZEN: without a registry entry, by domain and object id") {
  Subject lamp(tests::state_of("light.kitchen_2", "on"));
  CHECK(object_name("hubs", lamp.entity()) == "statebus-hubs-light-kitchen_2");
  CHECK(lamp.announcement(tests::newest).at("unique_id") == "statebus-hubs-light-kitchen_2");
}

TEST_CASE("FROZEN: a registry entry without an id is as none") {
  Json input = tests::registered("light.kitchen", "on", {});
  input["entities"][0].erase("id");
  CHECK(object_name("a_1", Subject(input).entity()) == "statebus-a_1-light-kitchen");
}

TEST_CASE("FROZEN: devices and the instance itself") {
  CHECK(device_name("hubs", "ab12") == "statebus-hubs-ab12");
  CHECK(instance_name("hubs") == "statebus-hubs");
  CHECK(mirror_mark == "statebus-");
  Subject lamp(tests::registered("light.kitchen", "on", {}, {{"id", "ab12"}, {"name", "Lamp"}}));
  const Json device = lamp.announcement(tests::newest).at("device");
  CHECK(device.at("identifiers") == Json::array({"statebus-hubs-ab12"}));
  CHECK(device.at("via_device") == "statebus-hubs");
}

TEST_CASE("FROZEN: the instance's own entities") {
  std::vector<std::string> ids;
  for (const InstanceEntity& entity : instance_entities()) {
    const Consumer consumer{"homeassistant", tests::newest};
    if (entity.component == "tag") continue;  // no entity, and known by its device alone
    ids.push_back(
        announce_instance(entity, Topics("statebus", "hubs"), consumer, "1")["unique_id"]);
  }
  CHECK(ids == std::vector<std::string>{"statebus-hubs-connectivity", "statebus-hubs-published",
                                        "statebus-hubs-refused", "statebus-hubs-version"});
}

TEST_CASE("FROZEN: a device trigger is named by its device, type and subtype") {
  const std::string key = trigger_key("remote_button_short_press", "button_1");
  CHECK(key == "1b11b351a7f4e383");
  CHECK(trigger_key("ab", "c") != trigger_key("a", "bc"));
  CHECK(trigger_key("", "") == "af63bd4c8601b7df");
  const std::string name = trigger_name("hubs", "ab12", key);
  CHECK(name == "statebus-hubs-trigger-ab12-1b11b351a7f4e383");
  CHECK(device_of_trigger("hubs", name) == "ab12");
  CHECK(device_of_trigger("media", name).empty());
  CHECK(device_of_trigger("hubs", "statebus-hubs-trigger-ab12").empty());
  CHECK(device_of_trigger("hubs", "statebus-hubs-ab12").empty());
}

TEST_CASE("A name tells its instance, and an instance's own device is of none") {
  CHECK(instance_of("statebus-hubs-9f3c") == "hubs");
  CHECK(instance_of("statebus-a_1-light-kitchen") == "a_1");
  CHECK(instance_of("statebus-hubs-trigger-ab12-1b11b351a7f4e383") == "hubs");
  for (const char* none : {"statebus-hubs", "statebus-", "statebus", "my-statebus-hubs-1", ""}) {
    CHECK(instance_of(none).empty());
  }
}

TEST_CASE("A rename changes neither the name nor the announcement's topic") {
  Json input = tests::registered("light.kitchen", "on", {});
  const std::string before = object_name("hubs", Subject(input).entity());
  input["entities"][0]["entity_id"] = "light.cellar";
  input["states"] = {{"light.cellar", {{"s", "on"}, {"a", Json::object()}, {"lc", 1}}}};
  CHECK(object_name("hubs", Subject(input).entity()) == before);
}

TEST_CASE("What came from a bus is known by its unique id or its device") {
  const auto is_mirrored = [](const char* unique_id, const Json& identifiers) {
    Json input = tests::registered("light.kitchen", "on", {}, {{"id", "d"}, {"name", "Lamp"}});
    input["entities"][0]["unique_id"] = unique_id;
    input["devices"][0]["identifiers"] = identifiers;
    Subject subject(input);
    return is_mirror(subject.home(), subject.entity());
  };
  const Json none = Json::array();
  const auto pair = [](const char* domain, const char* id) { return Json::array({domain, id}); };
  CHECK(is_mirrored("statebus-media-9f3c", none));
  CHECK(is_mirrored("u1", Json::array({pair("mqtt", "statebus-media-ab12")})));
  CHECK(is_mirrored("u1", Json::array({pair("hue", "1"), pair("mqtt", "statebus-media")})));
  CHECK_FALSE(is_mirrored("u1", none));
  CHECK_FALSE(is_mirrored("my-statebus-media", Json::array({pair("mqtt", "my-statebus-x")})));
  CHECK_FALSE(is_mirrored("statebus", Json::array({pair("hue", "statebus-media")})));
  Subject unregistered(tests::state_of("light.kitchen", "on"));
  CHECK_FALSE(is_mirror(unregistered.home(), unregistered.entity()));
}
