// The configuration: a YAML file, the environment, and defaults; docs/configuration.md explains
// each key and schemas/config.schema.json gives their form.
#pragma once

#include <string>
#include <vector>

#include "bridge/cli/secret.hpp"
#include "bridge/cli/yaml_section.hpp"
#include "bridge/io/broker.hpp"
#include "bridge/io/ha_socket.hpp"
#include "bridge/settings.hpp"

namespace bridge::cli {

struct Config {
  Settings settings;
  io::HaSettings ha;
  std::string token_file;
  io::BrokerSettings broker;
  std::string password_file;
  SecretModes secret_modes = SecretModes::private_ones;
  std::string log_level = "info";
  std::string log_format = "text";
};

/// Reads `file` (empty: the environment alone). Throws ConfigError.
Config read_config(const std::string& file);

/// What `statebus state` needs: only the broker and the root, and the instance where there is one.
Config read_broker_config(const std::string& file);

/// The one secret that a file holds, without white space around it. Throws ConfigError, naming the
/// key that the file is for.
std::string read_secret(const std::string& file, const std::string& key, Secret secret,
                        SecretModes modes = SecretModes::private_ones);

}  // namespace bridge::cli
