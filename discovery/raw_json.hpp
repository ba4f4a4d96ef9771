// Judges JSON text that is passed on, or read, by others as well: without building anything of it.
#pragma once

#include <cstddef>
#include <string_view>

namespace discovery {

/// Whether no array and no object in `text` lies deeper than `levels`; strings are passed over.
bool within_depth(std::string_view text, std::size_t levels);

/// Whether every reader of a document takes an attribute with this text: JSON by the book, without
/// NaN, infinite numbers and halves of surrogate pairs, and with the document at most
/// `json_depth_max` deep.
bool is_plain_attribute(std::string_view text);

/// Whether an object in `text`, which is valid JSON, has a key twice. Of two readers one would take
/// the first and another the last.
bool has_key_twice(std::string_view text);

}  // namespace discovery
