// Frames of Home Assistant's WebSocket, one after the other, into the whole bridge. A line that no
// word of the scene begins is a frame as it came.
#include "tests/fuzz/scene.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Scene scene("hubs");
  fuzz::play(scene, data, size,
             [&](std::string_view line) { scene.act("frame " + std::string(line)); });
  return 0;
}
