// The document: the state of one entity as retained JSON, the same for every reader.
#pragma once

#include <string>

#include "discovery/home.hpp"

namespace discovery {

/// Appends {"state":…,"attributes":{…},"last_changed":…,"last_updated":…}. Attributes stand sorted
/// and as Home Assistant wrote them, less what nobody else may see or need: see `left_out`.
void append_document(std::string& out, const State& state);

/// Whether an attribute stays out of the document: access tokens, pictures whose address holds one,
/// and Home Assistant's own mark `restored`.
bool left_out(const Attribute& attribute);

/// Whether the state tells nothing of the entity: `unavailable` or `unknown`.
bool is_silent(const State& state);

}  // namespace discovery
