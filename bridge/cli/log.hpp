// The log, on standard error: a line of text, or of JSON for collectors.
#pragma once

#include <string>

#include "bridge/effects.hpp"

namespace bridge::cli {

/// May be called again when the configuration was read anew.
void set_up_log(const std::string& level, const std::string& format);
void log_line(const LogLine& line);

}  // namespace bridge::cli
