// The program: reads its arguments and hands over to the command.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/yaml_section.hpp"

namespace {

namespace cli = bridge::cli;

std::string default_config() {
  const char* const named = std::getenv("STATEBUS_CONFIG");
  return named == nullptr ? "/etc/statebus/statebus.yaml" : named;
}

void add_run(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command = app.add_subcommand("run", "Publish this Home Assistant, until stopped");
  command->footer("Example:\n  statebus run -c hubs.yaml");
  command->callback([&] { code = cli::run(config); });
}

void add_check(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command = app.add_subcommand(
      "check", "Reach Home Assistant and the broker, and tell what would be published");
  static bool json = false;
  command->add_flag("--json", json, "Print the findings as JSON");
  command->footer(
      "It changes nothing. The exit code is 1 when there is a problem.\n"
      "Example:\n  statebus check -c hubs.yaml");
  command->callback([&] { code = cli::check(config, json); });
}

void add_explain(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command = app.add_subcommand(
      "explain", "Say why an entity is or is not on the bus and on main, with its payloads");
  static std::string entity_id;
  static bool json = false;
  command->add_option("entity", entity_id, "Its entity id at the source, such as light.kitchen")
      ->required();
  command->add_flag("--json", json, "Print it as JSON");
  command->footer(
      "It reads Home Assistant and the broker, and changes nothing. The exit code is 1 when there\n"
      "is no such entity, or when one of the two cannot be reached.\n"
      "Examples:\n  statebus explain light.kitchen -c hubs.yaml\n"
      "  statebus explain light.kitchen --json | jq -r '.topics[] | [.broker, .topic] | @tsv'");
  command->callback([&] { code = cli::explain(config, entity_id, json); });
}

void add_restore(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command =
      app.add_subcommand("restore", "Announce again what a user has deleted on main");
  static std::string entity_id;
  command->add_option("entity", entity_id, "Its entity id at the source, such as light.kitchen")
      ->required();
  command->footer(
      "It asks the running bridge, by a message of the broker. What is deleted on main stays away\n"
      "there until then; `statebus explain` tells of it.\n"
      "Example:\n  statebus restore light.kitchen -c hubs.yaml");
  command->callback([&] { code = cli::restore(config, entity_id); });
}

void add_call(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command =
      app.add_subcommand("call", "Call a service of an instance, and print its answer");
  static cli::CallOptions options;
  command->add_option("service", options.service, "The service, such as light.turn_on")->required();
  command->add_option("--instance", options.instance,
                      "The instance that runs it (default: the configuration's)");
  command
      ->add_option("--target", options.target,
                   "Whom it is for: entity=ID, device=, area=, floor= or label=, by id or name; "
                   "or a JSON object")
      ->allow_extra_args(false);
  command->add_option("--data", options.data, "Its data: KEY=VALUE, or a JSON object")
      ->allow_extra_args(false);
  command->add_flag("--response", options.response, "Ask for the data that it returns");
  command->add_flag("--json", options.json, "Print the whole answer as it came");
  command->footer(
      "It reaches what the instance publishes, and services that its calls.allow names. The exit\n"
      "code is 1 when the service failed, was refused, or did not answer.\n"
      "Examples:\n  statebus call light.turn_on --instance hubs --target area=kitchen --data "
      "brightness=120\n"
      "  statebus call weather.get_forecasts --instance environmental --target "
      "entity=weather.home \\\n    --data type=daily --response");
  command->callback([&] { code = cli::call(config, options); });
}

void add_purge(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command =
      app.add_subcommand("purge", "Clear all that an instance has left on the broker");
  static cli::PurgeOptions options;
  command->add_option("--instance", options.instance, "The instance, whose bridge runs no more")
      ->required();
  command->add_flag("--yes", options.yes, "Do not ask");
  command->footer(
      "It clears the announcements, so that main forgets the entities, and 5 seconds later the "
      "rest.\n"
      "The user of the broker needs the rights of that instance.\n"
      "Example:\n  statebus purge --instance old_hub -c hubs.yaml");
  command->callback([&] { code = cli::purge(config, options); });
}

void add_acl(CLI::App& app, int& code) {
  CLI::App* const command = app.add_subcommand(
      "acl", "Write Mosquitto's access list for the bridges of a home, and their passwords");
  static cli::AclOptions options;
  const auto list = [&](const char* name, std::vector<std::string>& words, const char* about) {
    return command->add_option(name, words, about)->delimiter(',')->allow_extra_args(false);
  };
  list("--instances", options.instances, "All instances; a user of the broker bears the same name")
      ->required();
  list("--consumes", options.consumes,
       "Those of them that consume; NAME=PREFIX under a prefix of its own");
  list("--home-assistant", options.home_assistants,
       "Users of Home Assistants' MQTT integrations; NAME=PREFIX likewise");
  list("--calls", options.calls, "Users that may call services of all instances");
  command->add_option("--monitor", options.monitor, "A user that reads all and writes nothing");
  command->add_option("--prefix", options.prefix, "The discovery prefix")->capture_default_str();
  command->add_option("--root", options.root, "What all topics of the bus begin with")
      ->capture_default_str();
  command->add_option("--output", options.output, "Write the list to this file");
  command->add_option(
      "--passwords", options.passwords,
      "Make passwords in this folder: NAME.pw for each user, and `passwords`, which "
      "is Mosquitto's password_file");
  command->add_flag("--force", options.force, "Write over the file of --output");
  command->footer(
      "What to do with it, it says on standard error. `statebus check` tries the rights of an\n"
      "instance.\n"
      "Examples:\n  statebus acl --instances hubs,media,main --consumes main --home-assistant ha\n"
      "  statebus acl --instances hubs,media --home-assistant ha --output acl --passwords secrets");
  command->callback([&] { code = cli::acl(options); });
}

void add_domains(CLI::App& app, int& code) {
  CLI::App* const command = app.add_subcommand(
      "domains", "Show what each domain of entities is on main, and the commands it takes");
  static bool json = false;
  static bool markdown = false;
  CLI::Option* const as_json = command->add_flag("--json", json, "Print it as JSON");
  command->add_flag("--markdown", markdown, "Print it as docs/domains.md has it")
      ->excludes(as_json);
  command->footer(
      "Examples:\n  statebus domains\n"
      "  statebus domains --json | jq '.[] | select(.domain == \"light\").commands'");
  command->callback([&] {
    code = cli::domains(json       ? cli::TableForm::json
                        : markdown ? cli::TableForm::markdown
                                   : cli::TableForm::text);
  });
}

void add_state(CLI::App& app, const std::string& config, int& code) {
  CLI::App* const command =
      app.add_subcommand("state", "Show the global state, from the broker's retained topics alone");
  static cli::StateOptions options;
  command->add_option("glob", options.glob, "Entity ids to show; * stands for any text")
      ->capture_default_str();
  command->add_flag("--watch", options.watch, "Go on and show each change");
  command->add_flag("--json", options.json,
                    "Print documents with attributes and times, as JSON; with --watch an object a "
                    "line for each, and a null document when one goes");
  command->footer(
      "The exit code is 1 when topics are lacking; standard error names them.\n"
      "Examples:\n  statebus state\n  statebus state 'light.*' --watch\n"
      "  statebus state --json | jq '.instances.hubs.entities'");
  command->callback([&] { code = cli::state(config, options); });
}

void add_token(CLI::App& app, int& code) {
  CLI::App* const command =
      app.add_subcommand("token", "Log in to Home Assistant once and make a long-lived token");
  static cli::TokenOptions options;
  command->add_option("url", options.url, "Home Assistant's address, such as http://hubs.lan:8123")
      ->required();
  command->add_option("--username", options.username, "Asked for when left out");
  command->add_option("--password-file", options.password_file, "Asked for when left out")
      ->check(CLI::ExistingFile);
  command->add_option("--write", options.write,
                      "Write the token to this file, readable by its owner alone");
  command->add_option("--name", options.name, "The token's name on the user's page")
      ->capture_default_str();
  command->add_option("--ca-file", options.ca_file, "The authority of Home Assistant's certificate")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--cert-file", options.cert_file, "A certificate to show, where it asks for one")
      ->check(CLI::ExistingFile);
  command->add_option("--key-file", options.key_file, "The key of that certificate")
      ->needs("--cert-file")
      ->check(CLI::ExistingFile);
  command->footer(
      "A user of its own for each bridge, without administrator's rights, is enough to publish.\n"
      "Example:\n  statebus token http://hubs.lan:8123 --write ha.token");
  command->callback([&] { code = cli::token(options); });
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"A state bus that makes Home Assistant distributed.", "statebus"};
  app.set_version_flag("--version", STATEBUS_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  statebus token http://hubs.lan:8123 --write ha.token\n"
      "  statebus check -c hubs.yaml\n"
      "  statebus run -c hubs.yaml\n"
      "  statebus explain light.kitchen -c hubs.yaml\n"
      "  statebus state 'light.*' --watch -c hubs.yaml\n"
      "  statebus call light.turn_on --target area=kitchen -c hubs.yaml\n"
      "statebus COMMAND --help tells more of each.");
  std::string config = default_config();
  app.fallthrough();  // so that -c may stand before and after the command
  app.add_option("-c,--config", config, "The configuration file ($STATEBUS_CONFIG)")
      ->capture_default_str();
  int code = 0;
  add_run(app, config, code);
  add_check(app, config, code);
  add_explain(app, config, code);
  add_restore(app, config, code);
  add_state(app, config, code);
  add_call(app, config, code);
  add_purge(app, config, code);
  add_acl(app, code);
  add_domains(app, code);
  add_token(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : 2;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const cli::ConfigError& fault) {
    std::cerr << "statebus: " << fault.what() << '\n';
    return 2;
  } catch (const std::exception& fault) {
    std::cerr << "statebus: ended by an error that it does not know: " << fault.what() << '\n';
    return 1;
  }
}
