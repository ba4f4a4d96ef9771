// The program: reads its arguments and hands over to the command.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/yaml_section.hpp"

namespace {

std::string default_config() {
  const char* const named = std::getenv("STATEBUS_CONFIG");
  return named == nullptr ? "/etc/statebus/statebus.yaml" : named;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A state bus that makes Home Assistant distributed.", "statebus"};
  app.set_version_flag("--version", STATEBUS_VERSION);
  app.require_subcommand(1);
  std::string config = default_config();
  app.fallthrough();  // so that -c may stand before and after the command
  app.add_option("-c,--config", config, "the configuration file")->capture_default_str();
  int code = 0;
  CLI::App* const run = app.add_subcommand("run", "publish this Home Assistant, until stopped");
  run->callback([&] { code = bridge::cli::run(config); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : 2;
  } catch (const bridge::cli::ConfigError& fault) {
    std::cerr << "statebus: " << fault.what() << '\n';
    return 2;
  }
  return code;
}
