// Houses built in code: one of each kind for demonstrations, and any number of sensors for loads.
#pragma once

#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {

/// Some 30 entities in 9 devices and 4 areas, in the form of a house file.
Json demo_house();

/// sensor.generated_0 … with `entities` of them, ten to a device.
Json generated_house(std::size_t entities);

}  // namespace scripted_ha
