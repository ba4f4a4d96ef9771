// Device classes, state classes and units that a consumer's Home Assistant accepts.
//
// A word that it does not know would make it refuse the whole entity, so such a word is left out
// and the entity kept. The lists are generated from Home Assistant itself; see
// classes_generated.cpp.
#pragma once

#include <span>
#include <string_view>

#include "discovery/domain.hpp"

namespace discovery {

/// The source's device class for this component; null when the consumer does not take it, or not
/// together with the entity's unit.
Json device_class(const Facts& facts);

/// The source's state class; null when the consumer does not take it.
Json state_class(const Facts& facts);

/// The unit as this consumer spells it: releases before 2025.9 wrote micro as U+00B5, later ones as
/// U+03BC.
Json unit(const Facts& facts);

/// Whether main's sensor takes its state for a number, by what is announced of it
/// (`_numeric_state_expected` of Home Assistant's sensor).
bool expects_number(const Facts& facts);

/// One accepted word and the release that brought it.
struct KnownWord {
  std::string_view component;
  std::string_view word;
  Version since;
};
/// The units that a sensor's or number's device class goes with; "" stands for no unit. Those that
/// came after 2024.3 are taken for known by a consumer that is no older than the source which uses
/// them.
struct ClassUnits {
  std::string_view device_class;
  std::span<const std::string_view> units;
  std::span<const std::string_view> later_units;
};
extern const std::span<const KnownWord> known_words;
extern const std::span<const ClassUnits> class_units;

}  // namespace discovery
