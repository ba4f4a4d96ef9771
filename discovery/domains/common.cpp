#include "discovery/domains/common.hpp"

#include <algorithm>
#include <cmath>

namespace discovery {

Json humidity_end(const Facts& facts, std::string_view end) {
  const Json min = facts.entity.value("min_humidity");
  const Json max = facts.entity.value("max_humidity");
  // Main takes them as integers.
  if (!min.is_number() || !max.is_number()) return nullptr;
  const double low = std::floor(min.get<double>()), high = std::floor(max.get<double>());
  return low >= 0 && low < high && max.get<double>() <= 100 ? facts.entity.value(end) : Json();
}

Json temperature_unit(const Facts& facts) {
  const std::string unit = facts.entity.text("temperature_unit");
  return unit == "°C" ? Json("C") : unit == "°F" ? Json("F") : Json();
}

std::string_view first_listed(const Json& list, std::span<const std::string_view> words) {
  const auto found = std::find_if(words.begin(), words.end(), [&](std::string_view word) {
    return list.is_array() && std::find(list.begin(), list.end(), word) != list.end();
  });
  return found == words.end() ? std::string_view() : *found;
}

Json modes_without(const Facts& facts, std::string_view capability, std::string_view reset) {
  Json modes = facts.entity.value(capability);
  if (modes.is_array()) modes.erase(std::remove(modes.begin(), modes.end(), reset), modes.end());
  return modes;
}

UnknownForm never_unknown(const Facts&) { return {.literal = "", .unavailable = true}; }

}  // namespace discovery
