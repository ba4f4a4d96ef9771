#include "discovery/bus_event.hpp"

#include "discovery/simdjson.hpp"

namespace discovery {

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

}  // namespace discovery
