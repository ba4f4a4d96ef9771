// What a consumer's Home Assistant takes, by its version: the one place where releases are
// compared.
#pragma once

#include <string>

#include "discovery/version.hpp"

namespace discovery {

/// The oldest and the newest release that announcements are known to be clean on.
constexpr Version oldest_release{2024, 3};
constexpr Version newest_release{2026, 11};

/// A Home Assistant that listens for announcements.
struct Consumer {
  std::string prefix;  // homeassistant
  Version version;     // of that Home Assistant

  friend bool operator==(const Consumer&, const Consumer&) = default;
};

/// The release that brought each thing; where an announcement depends on one, it names it here.
/// Seen on 2024.3.3 and 2026.11.0; those between are from home-assistant/core's pull requests.
namespace since {
constexpr Version any{};
constexpr Version color_mode_implied{2024, 4};  // light: `color_mode: true` no longer asked for
constexpr Version labels{2024, 4};              // on things, and floors on areas
constexpr Version notify{2024, 5};              // entities that are notified
constexpr Version null_attributes{2024, 9};     // differences tell new attributes that are null
constexpr Version mower_returning{2024, 10};    // lawn mower: the activity returning
constexpr Version lock_open{2024, 6};           // lock: state_open, state_opening
constexpr Version device_model_id{2024, 8};     // the device map rejects the key before
constexpr Version hvac_defrosting{2024, 10};    // climate: the action defrosting
constexpr Version kelvin{2025, 2};              // light: color_temp_kelvin, min_kelvin, max_kelvin
constexpr Version swing_horizontal{2025, 4};    // climate
constexpr Version stop_tilt_payload{2025, 4};   // cover: payload_stop_tilt
constexpr Version equal_number_range{2025, 5};  // number: min may equal max
constexpr Version unknown_mode{2025, 7};        // climate, cover: `None` resets a mode or state
constexpr Version default_entity_id{2025, 10};  // instead of object_id
constexpr Version valve_moves{2026, 1};         // valve: a position ends opening and closing
constexpr Version vacuum_without_battery{2026, 2};  // its feature `battery` is refused
constexpr Version moments{2026, 5};                 // date, time, datetime
constexpr Version command_expiry{2026, 6};          // message_expiry_interval
constexpr Version area_by_name{2026, 9};            // an entity without a name has no own area
}  // namespace since

}  // namespace discovery
