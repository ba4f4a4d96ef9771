// What must never leave a bridge, whatever came in. A broken promise ends the process, as a crash
// does, so that the fuzzer keeps the input; the scene (scene.hpp) asks about each message.
#pragma once

#include <string>
#include <string_view>

#include "bridge/effects.hpp"

namespace fuzz {

/// Says which promise is broken, and by what, and aborts.
[[noreturn]] void broken(std::string_view promise, std::string_view what);

/// Text, without half characters.
bool is_utf8(std::string_view text);

/// JSON in the sense of its standard. Deeper JSON than anybody reads is none.
bool is_json(std::string_view text);

/// What a broker takes for a topic, and for a filter; it hangs up on whoever uses another one.
bool is_topic(std::string_view topic);
bool is_filter(std::string_view filter);

/// A message of the instance stands in its own tree, and its payload is what the topic promises.
void look_at(const bridge::Publish& message, const std::string& instance);

void look_at(const bridge::Subscribe& subscribe);

/// A frame for Home Assistant is an object of JSON with a type.
void look_at_request(std::string_view frame);

}  // namespace fuzz
