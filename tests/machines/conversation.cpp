#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/machines/transcript.hpp"

namespace machines {

void check_conversation(const Transcript& transcript, const std::string& name) {
  const std::filesystem::path path = STATEBUS_CONVERSATIONS_DIR "/" + name + ".txt";
  const std::filesystem::path beside = path.string() + ".out";
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  const std::string seen = transcript.text();
  std::filesystem::remove(beside);
  if (seen == expected) return;
  std::ofstream(beside, std::ios::binary) << seen;
  FAIL_CHECK(path.string(), " differs: tests/accept takes over what was seen, the *.out");
}

}  // namespace machines
