// Which attributes of a document reach main: Home Assistant's MQTT platforms take attributes from
// JSON, but not those that they make themselves.
#pragma once

#include <string_view>

#include "discovery/version.hpp"

namespace discovery {

/// Whether main's entity of this component takes the attribute from the document on some release.
bool may_be_taken(std::string_view component, std::string_view attribute);

/// Whether main took an attribute that today's releases pass over: it does them no harm, and older
/// ones show it.
bool was_taken(std::string_view component, std::string_view attribute);

/// Whether it does on a consumer of this release, and does not make the attribute itself. Where
/// none is taken, the announcement leaves the attributes' template out and main is spared the work.
bool is_taken(std::string_view component, std::string_view attribute, Version consumer);

}  // namespace discovery
