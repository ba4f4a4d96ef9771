#include "bridge/wakefulness.hpp"

#include <doctest/doctest.h>

using bridge::Time;
using bridge::Wakefulness;

TEST_CASE("What a process reads after a sleep may have waited since that began") {
  Wakefulness wakefulness;
  CHECK(wakefulness.awake(Time{100'000}) == Time{});
  CHECK(wakefulness.awake(Time{101'000}) == Time{});
  CHECK(wakefulness.waited(Time{101'000}) == Time{});
  CHECK(wakefulness.awake(Time{161'000}) == Time{60'000});
  CHECK(wakefulness.waited(Time{161'500}) == Time{60'500});
  CHECK(wakefulness.awake(Time{162'000}) == Time{});
  CHECK(wakefulness.waited(Time{162'999}) == Time{61'999});
  CHECK(wakefulness.waited(Time{163'000}) == Time{});
}

TEST_CASE("A process that is late by two seconds has not slept") {
  Wakefulness wakefulness;
  wakefulness.awake(Time{100'000});
  CHECK(wakefulness.awake(Time{102'999}) == Time{});
  CHECK(wakefulness.waited(Time{102'999}) == Time{});
}
