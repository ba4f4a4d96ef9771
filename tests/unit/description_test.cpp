#include "discovery/description.hpp"

#include <doctest/doctest.h>

#include "discovery/identity.hpp"
#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Subject;

namespace {

State state(std::string_view value, const Json& attributes) {
  State state{.value = std::string(value)};
  for (const auto& [name, json] : attributes.items()) state.attributes.set(name, to_text(json));
  return state;
}

std::string capability(const Learned& learned, std::string_view name) {
  const std::string* json = learned.capabilities.find(name);
  return json == nullptr ? "(none)" : *json;
}

const Json light_attributes{
    {"supported_color_modes", {"hs"}}, {"supported_features", 4}, {"brightness", 1}};

}  // namespace

TEST_CASE("Of a live entity the capabilities of its kind are learned") {
  Learned learned;
  CHECK(learned.learn(kinds::light, state("on", light_attributes)) == News::capabilities);
  CHECK(capability(learned, "supported_color_modes") == R"(["hs"])");
  CHECK(capability(learned, "supported_features") == "4");
  CHECK(capability(learned, "brightness") == "(none)");
  CHECK(learned.learn(kinds::light, state("off", light_attributes)) == News::nothing);
}

TEST_CASE("What was learned stays while the entity is unavailable or unknown") {
  for (const char* silent : {"unavailable", "unknown"}) {
    Learned learned;
    learned.learn(kinds::light, state("on", light_attributes));
    CHECK(learned.learn(kinds::light, state(silent, Json::object())) == News::nothing);
    CHECK(capability(learned, "supported_color_modes") == R"(["hs"])");
    CHECK(capability(learned, "supported_features") == "4");
  }
}

TEST_CASE("What an unavailable entity tells of its kind only adds to what is known") {
  Learned learned;
  learned.learn(kinds::light, state("on", light_attributes));
  CHECK(learned.learn(kinds::light, state("unavailable", {{"supported_color_modes", nullptr},
                                                          {"supported_features", 0}})) ==
        News::nothing);
  CHECK(capability(learned, "supported_color_modes") == R"(["hs"])");
  CHECK(capability(learned, "supported_features") == "4");
  CHECK(learned.learn(kinds::light, state("unavailable", {{"effect_list", {"a"}}})) ==
        News::capabilities);
  CHECK(capability(learned, "effect_list") == R"(["a"])");
  CHECK(learned.learn(kinds::light, state("unavailable", {{"friendly_name", "New"}})) ==
        News::details);
  CHECK(capability(learned, "friendly_name") == R"("New")");
}

TEST_CASE("A stand-in's picture is not kept") {
  Learned learned;
  learned.learn(kinds::stand_in, state("playing", {{"entity_picture", "http://x/y"}}));
  CHECK(capability(learned, "entity_picture") == "(none)");
}

TEST_CASE("A live entity that has lost a capability has lost it") {
  Learned learned;
  learned.learn(kinds::light, state("on", light_attributes));
  CHECK(learned.learn(kinds::light, state("on", {{"supported_color_modes", {"onoff"}}})) ==
        News::capabilities);
  CHECK(capability(learned, "supported_color_modes") == R"(["onoff"])");
  CHECK(capability(learned, "supported_features") == "(none)");
}

TEST_CASE("Of reported attributes it only matters that they ever had a value") {
  Learned learned;
  learned.learn(kinds::cover, state("open", {{"current_position", nullptr}, {"other", 1}}));
  CHECK_FALSE(learned.has_reported("current_position"));
  CHECK(learned.learn(kinds::cover, state("open", {{"current_tilt_position", 0}})) ==
        News::details);
  CHECK(learned.learn(kinds::cover, state("open", {{"current_position", 0}})) == News::details);
  CHECK(learned.has_reported("current_position"));
  CHECK(learned.learn(kinds::cover, state("open", {{"current_position", 70}})) == News::nothing);
  CHECK(learned.learn(kinds::cover, state("closed", Json::object())) == News::nothing);
  CHECK(learned.reported == std::vector<std::string>{"current_position", "current_tilt_position"});
  CHECK_FALSE(learned.has_reported("other"));
}

TEST_CASE("It is learned which attributes main may take from the document") {
  Learned learned;
  learned.learn(kinds::light,
                state("on", {{"brightness", 1}, {"friendly_name", "x"}, {"restored", true}}));
  CHECK(learned.extra.empty());
  CHECK(learned.learn(kinds::light, state("on", {{"dynamics", nullptr}, {"alpha", 1}})) ==
        News::details);
  CHECK(learned.extra == std::vector<std::string>{"alpha", "dynamics"});
  CHECK(learned.learn(kinds::light, state("on", Json::object())) == News::nothing);
  CHECK(learned.extra == std::vector<std::string>{"alpha", "dynamics"});
}

TEST_CASE("Of very many attributes not all names are kept") {
  Learned learned;
  Json many;
  for (int i = 0; i < 100; ++i) many["name_" + std::to_string(i)] = i;
  learned.learn(kinds::sensor, state("1", many));
  CHECK(learned.extra.size() == 32);
  CHECK(learned.learn(kinds::sensor, state("1", {{"one_more", 1}})) == News::nothing);
}

TEST_CASE("Secrets are not learned") {
  Learned learned;
  learned.learn(kinds::stand_in,
                state("idle", {{"entity_picture", "/api/x?token=1f"}, {"access_token", "1f"}}));
  CHECK(learned.capabilities.empty());
  CHECK(learned.extra.empty());
}

TEST_CASE("A change concerns what is learned only by the attributes that can teach something") {
  Learned learned;
  const auto concerns = [&](std::string_view name) {
    return learned.concerns(kinds::cover, std::span(&name, 1));
  };
  CHECK(concerns("supported_features"));
  CHECK(concerns("friendly_name"));
  CHECK(concerns("current_position"));
  CHECK(concerns("speed"));
  learned.extra = {"speed"};
  CHECK_FALSE(concerns("speed"));
  CHECK(concerns("current_position"));
  CHECK_FALSE(learned.concerns(kinds::cover, {}));
}

TEST_CASE("What an earlier run had learned is taken in") {
  Learned earlier;
  earlier.learn(kinds::cover,
                state("open", {{"supported_features", 15}, {"current_position", 1}, {"x", 1}}));
  Learned silent;
  silent.learn(kinds::cover, state("unavailable", {{"friendly_name", "Door"}}));
  CHECK(silent.merge(earlier, true));
  CHECK(capability(silent, "supported_features") == "15");
  CHECK(capability(silent, "friendly_name") == "\"Door\"");
  CHECK(silent.has_reported("current_position"));
  CHECK(silent.extra == std::vector<std::string>{"x"});
  CHECK_FALSE(silent.merge(earlier, true));
}

TEST_CASE("A live entity's capabilities go before those of an earlier run") {
  Learned earlier;
  earlier.learn(kinds::cover, state("open", {{"supported_features", 15}, {"current_position", 1}}));
  Learned live;
  live.learn(kinds::cover, state("open", {{"friendly_name", "Door"}}));
  CHECK(live.merge(earlier, false));
  CHECK(capability(live, "supported_features") == "(none)");
  CHECK(live.has_reported("current_position"));
  Learned silent;
  silent.learn(kinds::cover, state("unavailable", {{"supported_features", 3}}));
  silent.merge(earlier, true);
  CHECK(capability(silent, "supported_features") == "3");
}

TEST_CASE("A description holds the registry's facts") {
  Json input =
      tests::registered("light.kitchen", "on",
                        {{"friendly_name", "Kitchen \"lamp\" {{ x }}"}, {"supported_features", 44}},
                        {{"id", "ab12"}, {"name", "Lamp"}, {"area_id", "kitchen"}});
  input["entities"][0].update({{"entity_category", "diagnostic"},
                               {"labels", {"b", "a"}},
                               {"hidden_by", "user"},
                               {"options", {{"sensor", {{"display_precision", 0}}}}}});
  input["areas"] = {{{"area_id", "kitchen"}, {"name", "Kitchen"}}};
  const Description description = Subject(input).description();
  CHECK(description.domain() == "light");
  CHECK(description.object_id() == "kitchen");
  CHECK(description.features() == 44);
  CHECK(to_json(description) ==
        Json{{"object", "statebus-hubs-9f3c"},
             {"entity_id", "light.kitchen"},
             {"registry_id", "9f3c"},
             {"unique_id", "u1"},
             {"platform", "demo"},
             {"device", "statebus-hubs-ab12"},
             {"area", "kitchen"},
             {"name", "Kitchen \"lamp\" {{ x }}"},
             {"entity_category", "diagnostic"},
             {"labels", {"b", "a"}},
             {"hidden", true},
             {"display_precision", 0},
             {"capabilities",
              {{"friendly_name", "Kitchen \"lamp\" {{ x }}"}, {"supported_features", 44}}}});
}

TEST_CASE("What is empty is left out of a description") {
  CHECK(to_json(Subject(tests::state_of("light.kitchen", "on")).description()) ==
        Json{{"object", "statebus-hubs-light-kitchen"},
             {"entity_id", "light.kitchen"},
             {"capabilities", Json::object()}});
}

TEST_CASE("A device that the registry does not have is none") {
  Json input = tests::registered("light.kitchen", "on", {});
  input["entities"][0]["device_id"] = "gone";
  CHECK(Subject(input).description().device.empty());
}

TEST_CASE("The home's unit stands in for a climate that names none") {
  Json input = tests::state_of("climate.x", "heat", {{"hvac_modes", {"heat"}}});
  input["temperature_unit"] = "°F";
  CHECK(Subject(input).description().text("temperature_unit") == "°F");
  input["states"]["climate.x"]["a"]["temperature_unit"] = "°C";
  CHECK(Subject(input).description().text("temperature_unit") == "°C");
  Json other = tests::state_of("light.x", "on");
  other["temperature_unit"] = "°F";
  CHECK_FALSE(Subject(other).description().learned.capabilities.has("temperature_unit"));
}

TEST_CASE("A capability of another type is no text and no number") {
  Subject subject(tests::state_of("light.x", "on", {{"icon", 7}, {"supported_features", "44"}}));
  CHECK(subject.description().text("icon").empty());
  CHECK(subject.description().value("icon") == 7);
  CHECK(subject.description().value("none").is_null());
  CHECK(subject.description().features() == 0);
}

TEST_CASE("A retained description gives back what was learned") {
  Json input = tests::registered("cover.door", "open",
                                 {{"supported_features", 15},
                                  {"current_position", 0},
                                  {"friendly_name", "it's \"x\" {{ ü }}"},
                                  {"device_class", nullptr},
                                  {"extra", false}});
  Subject subject(input);
  const auto held = read_description(to_text(to_json(subject.description())));
  REQUIRE(held.has_value());
  CHECK(held->object == "statebus-hubs-9f3c");
  CHECK(held->entity_id == "cover.door");
  CHECK(held->registry_id == "9f3c");
  CHECK(held->learned.capabilities == subject.learned().capabilities);
  CHECK(held->learned.reported == subject.learned().reported);
  CHECK(held->learned.extra == std::vector<std::string>{"extra"});
}

TEST_CASE("A description of an earlier release or another hand is read as far as it goes") {
  const auto held = read_description(R"({"object":"o","entity_id":"a.b","reported":["b",7,"a"],)"
                                     R"("capabilities":[],"extra_attributes":"x"})");
  REQUIRE(held.has_value());
  CHECK(held->registry_id.empty());
  CHECK(held->learned.reported == std::vector<std::string>{"a", "b"});
  CHECK(held->learned.capabilities.empty());
  CHECK(held->learned.extra.empty());
}

TEST_CASE("What is no description is nothing") {
  for (const char* payload :
       {"", "null", "[]", "{}", R"({"object":"o"})", R"({"entity_id":"a.b"})",
        R"({"object":"","entity_id":"a.b"})", R"({"object":"o","entity_id":"A.b"})",
        R"({"object":7,"entity_id":"a.b"})", "{\"object\":\"o\""}) {
    CAPTURE(payload);
    CHECK_FALSE(read_description(payload).has_value());
  }
}

TEST_CASE("A device's description holds its registry facts and its links") {
  Home home;
  home.set_areas({{.id = "hall"}}, [](Entity&) {});
  home.set_devices({{.id = "parent", .area_id = "hall"}}, [](Entity&) {});
  const DeviceEntry device{.id = "ab12",
                           .name = "Lamp \"1\"",
                           .manufacturer = "Signify",
                           .entry_type = "service",
                           .via_device_id = "hub",
                           .parent_device_id = "parent",
                           .labels = {"x"}};
  CHECK(describe_device(home, "hubs", device) == Json{{"id", "ab12"},
                                                      {"object", "statebus-hubs-ab12"},
                                                      {"name", "Lamp \"1\""},
                                                      {"manufacturer", "Signify"},
                                                      {"entry_type", "service"},
                                                      {"area", "hall"},
                                                      {"labels", {"x"}},
                                                      {"via_device", "statebus-hubs-hub"},
                                                      {"parent_device", "statebus-hubs-parent"}});
}

TEST_CASE("Areas, floors and labels are listed by id") {
  const std::map<std::string, Place, std::less<>> places{
      {"b", {.id = "b", .name = "B", .floor_id = "ground"}},
      {"a", {.id = "a", .name = "", .color = "red", .level = 0, .aliases = {"x"}}}};
  CHECK(
      describe_places(places) ==
      Json::array({{{"id", "a"}, {"name", ""}, {"color", "red"}, {"level", 0}, {"aliases", {"x"}}},
                   {{"id", "b"}, {"name", "B"}, {"floor", "ground"}}}));
  CHECK(describe_places({}) == Json::array());
}
