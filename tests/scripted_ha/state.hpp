// One state of Home Assistant's state machine and its two texts on the wire.
//
// The forms are those of Home Assistant's core.py (State) and websocket_api/messages.py.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/scripted_ha/json.hpp"
#include "tests/scripted_ha/time.hpp"

namespace scripted_ha {

/// Who or what caused a change.
struct Context {
  std::string id;
  std::optional<std::string> parent_id;
  std::optional<std::string> user_id;
};

/// {"id":…,"parent_id":…,"user_id":…}
Json to_json(const Context& context);

struct State {
  std::string value;
  Json attributes = Json::object();
  Seconds last_changed = 0;   // of the value
  Seconds last_updated = 0;   // of value or attributes
  Seconds last_reported = 0;  // of the last write, even one that changed nothing
  Context context;
  std::uint64_t number = 0;  // states are listed in the order in which they came to be
};

/// What differs between Home Assistant's versions in these texts.
struct StateFormat {
  bool last_reported = true;   // since 2024.4
  bool null_additions = true;  // since 2024.9 a new attribute whose value is null is told
};

/// The state object of state_changed and get_states.
std::string state_object(std::string_view entity_id, const State& state, StateFormat format);

/// "light.a":{"s":…,"a":…,"c":…,"lc":…,"lu":…} of subscribe_entities.
std::string compressed_state(std::string_view entity_id, const State& state);

/// The `event` of subscribe_entities for a change; null stands for no state.
std::string state_difference(std::string_view entity_id, const State* before, const State* after,
                             StateFormat format);

}  // namespace scripted_ha
