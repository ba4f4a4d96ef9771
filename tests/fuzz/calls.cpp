// Calls of services. A line that no word of the scene begins is the payload of a call.
#include "tests/fuzz/scene.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Scene scene("hubs");
  scene.settings().calls_allow = {"script.*"};
  scene.settings().deny = {"lock.*"};
  scene.settings().commands_per_second = 1000;
  fuzz::play(scene, data, size, [&](std::string_view line) {
    scene.start();
    scene.publish("statebus/hubs/call", line, false);
  });
  return 0;
}
