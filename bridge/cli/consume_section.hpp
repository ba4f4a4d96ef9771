// The section `consume` of the configuration: what the instance's Home Assistant shows of others.
#pragma once

#include "bridge/cli/yaml_section.hpp"
#include "bridge/settings.hpp"

namespace bridge::cli {

/// Reads a discovery prefix, also that of `announce`, at the key `prefix`.
void read_prefix(Section& section, const Settings& settings, std::string& prefix);

void read_consume(Section& section, Settings& settings);

}  // namespace bridge::cli
