#include "tests/fuzz/house.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "discovery/json.hpp"
#include "tests/fuzz/scene.hpp"

namespace fuzz {
namespace {

using discovery::Json;

constexpr int cases_max = 4;

constexpr const char* one_light = R"({
  "states": {"light.kitchen": {"s": "off", "lc": 1780308000.5, "a": {
    "supported_color_modes": ["brightness"], "color_mode": null, "brightness": null,
    "friendly_name": "Kitchen", "supported_features": 0}}},
  "entities": [{"entity_id": "light.kitchen", "id": "r1", "unique_id": "u1", "platform": "hue",
                "device_id": "d1", "original_name": "Kitchen"}],
  "devices": [{"id": "d1", "name": "Lamp", "area_id": "kitchen", "identifiers": [["hue", "1"]]}],
  "areas": [{"area_id": "kitchen", "name": "Kitchen"}],
  "floors": [], "labels": []})";

/// All golden cases by their name, read once.
const std::map<std::string, Json, std::less<>>& golden_cases() {
  static const auto cases = [] {
    std::map<std::string, Json, std::less<>> read;
    const std::filesystem::path golden = STATEBUS_GOLDEN_DIR;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(golden)) {
      if (entry.path().filename() != "entity.json") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      const auto name = std::filesystem::relative(entry.path().parent_path(), golden).string();
      read.emplace(name, Json::parse(text));
    }
    return read;
  }();
  return cases;
}

void add(Json& house, const Json& more) {
  house["states"].update(more.at("states"));
  for (const char* list : {"entities", "devices", "areas", "floors", "labels"}) {
    for (const Json& row : more.value(list, Json::array())) house[list].push_back(row);
  }
}

}  // namespace

std::map<std::string, std::string> answers_of_house(std::string_view cases) {
  static const Json smallest = Json::parse(one_light);
  Json house = smallest;
  for (int left = cases_max; left > 0 && !cases.empty(); --left) {
    const auto found = golden_cases().find(next_word(cases));
    if (found != golden_cases().end()) add(house, found->second);
  }
  const auto text = [&](const char* key) { return discovery::to_text(house.at(key)); };
  return {{"get_config", config_of_house("2026.11.0")},
          {"subscribe_entities", R"({"a":)" + text("states") + "}"},
          {"config/entity_registry/list", text("entities")},
          {"config/device_registry/list", text("devices")},
          {"config/area_registry/list", text("areas")},
          {"config/floor_registry/list", text("floors")},
          {"config/label_registry/list", text("labels")},
          {"get_services", R"({"notify":{"mobile_app_phone":{},"notify":{}}})"},
          {"call_service", R"({"context":{"id":"1"},"response":{"items":[]}})"},
          {"device_automation/trigger/list",
           R"([{"platform":"device","domain":"hue","type":"press","subtype":"one"}])"}};
}

std::string config_of_house(std::string_view release) {
  return discovery::to_text({{"version", release},
                             {"state", "RUNNING"},
                             {"location_name", "Home"},
                             {"components", {"mqtt", "light"}},
                             {"unit_system", {{"temperature", "°C"}}}});
}

}  // namespace fuzz
