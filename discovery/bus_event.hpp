// An event of Home Assistant's bus, as the text that it wrote.
#pragma once

#include <optional>
#include <string_view>

#include "discovery/frame.hpp"

namespace discovery {

struct BusEvent {
  std::string_view data;        // an object
  std::string_view time_fired;  // with its quotes
};

/// Reads the `event` of a message, whose parts the views are; nothing when it is none of the bus.
std::optional<BusEvent> read_bus_event(PaddedJson event);

}  // namespace discovery
