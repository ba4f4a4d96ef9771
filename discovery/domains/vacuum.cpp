// Vacuum cleaners. Main reads a form of its own, and sends the fan speed and free commands in forms
// of its own, so that there is a view and there are two slots of commands.
#include <algorithm>

#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

constexpr std::string_view activity = "activity";
constexpr std::string_view fan_speed = "fan_speed";
constexpr std::string_view raw = "raw";

struct Ability {
  std::uint32_t feature;  // VacuumEntityFeature, home-assistant/core components/vacuum
  std::string_view word;  // in MQTT's list of features
};
constexpr Ability abilities[] = {
    {4, "pause"},      {8, "stop"},          {16, "return_home"},
    {32, "fan_speed"}, {128, "status"},      {256, "send_command"},
    {512, "locate"},   {1024, "clean_spot"}, {8192, "start"},
};
constexpr std::uint32_t pauses = 4, stops = 8, returns = 16, has_speeds = 32, has_battery = 64;
constexpr std::uint32_t takes_commands = 256, locates = 512, cleans_spots = 1024, starts = 8192;

Json supported_features(const Facts& facts) {
  Json list = Json::array();
  for (const Ability& ability : abilities) {
    if ((facts.entity.features() & ability.feature) != 0) list.push_back(ability.word);
  }
  const bool shows_battery = facts.consumer.version < since::vacuum_without_battery;
  if (shows_battery && (facts.entity.features() & has_battery) != 0) list.push_back("battery");
  return list;
}

// https://www.home-assistant.io/integrations/vacuum.mqtt/
constexpr Field fields[] = {
    {"state_topic", view(activity)},
    {"command_topic", commands()},
    {"payload_start", call("start"), {.features = starts}},
    {"payload_pause", call("pause"), {.features = pauses}},
    {"payload_stop", call("stop"), {.features = stops}},
    {"payload_return_to_base", call("return_to_base"), {.features = returns}},
    {"payload_clean_spot", call("clean_spot"), {.features = cleans_spots}},
    {"payload_locate", call("locate"), {.features = locates}},
    {"set_fan_speed_topic", commands(fan_speed), {.features = has_speeds}},
    {"fan_speed_list", capability("fan_speed_list"), {.capability = "fan_speed_list"}},
    {"send_command_topic", commands(raw), {.features = takes_commands}},
    {"supported_features", made(supported_features)},
};
constexpr std::string_view capabilities[] = {"fan_speed_list"};
constexpr Command commands_of[] = {
    {"start"},
    {"pause"},
    {"stop"},
    {"clean_spot"},
    {"locate"},
    {"return_to_base"},
    {"set_fan_speed", fan_speed},
    {"send_command", raw},
};

/// {"state":"docked","fan_speed":"high","battery_level":80}; a null for the level would be an error
/// on main.
void append_activity(std::string& out, std::string_view, const State& state) {
  constexpr std::string_view words[] = {"cleaning", "docked",    "error",
                                        "idle",     "returning", "paused"};
  const bool is_known =
      std::find(std::begin(words), std::end(words), state.value) != std::end(words);
  out += R"({"state":)";
  is_known ? append_json_string(out, state.value) : void(out += "null");
  const std::string* speed = state.attributes.find(fan_speed);
  if (speed != nullptr) (out += R"(,"fan_speed":)") += *speed;
  const std::string* level = state.attributes.find("battery_level");
  if (level != nullptr && *level != "null") (out += R"(,"battery_level":)") += *level;
  out += '}';
}
constexpr View views[] = {{.slot = activity, .append = append_activity}};

/// The fan speed comes as its bare name, a free command as its name or, with parameters, as an
/// object with the name under `command`.
std::optional<SlotCall> translate(std::string_view slot, std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  if (slot == fan_speed) return SlotCall{"set_fan_speed", {{"fan_speed", payload}}};
  Json json = parse_json(payload, payload.size()).value_or(nullptr);
  if (!json.is_object()) return SlotCall{"send_command", {{"command", payload}}};
  const std::string command = text_at(json, "command");
  if (command.empty()) return std::nullopt;
  json.erase("command");
  return SlotCall{"send_command", {{"command", command}, {"params", json}}};
}

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain vacuum{.name = "vacuum",
                        .component = "vacuum",
                        .fields = fields,
                        .commands = commands_of,
                        .capabilities = capabilities,
                        .views = views,
                        .translate = translate};

static_assert(checked(vacuum) && known(vacuum));

}  // namespace discovery::kinds
