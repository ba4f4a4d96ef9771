// What several tables have in common.
#pragma once

#include "discovery/domain.hpp"

namespace discovery {

/// One end of the range of humidity, min_humidity or max_humidity; null unless both make a range,
/// for main refuses an empty one.
Json humidity_end(const Facts& facts, std::string_view end);

/// The source's unit, C or F; main converts to its own. Null where it is not known.
Json temperature_unit(const Facts& facts);

/// The first of `words` that stands in the list; empty when none does. A word that goes into a
/// template is taken from our own list, never from the entity's.
std::string_view first_listed(const Json& list, std::span<const std::string_view> words);

/// A list of modes without the word by which main resets the mode, since it refuses a list that has
/// it.
Json modes_without(const Facts& facts, std::string_view capability, std::string_view reset);

/// For platforms that have no "unknown" on any release, such as texts, which would show any word
/// for it as their content: the entity shows as unavailable.
UnknownForm never_unknown(const Facts& facts);

}  // namespace discovery
