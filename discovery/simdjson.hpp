// The only place that includes simdjson, a header of 30,000 lines; no other header includes this
// one.
#pragma once

#include <simdjson.h>

#include "discovery/frame.hpp"

namespace discovery {

static_assert(json_padding >= simdjson::SIMDJSON_PADDING);

inline simdjson::padded_string_view padded(PaddedJson json) {
  return simdjson::padded_string_view(json.text.data(), json.text.size(),
                                      json.text.size() + json_padding);
}

}  // namespace discovery
