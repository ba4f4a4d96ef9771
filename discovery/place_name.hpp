// When two areas, floors or labels have the same name, in Home Assistant's view.
#pragma once

#include <string>
#include <string_view>

namespace discovery {

/// The name without blanks and in one case, as home-assistant/core
/// helpers/normalized_name_base_registry.py makes it. Letters outside of Latin, Greek and Cyrillic
/// stay as they are.
std::string normalized_name(std::string_view name);

}  // namespace discovery
