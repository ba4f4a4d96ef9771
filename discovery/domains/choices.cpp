// Kinds whose state is one of a list of options.
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// https://www.home-assistant.io/integrations/select.mqtt/
constexpr Field fields[] = {
    {"state_topic", document()},        {"value_template", state()},
    {"command_topic", commands()},      {"command_template", call_with("select_option", "option")},
    {"options", capability("options")}, {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view options[] = {"options"};
constexpr Command select_option[] = {{"select_option"}};

constexpr Domain choice(std::string_view name) {
  return {.name = name,
          .component = "select",
          .fields = fields,
          .commands = select_option,
          .capabilities = options,
          .needs = options};
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain select = choice("select");
constexpr Domain input_select = choice("input_select");

static_assert(checked(select) && known(select));

}  // namespace discovery::kinds
