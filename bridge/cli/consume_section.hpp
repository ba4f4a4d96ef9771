// The section `consume` of the configuration: what the instance's Home Assistant shows of others.
#pragma once

#include "bridge/cli/yaml_section.hpp"
#include "bridge/settings.hpp"

namespace bridge::cli {

/// What is said of a root or a prefix that no topic can begin with.
constexpr const char* topic_prefix_form =
    "must be one or more topic levels, 128 bytes at most, without +, #, blanks and a $ at the "
    "beginning";

/// Reads a discovery prefix, also that of `announce`, at the key `prefix`.
void read_prefix(Section& section, const Settings& settings, std::string& prefix);

void read_consume(Section& section, Settings& settings);

}  // namespace bridge::cli
