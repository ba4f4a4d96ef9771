// Covers: doors, blinds, windows, with position and tilt.
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// CoverEntityFeature, home-assistant/core components/cover.
constexpr std::uint32_t opens = 1, closes = 2, sets_position = 4, stops = 8;
constexpr std::uint32_t opens_tilt = 16, closes_tilt = 32, stops_tilt = 64, sets_tilt = 128;
constexpr std::uint32_t moves = opens | closes | stops;
constexpr std::uint32_t tilts = opens_tilt | closes_tilt | stops_tilt | sets_tilt;

UnknownForm unknown_cover(const Facts& facts) {
  if (facts.consumer.version >= since::unknown_mode) return {};
  return {.literal = "", .unavailable = true};
}

// https://www.home-assistant.io/integrations/cover.mqtt/
constexpr Field fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"command_topic", commands(), {.features = moves}},
    {"payload_open", call("open_cover"), {.features = opens}},
    {"payload_open", absent(), {.lacks = opens}},
    {"payload_close", call("close_cover"), {.features = closes}},
    {"payload_close", absent(), {.lacks = closes}},
    {"payload_stop", call("stop_cover"), {.features = stops}},
    {"payload_stop", absent(), {.lacks = stops}},
    {"position_topic", document(), {.reported = "current_position"}},
    {"position_template", attribute("current_position", "''"), {.reported = "current_position"}},
    {"set_position_topic", commands(), {.features = sets_position, .reported = "current_position"}},
    {"set_position_template",
     call_with("set_cover_position", "position", "position"),
     {.features = sets_position, .reported = "current_position"}},
    {"tilt_status_topic", document(), {.reported = "current_tilt_position"}},
    {"tilt_status_template",
     attribute("current_tilt_position", "''"),
     {.reported = "current_tilt_position"}},
    {"tilt_command_topic", commands(), {.features = tilts}},
    // Main sends the same command for open, close and set of a tilt. A source that can only open
    // and close gets the nearer of the two.
    {"tilt_command_template",
     call_with("set_cover_tilt_position", "tilt_position", "tilt_position"),
     {.features = sets_tilt}},
    {"tilt_command_template",
     either("open_cover_tilt", "tilt_position >= 50", "close_cover_tilt"),
     {.features = tilts, .lacks = sets_tilt}},
    {"payload_stop_tilt",
     call("stop_cover_tilt"),
     {.features = stops_tilt, .since = since::stop_tilt_payload}},
    {"device_class", made(device_class)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view reports[] = {"current_position", "current_tilt_position"};
constexpr Command commands_of[] = {
    {"open_cover"},         {"close_cover"},      {"stop_cover"},
    {"set_cover_position"}, {"stop_cover_tilt"},  {"set_cover_tilt_position"},
    {"open_cover_tilt"},    {"close_cover_tilt"},
};

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain cover{.name = "cover",
                       .component = "cover",
                       .fields = fields,
                       .commands = commands_of,
                       .reports = reports,
                       .unknown = unknown_cover};

static_assert(checked(cover) && known(cover));

}  // namespace discovery::kinds
