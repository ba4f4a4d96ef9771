// Tells which of simdjson's implementations the hot path is compiled for, and which one the
// machine could have: one line of JSON for bench/run.py.
#include <cstdio>

#include "discovery/simdjson.hpp"

int main() {
  std::printf("{\"compiled_in\":\"%s\",\"best_here\":\"%s\"}\n",
              simdjson::builtin_implementation()->name().c_str(),
              simdjson::get_available_implementations().detect_best_supported()->name().c_str());
}
