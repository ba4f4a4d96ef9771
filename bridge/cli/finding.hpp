// What `statebus check` has found, one sentence each.
#pragma once

#include <string>

namespace bridge::cli {

enum class Mark { good, note, bad };

struct Finding {
  Mark mark;
  std::string about;  // configuration, home_assistant, broker
  std::string text;
};

}  // namespace bridge::cli
