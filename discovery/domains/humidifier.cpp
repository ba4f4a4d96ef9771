// Humidifiers and dehumidifiers: on and off, target, mode and what they measure.
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

constexpr std::uint32_t has_modes = 1;  // HumidifierEntityFeature.MODES

Json modes(const Facts& facts) { return modes_without(facts, "available_modes", "None"); }

constexpr When selects{.features = has_modes, .capability = "available_modes"};

// https://www.home-assistant.io/integrations/humidifier.mqtt/
constexpr Field fields[] = {
    {"state_topic", view("settings")},
    {"state_value_template", state()},
    {"payload_on", word("turn_on", "on")},
    {"payload_off", word("turn_off", "off")},
    {"command_topic", commands()},
    {"command_template", worded("turn_")},
    {"target_humidity_state_topic", view("settings")},
    {"target_humidity_state_template", attribute("humidity")},
    {"target_humidity_command_topic", commands()},
    {"target_humidity_command_template", call_with("set_humidity", "humidity")},
    {"min_humidity", made([](const Facts& f) { return humidity_end(f, "min_humidity"); })},
    {"max_humidity", made([](const Facts& f) { return humidity_end(f, "max_humidity"); })},
    {"modes", made(modes), selects},
    {"mode_state_topic", view("settings"), selects},
    {"mode_state_template", attribute("mode"), selects},
    {"mode_command_topic", commands(), selects},
    {"mode_command_template", call_with("set_mode", "mode"), selects},
    {"current_humidity_topic", plain("current_humidity"), {.reported = "current_humidity"}},
    {"action_topic", plain("action"), {.reported = "action"}},
    {"device_class", made(device_class)},
    // Without the key main would call it a humidifier.
    {"device_class", absent(), {.without = "device_class"}},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view capabilities[] = {"available_modes", "max_humidity", "min_humidity"};
constexpr std::string_view reports[] = {"action", "current_humidity"};
constexpr std::string_view settings[] = {"humidity", "mode"};
constexpr View views[] = {{.slot = "settings", .attributes = settings}};
constexpr Command commands_of[] = {{"turn_on"}, {"turn_off"}, {"set_humidity"}, {"set_mode"}};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain humidifier{.name = "humidifier",
                            .component = "humidifier",
                            .fields = fields,
                            .commands = commands_of,
                            .capabilities = capabilities,
                            .reports = reports,
                            .views = views};

static_assert(checked(humidifier) && known(humidifier));

}  // namespace discovery::kinds
