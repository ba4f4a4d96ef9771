// Views: what main's platforms read beside the document. They are private between announcement and
// bridge; every other reader takes the document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "discovery/domain.hpp"

namespace discovery {

/// The slots that every kind has besides its own.
namespace slot {
/// `online`, or `offline` while the entity is unavailable.
constexpr std::string_view available = "available";
/// `online`, or `offline` while the entity is unavailable or unknown.
constexpr std::string_view known = "known";
/// The state as it is, or `None` while there is none.
constexpr std::string_view state = "state";
/// The attributes that main's platform does not make itself, as a JSON object.
constexpr std::string_view attributes = "attributes";
}  // namespace slot

/// Whether a slot tells how available the entity is.
constexpr bool tells_availability(std::string_view slot) {
  return slot == slot::available || slot == slot::known;
}

/// The slots that an entity's announcement names, sorted.
std::vector<std::string_view> view_slots(const Facts& facts);

/// Appends the view of that slot. `kind` is the source's kind, and `state` null while Home
/// Assistant has no state for the entity.
void append_view(std::string& out, const Domain& kind, std::string_view slot, const State* state);

}  // namespace discovery
