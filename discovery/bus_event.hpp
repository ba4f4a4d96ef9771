// An event of Home Assistant's bus, as the text that it wrote.
#pragma once

#include <optional>
#include <string_view>

#include "discovery/frame.hpp"

namespace discovery {

/// A key of the data of an event that a bridge has fired: by it no bridge forwards it again.
constexpr const char* bus_mark = "statebus";

struct BusEvent {
  std::string_view data;        // an object
  std::string_view time_fired;  // with its quotes
};

/// Reads the `event` of a message, whose parts the views are; nothing when it is none of the bus.
std::optional<BusEvent> read_bus_event(PaddedJson event);

/// Whether a program may fire an event of this type on a Home Assistant that it did not happen in:
/// not of those by which Home Assistant itself goes, which would belie its own state, and not of
/// those that tell of the bus. The type is one that can be a level of a topic.
bool may_be_fired(std::string_view type);

}  // namespace discovery
