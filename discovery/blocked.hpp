// Which attributes of a document reach main: Home Assistant's MQTT platforms take attributes from
// JSON, but not those that they make themselves.
#pragma once

#include <string_view>

namespace discovery {

/// Whether main's entity of this component would take the attribute from the document. Where it
/// takes none, the announcement leaves the attributes' template out and main is spared the work.
bool taken_from_document(std::string_view component, std::string_view attribute);

}  // namespace discovery
