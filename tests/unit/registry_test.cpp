#include "discovery/registry.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Padded;

namespace {

EntityEntry entity_of(const Json& row) {
  const auto rows = read_entities(Padded(to_text(Json::array({row}))));
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1);
  return rows->front();
}

DeviceEntry device_of(std::string_view row) {
  const auto rows = read_devices(Padded("[" + std::string(row) + "]"));
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1);
  return rows->front();
}

Place place_of(const Json& row, std::string_view id_key) {
  const auto rows = read_places(Padded(to_text(Json::array({row}))), id_key);
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1);
  return rows->front();
}

}  // namespace

TEST_CASE("An entity's row is read with all its fields") {
  const EntityEntry entry = entity_of({{"id", "9f3c"},
                                       {"entity_id", "light.kitchen"},
                                       {"unique_id", "00:17"},
                                       {"platform", "hue"},
                                       {"device_id", "ab12"},
                                       {"area_id", "kitchen"},
                                       {"name", "My \"lamp\" ü"},
                                       {"original_name", "Lamp"},
                                       {"icon", "mdi:lamp"},
                                       {"entity_category", "config"},
                                       {"disabled_by", "user"},
                                       {"hidden_by", "integration"},
                                       {"labels", {"b", "a"}}});
  const EntityEntry expected{.registry_id = "9f3c",
                             .entity_id = "light.kitchen",
                             .unique_id = "00:17",
                             .platform = "hue",
                             .device_id = "ab12",
                             .area_id = "kitchen",
                             .name = "My \"lamp\" ü",
                             .original_name = "Lamp",
                             .icon = "mdi:lamp",
                             .entity_category = "config",
                             .disabled_by = "user",
                             .hidden_by = "integration",
                             .labels = {"b", "a"}};
  CHECK(entry == expected);
}

TEST_CASE("A field that is missing, null or of another type is an empty one") {
  CHECK(entity_of(Json::object()) == EntityEntry{});
  CHECK(entity_of(
            {{"entity_id", nullptr}, {"name", {{"a", 1}}}, {"labels", nullptr}, {"icon", true}}) ==
        EntityEntry{});
  CHECK(entity_of({{"labels", "a"}, {"options", nullptr}, {"area_id", Json::array({"x"})}}) ==
        EntityEntry{});
}

TEST_CASE("A unique id that is a number stays as it was written") {
  CHECK(entity_of({{"unique_id", 12345}}).unique_id == "12345");
  CHECK(entity_of({{"unique_id", 0}}).unique_id == "0");
}

TEST_CASE("The user's display precision goes before the integration's, and 0 is one") {
  const auto precision = [](const Json& sensor) {
    return entity_of({{"options", {{"conversation", {{"x", 1}}}, {"sensor", sensor}, {"z", 1}}}})
        .display_precision;
  };
  CHECK(precision({{"display_precision", 0}, {"suggested_display_precision", 2}}) == 0);
  CHECK(precision({{"suggested_display_precision", 2}}) == 2);
  CHECK(precision({{"display_precision", nullptr}, {"suggested_display_precision", 3}}) == 3);
  CHECK(precision(Json::object()) == std::nullopt);
  CHECK(precision(nullptr) == std::nullopt);
  CHECK(entity_of({{"options", {{"number", {{"display_precision", 1}}}}}}).display_precision ==
        std::nullopt);
}

TEST_CASE("A device's row is read with all its fields") {
  const DeviceEntry entry = device_of(R"({"id":"ab12","name":"Lamp","manufacturer":"Signify",
      "model":"LCA001","model_id":"929","sw_version":"1.2","hw_version":"1","serial_number":"7",
      "configuration_url":"http://x/","entry_type":"service","area_id":"kitchen",
      "via_device_id":"cd",
      "parent_device_id":"ef","labels":["x"],"identifiers":[["hue","00:17"],["a","b","c"]],
      "connections":[["mac","00"]]})");
  const DeviceEntry expected{.id = "ab12",
                             .name = "Lamp",
                             .manufacturer = "Signify",
                             .model = "LCA001",
                             .model_id = "929",
                             .sw_version = "1.2",
                             .hw_version = "1",
                             .serial_number = "7",
                             .configuration_url = "http://x/",
                             .entry_type = "service",
                             .area_id = "kitchen",
                             .via_device_id = "cd",
                             .parent_device_id = "ef",
                             .labels = {"x"},
                             .identifiers = {"hue:00:17", "a:b:c"}};
  CHECK(entry == expected);
}

TEST_CASE("A child device of 2026.11, which lacks most fields, is read") {
  CHECK(device_of(R"({"id":"ab12","parent_device_id":"ef"})") ==
        DeviceEntry{.id = "ab12", .parent_device_id = "ef"});
}

TEST_CASE("The user's name of a device wins wherever it stands") {
  CHECK(device_of(R"({"name":"Lamp","name_by_user":"Mine"})").name == "Mine");
  CHECK(device_of(R"({"name_by_user":"Mine","name":"Lamp"})").name == "Mine");
  CHECK(device_of(R"({"name":"Lamp","name_by_user":null})").name == "Lamp");
  CHECK(device_of(R"({"name_by_user":"","name":"Lamp"})").name == "Lamp");
}

TEST_CASE("Areas, floors and labels are read by the key of their id") {
  CHECK(place_of({{"area_id", "kitchen"},
                  {"name", "Küche"},
                  {"icon", "mdi:pot"},
                  {"floor_id", "ground"},
                  {"aliases", {"a", nullptr}},
                  {"labels", {"x"}}},
                 "area_id") == Place{.id = "kitchen",
                                     .name = "Küche",
                                     .icon = "mdi:pot",
                                     .floor_id = "ground",
                                     .aliases = {"a", ""},
                                     .labels = {"x"}});
  CHECK(place_of({{"floor_id", "cellar"}, {"name", "Cellar"}, {"level", -1}}, "floor_id") ==
        Place{.id = "cellar", .name = "Cellar", .level = -1});
  CHECK(place_of({{"floor_id", "ground"}, {"level", 0}}, "floor_id").level == 0);
  CHECK(place_of({{"floor_id", "ground"}, {"level", nullptr}}, "floor_id").level == std::nullopt);
  CHECK(place_of({{"label_id", "x"}, {"color", "red"}}, "label_id") ==
        Place{.id = "x", .color = "red"});
}

TEST_CASE("What is no list of objects is no registry") {
  for (const char* text :
       {"", "null", "{}", "[1]", "[null]", "[{}", "\"x\"", "[[]]", "[{\"id\":\"\xff\"}]"}) {
    CAPTURE(text);
    CHECK(read_entities(Padded(text)) == std::nullopt);
    CHECK(read_devices(Padded(text)) == std::nullopt);
    CHECK(read_places(Padded(text), "area_id") == std::nullopt);
  }
  CHECK(read_entities(Padded("[]")) == std::vector<EntityEntry>{});
}
