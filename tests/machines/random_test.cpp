// After a random life the broker holds what a fresh bridge would publish, and nothing was ever
// deleted that Home Assistant had.
#include <doctest/doctest.h>

#include "tests/machines/random_life.hpp"

using namespace machines;

namespace {

// Each of them has once found a fault, or is there to find the next; more of them take longer.
constexpr unsigned seeds[] = {1, 2, 3, 5, 8, 13, 19, 46, 136, 188};

}  // namespace

TEST_CASE("After any life the broker holds what a fresh bridge would publish, and lost nothing") {
  for (const unsigned seed : seeds) {
    RandomLife life(seed);
    life.live(150);
    life.rest();
    const FakeBroker::Retained seen = life.held();
    const FakeBroker::Retained expected = life.fresh();
    std::string faults;
    for (const std::string& wrong : life.wrongs())
      faults += "deleted although there: " + wrong + "\n";
    for (const auto& [topic, payload] : expected) {
      const auto found = seen.find(topic);
      if (found == seen.end()) faults += "lacking: " + topic + "\n";
      if (found != seen.end() && found->second != payload) faults += "different: " + topic + "\n";
    }
    for (const auto& [topic, payload] : seen) {
      if (!expected.contains(topic)) faults += "left over: " + topic + "\n";
    }
    CHECK(expected.size() > 50);
    CHECK_MESSAGE(faults.empty(), "seed ", seed, "\n", faults, life.history());
  }
}
