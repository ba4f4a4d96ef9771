// Device triggers: what is read of Home Assistant's list, and what main is told.
#include "discovery/trigger.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;

namespace {

std::vector<DeviceTrigger> listed(const Json& rows) {
  const auto triggers = read_device_triggers(to_text(rows));
  REQUIRE(triggers.has_value());
  return *triggers;
}

Json row(const Json& fields) {
  Json json{{"platform", "device"}, {"domain", "zha"}, {"device_id", "d1"}, {"metadata", {}}};
  json.update(fields);
  return json;
}

Json announced(const DeviceTrigger& trigger) {
  DeviceEntry remote;
  remote.id = "d1";
  remote.name = "Remote";
  const Consumer consumer{"homeassistant", tests::newest};
  return announce_trigger(trigger, {&remote}, consumer, Topics("home/bus", "hubs"));
}

}  // namespace

TEST_CASE("A trigger is listed with all that a subscription to it needs") {
  const Json press = row({{"type", "press"}, {"subtype", "button_1"}, {"unique_id", 7}});
  const auto triggers = listed(Json::array({press}));
  REQUIRE(triggers.size() == 1);
  CHECK(triggers[0].type == "press");
  CHECK(triggers[0].subtype == "button_1");
  CHECK(Json::parse(triggers[0].json) == press);
}

TEST_CASE("Triggers of entities are main's own matter") {
  const Json of_entity = row({{"type", "turned_on"}, {"entity_id", "light.a"}});
  CHECK(listed(Json::array({of_entity})).empty());
}

TEST_CASE("A trigger without a subtype bears its integration's name there") {
  CHECK(listed(Json::array({row({{"type", "turn_on"}})})).at(0).subtype == "zha");
}

TEST_CASE("What is no trigger, or tells more than a name, is passed over") {
  const std::string long_text(257, 'x');
  CHECK(listed(Json::array({7, row(Json::object()), row({{"type", 3}}), row({{"type", long_text}}),
                            row({{"type", "a"}, {"subtype", long_text}})}))
            .empty());
  CHECK_FALSE(read_device_triggers("null").has_value());
  CHECK_FALSE(read_device_triggers("{}").has_value());
  CHECK_FALSE(read_device_triggers("[").has_value());
  Json many = Json::array();
  for (int i = 0; i < 600; ++i) many.push_back(row({{"type", std::to_string(i)}}));
  CHECK(listed(many).size() == 500);
}

TEST_CASE("Main hears of a firing what it compares with") {
  const DeviceTrigger trigger{"press", "button_1", "{}"};
  const Json json = announced(trigger);
  CHECK(json.at("topic") == "home/bus/hubs/trigger/d1");
  CHECK(json.at("payload") == Json::parse(firing_of(trigger)).at("key"));
  CHECK(json.at("device").at("identifiers") == Json::array({"statebus-hubs-d1"}));
  CHECK(json.at("device").at("via_device") == "statebus-hubs");
}

TEST_CASE("No text of a user gets where main renders a template") {
  const DeviceTrigger trigger{"{{ 1/0 }}", "{% x %}", "{}"};
  const Json json = announced(trigger);
  CHECK(json.at("type") == "{{ 1/0 }}");
  const std::string payload = json.at("payload");
  CHECK(payload.find_first_not_of("0123456789abcdef") == std::string::npos);
}
