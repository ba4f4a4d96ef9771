// Commands for entities. A line that no word of the scene begins is a place below the instance's
// commands, such as light/kitchen, and its payload.
#include "tests/fuzz/scene.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Scene scene("hubs");
  scene.settings().speaks_on = "media_player.kitchen";
  scene.settings().deny = {"lock.*"};
  fuzz::play(scene, data, size, [&](std::string_view line) {
    scene.start();
    const std::string place(fuzz::next_word(line));
    scene.publish("statebus/hubs/command/" + place, line, false);
  });
  return 0;
}
