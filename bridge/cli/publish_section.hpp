// The section `publish` of the configuration: what leaves the house, and in what form.
#pragma once

#include "bridge/cli/yaml_section.hpp"
#include "bridge/settings.hpp"

namespace bridge::cli {

/// Throws a ConfigError that names the key and its place.
void read_publish(Section& section, Settings& settings);

}  // namespace bridge::cli
