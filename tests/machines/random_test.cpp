// Some of the random lives that `simulate` lives by the ten thousand, with sanitizers; and that the
// same seed is the same life.
#include <doctest/doctest.h>

#include "tests/machines/random_life.hpp"

using namespace machines;

TEST_CASE("In no random life an invariant is broken") {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    RandomLife life(seed);
    const std::string faults = life.judge(200);
    CHECK(life.messages() > 50);
    CHECK_MESSAGE(faults.empty(), "simulate --seed ", seed, "\n", faults, life.history());
  }
}

TEST_CASE("A seed is always the same life") {
  const auto told = [](unsigned seed) {
    RandomLife life(seed);
    life.trace();
    life.judge(100);
    return life.history();
  };
  CHECK(told(7) == told(7));
  CHECK(told(7) != told(8));
}
