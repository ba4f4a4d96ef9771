// The list of all kinds; each stands in one file of domains/.
#pragma once

#include <span>
#include <string_view>

#include "discovery/domain.hpp"
#include "discovery/reason.hpp"

namespace discovery {

namespace kinds {
extern const Domain alarm_control_panel, alert, automation, binary_sensor, button, calendar, camera,
    climate, conversation, counter, cover, date, datetime, device_tracker, event, fan, group,
    humidifier, image, input_boolean, input_button, input_datetime, input_number, input_select,
    input_text, lawn_mower, light, lock, notify, number, person, plant, remote, scene, schedule,
    script, select, sensor, siren, switch_, text, time, timer, tts, update, vacuum, valve,
    water_heater;

/// What every other domain comes as: a read-only sensor with state and attributes.
extern const Domain stand_in;
}  // namespace kinds

/// All kinds with a table, sorted by name.
std::span<const Domain* const> domains();

/// Why an entity is announced as a stand-in; `published` when it is not.
Reason why_stand_in(const Facts& facts);

/// The kind of a source's domain such as "light"; `stand_in` where there is no table.
const Domain& domain_of(std::string_view name);

}  // namespace discovery
