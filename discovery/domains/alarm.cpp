// Alarm panels: armed and disarmed, with a code that main asks for and the source checks.
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// AlarmControlPanelEntityFeature, home-assistant/core components/alarm_control_panel.
constexpr std::uint32_t arms_home = 1, arms_away = 2, arms_night = 4, triggers = 8;
constexpr std::uint32_t arms_custom = 16, arms_vacation = 32;

struct Mode {
  std::uint32_t feature;
  std::string_view word;  // in MQTT's list of features
};
constexpr Mode modes[] = {
    {arms_home, "arm_home"},         {arms_away, "arm_away"}, {arms_night, "arm_night"},
    {arms_vacation, "arm_vacation"}, {triggers, "trigger"},   {arms_custom, "arm_custom_bypass"},
};

/// Without the list main would offer all of them.
Json supported_features(const Facts& facts) {
  Json list = Json::array();
  for (const Mode& mode : modes) {
    if ((facts.entity.features() & mode.feature) != 0) list.push_back(mode.word);
  }
  return list;
}

/// Main asks for a code of this form, and leaves it to the source whether it is the right one.
Json code(const Facts& facts) {
  const std::string format = facts.entity.text("code_format");
  if (format == "number") return "REMOTE_CODE";
  return format.empty() ? Json() : Json("REMOTE_CODE_TEXT");
}

Json code_arm_required(const Facts& facts) {
  const Json required = facts.entity.value("code_arm_required");
  return required.is_boolean() ? required : Json();
}

/// Releases before 2025.7 take no word for it.
UnknownForm unknown_alarm(const Facts& facts) {
  if (facts.consumer.version >= since::unknown_mode) return {};
  return {.literal = "disarmed", .unavailable = true};
}

// https://www.home-assistant.io/integrations/alarm_control_panel.mqtt/
constexpr Field fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"command_topic", commands()},
    {"command_template", worded("alarm_", "{'code': code} if code else {}", "action")},
    {"payload_disarm", word("alarm_disarm", "disarm")},
    {"payload_arm_home", word("alarm_arm_home", "arm_home"), {.features = arms_home}},
    {"payload_arm_away", word("alarm_arm_away", "arm_away"), {.features = arms_away}},
    {"payload_arm_night", word("alarm_arm_night", "arm_night"), {.features = arms_night}},
    {"payload_arm_vacation",
     word("alarm_arm_vacation", "arm_vacation"),
     {.features = arms_vacation}},
    {"payload_arm_custom_bypass",
     word("alarm_arm_custom_bypass", "arm_custom_bypass"),
     {.features = arms_custom}},
    {"payload_trigger", word("alarm_trigger", "trigger"), {.features = triggers}},
    {"supported_features", made(supported_features)},
    {"code", made(code)},
    {"code_arm_required", made(code_arm_required)},
    {"code_trigger_required", flag(false)},
};
constexpr std::string_view capabilities[] = {"code_arm_required", "code_format"};
constexpr Command commands_of[] = {
    {"alarm_disarm"},       {"alarm_arm_home"},          {"alarm_arm_away"}, {"alarm_arm_night"},
    {"alarm_arm_vacation"}, {"alarm_arm_custom_bypass"}, {"alarm_trigger"},
};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain alarm_control_panel{.name = "alarm_control_panel",
                                     .component = "alarm_control_panel",
                                     .fields = fields,
                                     .commands = commands_of,
                                     .capabilities = capabilities,
                                     .unknown = unknown_alarm};

static_assert(checked(alarm_control_panel) && known(alarm_control_panel));

}  // namespace discovery::kinds
