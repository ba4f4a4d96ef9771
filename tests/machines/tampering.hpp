// Changes events of Home Assistant before they arrive, as a fault would.
#pragma once

#include <string>

#include "tests/scripted_ha/json.hpp"

namespace machines {

/// Lets `change` have the event of each message in a frame that is one.
template <typename Change>
void change_events(std::string& frame, Change change) {
  scripted_ha::Json json = scripted_ha::Json::parse(frame);
  const auto visit = [&](scripted_ha::Json& message) {
    if (message.value("type", "") == "event") change(message["event"]);
  };
  if (json.is_array()) {
    for (scripted_ha::Json& message : json) visit(message);
  } else {
    visit(json);
  }
  frame = json.dump();
}

/// Home Assistant tells of an entity that it never named before: something was lost.
inline void name_an_unknown_entity(scripted_ha::Json& event) {
  if (event.contains("c")) event["c"] = {{"sensor.never_named", {{"+", {{"s", "1"}}}}}};
}

}  // namespace machines
