// The matrix of bad input (docs/bad-input.md): its rows, and who keeps them for whoever prints it.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bridge/effects.hpp"

namespace bad_input {

/// The doors by which something comes in.
constexpr const char* home_assistant = "Home Assistant's WebSocket";
constexpr const char* command_topic = "a command";
constexpr const char* call_topic = "a call";
constexpr const char* retained_topic = "a retained topic";

/// What comes in, in words, what the user sees of it (nothing when empty), and what becomes of it.
struct Row {
  std::string id;  // B7
  const char* door;
  std::string input;
  std::string message;
  std::string outcome;
};

/// Compares what was seen with the row, and appends it, as a line of JSON that names the test, to
/// the file of the variable BAD_INPUT_ROWS, if there is one.
void check(const Row& row, const std::string& seen);

/// The warnings and errors from `from` on; of one that comes again and again only the first.
std::string warnings(const std::vector<bridge::LogLine>& log, std::size_t from = 0);

/// So many brackets, opened and closed.
std::string nested(std::size_t levels);

}  // namespace bad_input
