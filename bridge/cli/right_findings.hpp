// What the broker lets the bridge's user do, as findings: what is lacking comes with the line that
// allows it, and what is too much is named. Checkup calls it.
#pragma once

#include <vector>

#include "bridge/cli/finding.hpp"
#include "bridge/probing.hpp"

namespace bridge::cli {

/// `trials` are done; `place` is where the user may write what it awaits back.
std::vector<Finding> right_findings(const std::vector<Trial>& trials, const std::string& place);

}  // namespace bridge::cli
