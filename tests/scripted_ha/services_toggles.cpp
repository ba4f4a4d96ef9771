// Services of entities that are on or off, and of those that are only triggered.
#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

std::optional<ServiceError> turn(const Action& action) {
  const bool on =
      action.service == "toggle" ? action.state.value != "on" : action.service == "turn_on";
  action.write(on ? "on" : "off");
  return std::nullopt;
}

/// A script runs at once and is then off again.
std::optional<ServiceError> run_script(const Action& action) {
  Json attributes = action.state.attributes;
  if (action.service == "turn_off") {
    action.write("off", attributes);
    return std::nullopt;
  }
  attributes["last_triggered"] = iso_time(action.house.now());
  attributes["current"] = 1;
  action.write("on", attributes);
  attributes["current"] = 0;
  action.write("off", attributes);
  return std::nullopt;
}

std::optional<ServiceError> trigger_automation(const Action& action) {
  Json attributes = action.state.attributes;
  attributes["last_triggered"] = iso_time(action.house.now());
  action.write(action.state.value, attributes);
  return std::nullopt;
}

/// The state of buttons and scenes is the time at which they were last used.
std::optional<ServiceError> press(const Action& action) {
  action.write(iso_time(action.house.now()));
  return std::nullopt;
}

constexpr Service services[] = {
    {"switch input_boolean", "turn_on", "", turn},
    {"switch input_boolean", "turn_off", "", turn},
    {"switch input_boolean automation", "toggle", "", turn},
    {"automation", "turn_on", "", turn},
    {"automation", "turn_off", "stop_actions", turn},
    {"automation", "trigger", "skip_condition", trigger_automation},
    {"script", "turn_on", "variables", run_script},
    {"script", "turn_off", "", run_script},
    {"script", "toggle", "", run_script},
    {"button input_button", "press", "", press},
    {"scene", "turn_on", "transition", press},
};

}  // namespace

std::span<const Service> toggle_services() { return services; }

}  // namespace scripted_ha
