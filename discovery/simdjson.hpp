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

/// A parser keeps some six times the size of the largest text that it has read. What it has read
/// is to be used no more.
inline void release_if_large(simdjson::ondemand::parser& parser) {
  constexpr std::size_t text_bytes_kept = 256UL * 1024;
  if (parser.capacity() > text_bytes_kept) parser = simdjson::ondemand::parser();
}

}  // namespace discovery
