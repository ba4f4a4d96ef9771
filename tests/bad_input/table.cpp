#include "tests/bad_input/table.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

#include "discovery/json.hpp"

namespace bad_input {

void check(const Row& row, const std::string& seen) {
  const char* const test = doctest::getContextOptions()->currentTest->m_name;
  INFO(row.id, ": ", row.input);
  CHECK(seen == row.message);
  const char* const file = std::getenv("BAD_INPUT_ROWS");
  if (file == nullptr) return;
  std::ofstream(file, std::ios::app)
      << discovery::to_text(
             {{"id", row.id},
              {"door", row.door},
              {"input", row.input},
              {"message", seen},
              {"verdict", (seen == row.message ? "holds: " : "FAILS: ") + row.outcome},
              {"test", std::string("bad_input_tests: ") + test}})
      << '\n';
}

std::string warnings(const std::vector<bridge::LogLine>& log, std::size_t from) {
  std::string text;
  std::set<std::string> seen;
  for (std::size_t i = from; i < log.size(); ++i) {
    const bool is_fault =
        log[i].level == bridge::Level::warning || log[i].level == bridge::Level::error;
    if (!is_fault || !seen.insert(log[i].text).second) continue;
    (text += text.empty() ? "" : "\n") += log[i].text;
  }
  return text;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace bad_input
