// What stands on the broker when a bridge comes, and what others write there while it runs: its own
// documents, descriptions, indexes and announcements, and the infos of others. A line that no word
// of the scene begins is a topic and its retained payload.
#include "tests/fuzz/scene.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Scene scene("hubs");
  fuzz::play(scene, data, size,
             [&](std::string_view line) { scene.act("retained " + std::string(line)); });
  return 0;
}
