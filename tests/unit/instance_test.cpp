// The entities of the instance's own device.
#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;

namespace {

Json announced(std::string_view object, Version version) {
  for (const InstanceEntity& entity : instance_entities()) {
    if (entity.object != object) continue;
    const Consumer consumer{"homeassistant", version};
    return announce_instance(entity, Topics("home/bus", "hubs"), consumer, "0.1.0");
  }
  return nullptr;
}

}  // namespace

TEST_CASE("An instance is connected while its status says so") {
  const Json json = announced("connectivity", tests::newest);
  CHECK(json.at("state_topic") == "home/bus/hubs/status");
  CHECK(json.at("payload_on") == "online");
  CHECK(json.at("payload_off") == "offline");
  CHECK(json.at("device_class") == "connectivity");
  CHECK_FALSE(json.contains("availability"));
}

TEST_CASE("What an instance tells of itself is unavailable while it is offline") {
  for (const char* object : {"published", "refused", "version"}) {
    CAPTURE(object);
    const Json json = announced(object, tests::newest);
    CHECK(json.at("state_topic") == "home/bus/hubs/info");
    CHECK(json.at("availability") == Json::array({{{"topic", "home/bus/hubs/status"}}}));
    const std::string value = json.at("value_template");
    CHECK(value.find("value_json." + std::string(object)) != std::string::npos);
    CHECK(value.find("value_json is defined") != std::string::npos);
  }
}

TEST_CASE("The count of refusals has the last one beside it") {
  const Json json = announced("refused", tests::newest);
  CHECK(json.at("json_attributes_topic") == "home/bus/hubs/info");
  const std::string value = json.at("json_attributes_template");
  CHECK(value.find("value_json['last_refused']") != std::string::npos);
  CHECK_FALSE(announced("published", tests::newest).contains("json_attributes_topic"));
}

TEST_CASE("All entities of an instance are diagnostic, on one device, and ask for their own id") {
  for (const InstanceEntity& entity : instance_entities()) {
    if (entity.component == "tag") continue;
    const Json json = announced(entity.object, tests::newest);
    CHECK(json.at("entity_category") == "diagnostic");
    CHECK(json.at("qos") == 0);
    CHECK(json.at("origin") == Json{{"name", "statebus"}});
    CHECK(json.at("device") == Json{{"identifiers", {"statebus-hubs"}},
                                    {"name", "Statebus hubs"},
                                    {"manufacturer", "statebus"},
                                    {"model", "Bridge"},
                                    {"sw_version", "0.1.0"}});
    const std::string id = "hubs_" + std::string(entity.object);
    CHECK(json.at("default_entity_id") == std::string(entity.component) + "." + id);
    CHECK(announced(entity.object, tests::oldest).at("object_id") == id);
    CHECK_FALSE(announced(entity.object, tests::oldest).contains("default_entity_id"));
  }
}

TEST_CASE("The instance scans the tags that are scanned at the source") {
  for (const Version version : {tests::oldest, tests::newest}) {
    const Json json = announced("tag", version);
    CHECK(json.at("topic") == "home/bus/hubs/fired/tag_scanned");
    CHECK(json.at("device").at("identifiers") == Json::array({"statebus-hubs"}));
    CHECK_FALSE(json.contains("unique_id"));
  }
}
