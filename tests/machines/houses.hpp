// Houses for the conversations, as files of the scripted Home Assistant.
#pragma once

#include <string>

#include "tests/scripted_ha/json.hpp"

namespace machines {

/// One light on a device in an area.
scripted_ha::Json one_light();

/// `count` sensors: sensor.s0 and so on, registered as s0…, each with the value of its number.
scripted_ha::Json sensors(int count);

/// The topics of the light, and those of a sensor.
inline const std::string light_announcement = "homeassistant/light/hubs/statebus-hubs-r1/config";
inline const std::string light_document = "statebus/hubs/state/light/kitchen";
inline const std::string light_command = "statebus/hubs/command/light/kitchen";
std::string sensor_announcement(int number);
std::string sensor_document(int number);

}  // namespace machines
