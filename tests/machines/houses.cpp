#include "tests/machines/houses.hpp"

#include <fmt/format.h>

namespace machines {

using scripted_ha::Json;

Json one_light() {
  return Json::parse(R"({
    "entities": [{"entity_id": "light.kitchen", "id": "r1", "unique_id": "u1", "platform": "hue",
                  "device_id": "d1", "original_name": "Kitchen"}],
    "devices": [{"id": "d1", "name": "Lamp", "area_id": "kitchen", "identifiers": [["hue", "1"]]}],
    "areas": [{"area_id": "kitchen", "name": "Kitchen"}],
    "states": {"light.kitchen": {"state": "off", "attributes": {
      "supported_color_modes": ["brightness"], "color_mode": null, "brightness": null,
      "friendly_name": "Kitchen", "supported_features": 0}}}})");
}

Json sensors(int count) {
  Json house{{"entities", Json::array()}, {"states", Json::object()}};
  for (int i = 0; i < count; ++i) {
    const std::string id = fmt::format("sensor.s{}", i);
    house["entities"].push_back({{"entity_id", id},
                                 {"id", fmt::format("s{}", i)},
                                 {"unique_id", fmt::format("u{}", i)},
                                 {"platform", "demo"}});
    house["states"][id] = {{"state", std::to_string(i)}, {"attributes", {{"friendly_name", id}}}};
  }
  return house;
}

Json house_of(const std::vector<Row>& rows) {
  Json house{{"entities", Json::array()}, {"states", Json::object()}};
  int number = 0;
  for (const Row& row : rows) {
    const std::string name = "r" + std::to_string(++number);
    if (!row.entry.is_null()) {
      Json entry{{"entity_id", row.id}, {"id", name}, {"unique_id", name}, {"platform", "demo"}};
      entry.update(row.entry);
      house["entities"].push_back(entry);
    }
    if (row.state.is_null()) continue;
    // Braces with nothing in them make a null.
    const Json attributes = row.attributes.is_null() ? Json::object() : row.attributes;
    house["states"][row.id] = {{"state", row.state}, {"attributes", attributes}};
  }
  return house;
}

std::string info_of(const std::string& prefix, const std::string& version,
                    const std::string& from) {
  return R"({"ha_version":")" + version + R"(","consumes":{"prefix":")" + prefix + R"(","from":)" +
         from + "}}";
}

std::string sensor_announcement(int number) {
  return fmt::format("homeassistant/sensor/hubs/statebus-hubs-s{}/config", number);
}

std::string sensor_document(int number) {
  return fmt::format("statebus/hubs/state/sensor/s{}", number);
}

}  // namespace machines
