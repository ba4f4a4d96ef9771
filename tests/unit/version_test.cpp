#include "discovery/version.hpp"

#include <doctest/doctest.h>

using namespace discovery;

TEST_CASE("A release is read by year and month") {
  CHECK(parse_version("2026.11.0") == Version{2026, 11});
  CHECK(parse_version("2026.11") == Version{2026, 11});
  CHECK(parse_version("2024.3.3") == Version{2024, 3});
  CHECK(parse_version("2026.12.0b3") == Version{2026, 12});
  CHECK(parse_version("2026.7.0.dev202606010242") == Version{2026, 7});
}

TEST_CASE("Any other text is no release") {
  for (const char* text :
       {"", "2026", "2026.", ".11", "2026.x", "x.11", "2026.0", "2026.13", "1999.12", "-2026.1",
        "2026.-1", " 2026.1", "2026,1", "99999999999.1", "unknown"}) {
    CAPTURE(text);
    CHECK(parse_version(text) == std::nullopt);
  }
}

TEST_CASE("Releases are ordered by time, not by text") {
  CHECK(Version{2024, 3} < Version{2024, 11});
  CHECK(Version{2024, 11} < Version{2025, 2});
  CHECK(Version{} < Version{2024, 3});
  CHECK(to_text(Version{2024, 3}) == "2024.3");
}
