// JSON as Python and orjson treat it in Home Assistant: keys keep their order, text is compact.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace scripted_ha {

using Json = nlohmann::ordered_json;

/// Python's `==`: the order of keys does not matter, and 1, 1.0 and True are equal. Home Assistant
/// decides with it whether a state has changed.
bool same(const Json& a, const Json& b);

/// The member of an object, null without one.
const Json& member(const Json& object, std::string_view key);

/// Raw UTF-8 without spaces; bytes that are no UTF-8 are replaced.
std::string to_text(const Json& value);

/// What Python's repr() shows; Home Assistant's error messages hold it.
std::string python_text(const Json& value);

}  // namespace scripted_ha
