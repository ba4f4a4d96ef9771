#include "bridge/backoff.hpp"

#include <doctest/doctest.h>

#include <set>

using bridge::Backoff;
using bridge::Time;

namespace {

bool is_about(Time wait, Time plain) { return wait >= plain * 4 / 5 && wait <= plain * 6 / 5; }

}  // namespace

TEST_CASE("Waits double from the first to the last, a fifth more or less") {
  Backoff backoff(Time{1000}, Time{30'000}, 7);
  for (const int plain : {1000, 2000, 4000, 8000, 16'000, 30'000, 30'000}) {
    CHECK(is_about(backoff.next(), Time{plain}));
  }
}

TEST_CASE("A thousand failures wait no longer than the last wait") {
  Backoff backoff(Time{1000}, Time{30'000}, 7);
  for (int i = 0; i < 1000; ++i) CHECK(backoff.next() <= Time{36'000});
}

TEST_CASE("After a success the first wait comes again") {
  Backoff backoff(Time{1000}, Time{30'000}, 7);
  for (int i = 0; i < 5; ++i) backoff.next();
  backoff.reset();
  CHECK(backoff.failures() == 0);
  CHECK(is_about(backoff.next(), Time{1000}));
}

TEST_CASE("Bridges with different seeds do not come back together") {
  std::set<Time> waits;
  for (std::uint64_t seed = 1; seed < 40; seed += 2) {
    waits.insert(Backoff(Time{30'000}, Time{30'000}, seed).next());
  }
  CHECK(waits.size() > 15);
}
