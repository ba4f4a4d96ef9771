// JSON text: what every payload on the bus is written with and every foreign one is read by.
//
// The hot path (documents) appends to a string; everything else uses nlohmann's type, whose sorted
// keys make the bytes of a payload depend on its content alone.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace discovery {

using Json = nlohmann::json;

/// Deeper JSON than this is refused: nlohmann copies and writes recursively, and 200 kB of `[`
/// would exhaust the stack.
constexpr std::size_t json_depth_max = 32;

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// The one door for JSON from outside that is not a frame of Home Assistant: nothing when `text` is
/// longer than `bytes_max`, nested deeper than `json_depth_max` or not valid JSON.
std::optional<Json> parse_json(std::string_view text, std::size_t bytes_max);

/// The text at `key` of an object; empty when there is none, or it is no text, or no object.
std::string text_at(const Json& object, const char* key);

/// The texts in the list at `key` of an object, without whatever else is in it; none when there is
/// no list, or no object.
std::vector<std::string> texts_at(const Json& object, const char* key);

/// The compact text of `value`. Bytes that are no UTF-8 are replaced, so that this never throws.
std::string to_text(const Json& value);

/// The beginning of a text of others as a message can show it: a JSON string of at most 64 bytes.
std::string shown(std::string_view text);

/// The text of a JSON string such as `"caf\u00e9"`; nothing when `json` is no string.
std::optional<std::string> string_of_json(std::string_view json);

}  // namespace discovery
