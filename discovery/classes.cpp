#include "discovery/classes.hpp"

#include <algorithm>

namespace discovery {
namespace {

constexpr std::string_view micro_sign = "\u00b5";
constexpr std::string_view greek_mu = "\u03bc";
constexpr Version greek_mu_since{2025, 9};

std::string with_replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

bool knows_word(const Facts& facts, std::string_view component, std::string_view word) {
  return std::any_of(known_words.begin(), known_words.end(), [&](const KnownWord& known) {
    return known.component == component && known.word == word &&
           (known.since <= facts.consumer.version || facts.source <= facts.consumer.version);
  });
}

bool fits_unit(const Facts& facts, std::string_view device_class) {
  const std::string unit =
      with_replaced(facts.entity.text("unit_of_measurement"), greek_mu, micro_sign);
  const auto row = std::find_if(class_units.begin(), class_units.end(), [&](const ClassUnits& c) {
    return c.device_class == device_class;
  });
  if (row == class_units.end()) return true;
  const auto has = [&](std::span<const std::string_view> units) {
    return std::find(units.begin(), units.end(), unit) != units.end();
  };
  return has(row->units) || (has(row->later_units) && facts.source <= facts.consumer.version);
}

}  // namespace

Json device_class(const Facts& facts) {
  const std::string word = facts.entity.text("device_class");
  const std::string_view component = facts.domain.component;
  if (word.empty() || !knows_word(facts, component, word)) return nullptr;
  const bool has_units = component == "sensor" || component == "number";
  return !has_units || fits_unit(facts, word) ? Json(word) : Json();
}

Json state_class(const Facts& facts) {
  const std::string word = facts.entity.text("state_class");
  // Home Assistant insists on degrees for angles.
  const bool fits = word != "measurement_angle" || facts.entity.text("unit_of_measurement") == "°";
  return !word.empty() && fits && knows_word(facts, "state_class", word) ? Json(word) : Json();
}

Json unit(const Facts& facts) {
  std::string unit = facts.entity.text("unit_of_measurement");
  if (unit.find_first_not_of(' ') == std::string::npos) return nullptr;
  if (facts.consumer.version >= greek_mu_since) return unit;
  return with_replaced(std::move(unit), greek_mu, micro_sign);
}

bool expects_number(const Facts& facts) {
  const Json word = device_class(facts);
  for (const std::string_view other : {"date", "enum", "timestamp", "uptime"}) {
    if (word == other) return false;
  }
  return !word.is_null() || !state_class(facts).is_null() || !unit(facts).is_null();
}

}  // namespace discovery
