#include "discovery/document.hpp"

#include "discovery/json.hpp"

namespace discovery {

bool is_silent(const State& state) {
  return state.value == "unavailable" || state.value == "unknown";
}

bool left_out(const Attribute& attribute) {
  const std::string_view name = attribute.name;
  if (name == "access_token" || name == "restored") return true;
  // /api/camera_proxy/camera.door?token=…: the token opens the picture to whoever reads it.
  return name.starts_with("entity_picture") && attribute.json.find("token=") != std::string::npos;
}

void append_document(std::string& out, const State& state) {
  out += R"({"state":)";
  append_json_string(out, state.value);
  out += R"(,"attributes":{)";
  bool first = true;
  for (const Attribute& attribute : state.attributes) {
    if (left_out(attribute)) continue;
    if (!first) out += ',';
    first = false;
    append_json_string(out, attribute.name);
    out += ':';
    out += attribute.json;
  }
  out += R"(},"last_changed":)";
  append_json_time(out, state.last_changed);
  out += R"(,"last_updated":)";
  append_json_time(out, state.last_updated);
  out += '}';
}

}  // namespace discovery
