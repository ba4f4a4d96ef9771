// Whether texts that others have given can be topics, or levels of topics; topic.cpp knows. Brokers
// hang up on whoever uses another one: Mosquitto also for control characters, for those that
// Unicode calls none, and for more than 200 levels.
#pragma once

#include <string_view>

namespace discovery {

/// Of a message, so without wildcards.
bool valid_topic(std::string_view topic);

/// An id as one level.
bool valid_topic_level(std::string_view id);

}  // namespace discovery
