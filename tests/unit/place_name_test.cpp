#include "discovery/place_name.hpp"

#include <doctest/doctest.h>

using discovery::normalized_name;

// What Home Assistant's own function, `name.casefold().replace(" ", "")`, makes of them.
TEST_CASE("Names lose their blanks and their case") {
  CHECK(normalized_name("Living Room") == "livingroom");
  CHECK(normalized_name("  A-1\tB ") == "a-1\tb");
  CHECK(normalized_name("KÜCHE Größe ÄÖÅÉÑØ ×") == "küchegrösseäöåéñø×");
  CHECK(normalized_name("ŁÓDŹ ČŘŽ ĽĹŇ Ÿ") == "łódźčřžľĺňÿ");
  CHECK(normalized_name("ΚΟΥΖΊΝΑ ΟΔΟΣ οδος") == "κουζίναοδοσοδοσ");
  CHECK(normalized_name("КУХНЯ Ёлка Ђ") == "кухняёлкађ");
  CHECK(normalized_name("厨房 🛋") == "厨房🛋");
  CHECK(normalized_name("").empty());
  // A byte that ends too early stays as it is.
  CHECK(normalized_name("A\xc3") == "a\xc3");
}
