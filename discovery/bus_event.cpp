#include "discovery/bus_event.hpp"

#include <algorithm>
#include <iterator>

#include "discovery/simdjson.hpp"

namespace discovery {
namespace {

// Whom Home Assistant or its frontend hears, and acts upon (home-assistant/core const.py, auth/,
// helpers/).
constexpr std::string_view own_types[] = {
    "call_service",
    "component_loaded",
    "config_entry_discovered",
    "core_config_updated",
    "data_entry_flow_progressed",
    "labs_updated",
    "logging_changed",
    "lovelace_updated",
    "panels_updated",
    "persistent_notifications_updated",
    "service_registered",
    "service_removed",
    "shopping_list_updated",
    "state_changed",
    "state_reported",
    "themes_updated",
    "time_changed",
    "timer_out_of_sync",
    "user_added",
    "user_removed",
    "user_updated",
};
constexpr std::string_view own_beginnings[] = {"homeassistant_", "recorder_", "statebus_"};
constexpr std::string_view own_endings[] = {"_registry_updated", "_reloaded"};
constexpr std::size_t type_bytes_max = 64;  // Home Assistant's limit

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

namespace ondemand = simdjson::ondemand;

std::optional<BusEvent> read_bus_event(PaddedJson event) {
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded(event)).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  BusEvent read;
  for (auto field : object) {
    std::string_view key;
    std::string_view text;
    ondemand::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return std::nullopt;
    if (field.value().get(value) != simdjson::SUCCESS) return std::nullopt;
    if (simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) return std::nullopt;
    if (key == "data") read.data = text;
    if (key == "time_fired") read.time_fired = text;
  }
  if (!read.data.starts_with('{') || !read.time_fired.starts_with('"')) return std::nullopt;
  return read;
}

bool may_be_fired(std::string_view type) {
  if (type.empty() || type.size() > type_bytes_max) return false;
  if (!std::all_of(type.begin(), type.end(), is_of_word)) return false;
  return std::find(std::begin(own_types), std::end(own_types), type) == std::end(own_types) &&
         std::none_of(std::begin(own_beginnings), std::end(own_beginnings),
                      [&](std::string_view each) { return type.starts_with(each); }) &&
         std::none_of(std::begin(own_endings), std::end(own_endings),
                      [&](std::string_view each) { return type.ends_with(each); });
}

}  // namespace discovery
