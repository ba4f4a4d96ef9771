// The list of all kinds; each stands in one file of domains/.
#pragma once

#include <span>
#include <string_view>

#include "discovery/domain.hpp"

namespace discovery {

namespace kinds {
extern const Domain automation, binary_sensor, button, climate, cover, event, fan, input_boolean,
    input_button, input_number, input_select, input_text, light, lock, number, scene, script,
    select, sensor, switch_, text;

/// What every other domain comes as: a read-only sensor with state and attributes.
extern const Domain stand_in;
}  // namespace kinds

/// All kinds with a table, sorted by name.
std::span<const Domain* const> domains();

/// The kind of a source's domain such as "light"; `stand_in` where there is no table.
const Domain& domain_of(std::string_view name);

}  // namespace discovery
