// What the Home Assistant of a scene (scene.hpp) has: entities of tests/golden, and one light.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace fuzz {

/// Its answers by the type of the request, for some golden cases, such as `climate/range
/// fan/three_speeds`; with none of them for one light on a device in the kitchen. At most four are
/// taken.
std::map<std::string, std::string> answers_of_house(std::string_view cases);

/// The answer to `get_config` of a release, such as 2024.3.3.
std::string config_of_house(std::string_view release);

}  // namespace fuzz
