// The clocks, read as the time that the machines are given.
#pragma once

#include <chrono>

#include "bridge/effects.hpp"

namespace bridge::io {

/// The time of a step.
inline Now now() {
  using namespace std::chrono;
  return {duration_cast<Time>(steady_clock::now().time_since_epoch()),
          duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace bridge::io
