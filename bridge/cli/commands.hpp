// The commands of the program; each gives its exit code: 0 done, 1 failed, 2 wrong use.
#pragma once

#include <string>

namespace bridge::cli {

int run(const std::string& config_file);

}  // namespace bridge::cli
