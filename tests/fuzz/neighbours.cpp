// What other instances have on the broker, before an instance that consumes and follows: infos,
// statuses, heartbeats, indexes, places, devices, entities, events and refusals. A line that no
// word of the scene begins is a topic and its retained payload.
#include "tests/fuzz/scene.hpp"

namespace {

// What announcements made of a lamp of the instance `edge`, in a kitchen of main's own.
constexpr std::pair<const char*, const char*> answers[] = {
    {"config/entity_registry/list",
     R"([{"entity_id":"light.lamp","id":"e1","unique_id":"statebus-edge-r1","platform":"mqtt",
          "device_id":"m1","original_name":"Lamp"}])"},
    {"config/device_registry/list",
     R"([{"id":"m1","name":"Lamp","area_id":"kitchen",
          "identifiers":[["mqtt","statebus-edge-d1"]]}])"},
    {"config/area_registry/create", R"({"area_id":"hall","name":"Hall"})"},
    {"config/floor_registry/create", R"({"floor_id":"ground","name":"Ground"})"},
    {"config/label_registry/create", R"({"label_id":"cosy","name":"Cosy"})"},
    {"subscribe_entities", R"({"a":{"light.lamp":{"s":"off","a":{},"lc":1780308000.5}}})"},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Scene scene("main");
  scene.act("consume");
  for (const auto& [type, json] : answers) scene.set_answer(type, json);
  fuzz::play(scene, data, size,
             [&](std::string_view line) { scene.act("retained " + std::string(line)); });
  return 0;
}
