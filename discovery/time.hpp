// Times as Home Assistant writes them, without any clock.
#pragma once

#include <cstdint>
#include <string>

namespace discovery {

/// Microseconds since 1970-01-01 UTC; 0 means that no time is known.
using Microseconds = std::int64_t;

/// Home Assistant's WebSocket API gives seconds as a JSON number, with six decimals or, in newer
/// releases, with all that its clock has; rounded as its REST API does.
Microseconds from_seconds(double seconds);

/// Appends, as a JSON string, the text of Python's isoformat(), which Home Assistant's REST API
/// shows: "2026-06-01T10:00:00.123456+00:00", without the fraction when it is 0; null for no known
/// time.
void append_json_time(std::string& out, Microseconds time);

}  // namespace discovery
