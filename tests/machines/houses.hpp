// Houses for the conversations, as files of the scripted Home Assistant.
#pragma once

#include <string>
#include <vector>

#include "tests/scripted_ha/json.hpp"

namespace machines {

/// One light on a device in an area.
scripted_ha::Json one_light();

/// `count` sensors: sensor.s0 and so on, registered as s0…, each with the value of its number.
scripted_ha::Json sensors(int count);

/// One entity; fields beyond its id, state and attributes are those of its registry entry.
struct Row {
  std::string id;
  scripted_ha::Json state = "on";  // null: none
  scripted_ha::Json attributes = scripted_ha::Json::object();
  scripted_ha::Json entry = scripted_ha::Json::object();  // null: not registered
};
/// They are registered as r1, r2 and so on.
scripted_ha::Json house_of(const std::vector<Row>& rows);

/// The info of an instance that consumes; `from` is a JSON list of globs.
std::string info_of(const std::string& prefix, const std::string& version,
                    const std::string& from = R"(["*"])");

/// The topics of the light, and those of a sensor.
inline const std::string light_announcement = "homeassistant/light/hubs/statebus-hubs-r1/config";
inline const std::string light_document = "statebus/hubs/state/light/kitchen";
inline const std::string light_command = "statebus/hubs/command/light/kitchen";
std::string sensor_announcement(int number);
std::string sensor_document(int number);

}  // namespace machines
