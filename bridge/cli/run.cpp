// `statebus run`: the daemon.
#include <fmt/format.h>
#include <malloc.h>
#include <systemd/sd-daemon.h>

#include <boost/asio/signal_set.hpp>
#include <random>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/log.hpp"
#include "bridge/cli/watchdog.hpp"
#include "bridge/io/one_core.hpp"
#include "bridge/io/runner.hpp"

namespace bridge::cli {
namespace {

/// The token as the file has it now, so that a renewed one is taken up at the next login.
LoginToken token_of(const std::string& file, SecretModes modes) {
  try {
    return {read_secret(file, "home_assistant.token_file", Secret::token, modes), ""};
  } catch (const ConfigError& fault) {
    return {"", fault.what()};
  }
}

/// SIGHUP reads the configuration and the token again; a fault in them leaves all as it was.
/// `publishes`: as the bridge was started.
void reload(const std::string& config_file, bool publishes, io::Runner& runner) {
  try {
    Config config = read_config(config_file);
    set_up_log(config.log_level, config.log_format);
    runner.token_may_be_new();
    // The filter alone would leave areas, events and the role as they were.
    if (config.settings.publish != publishes) {
      return log_line(
          {Level::error, fmt::format("publish was turned {}, which only a restart puts into force; "
                                     "the earlier publish.filter stays in force until then",
                                     publishes ? "off" : "on")});
    }
    runner.set_filter(std::move(config.settings.filter));
    log_line({Level::info, "read the configuration again: publish.filter and log are in force"});
  } catch (const ConfigError& fault) {
    log_line(
        {Level::error, fmt::format("{}; the earlier configuration stays in force", fault.what())});
  }
}

void reload_at(boost::asio::signal_set& hangup, const std::string& config_file, bool publishes,
               io::Runner& runner) {
  hangup.async_wait([&, publishes](boost::system::error_code error, int) {
    if (error) return;
    reload(config_file, publishes, runner);
    reload_at(hangup, config_file, publishes, runner);
  });
}

}  // namespace

int run(const std::string& config_file) {
  Config config = read_config(config_file);
  set_up_log(config.log_level, config.log_format);
  config.settings.seed = std::random_device{}();
  log_line({Level::info, "statebus " + config.settings.bridge_version + ", instance " +
                             config.settings.instance});

  io::stay_on_one_core();
  boost::asio::io_context loop(1);
  io::Runner runner(
      loop, config.settings, config.ha, config.broker,
      [file = config.token_file, modes = config.secret_modes] { return token_of(file, modes); },
      log_line);
  runner.on_online([] {
    log_line({Level::info, "online: all states are on the bus"});
    sd_notify(0, "STATUS=online: all states are on the bus");
    // Starting reads all states and topics, and lays what it keeps between what it gives back.
    malloc_trim(0);
  });
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) runner.stop();
  });
  boost::asio::signal_set hangup(loop, SIGHUP);
  reload_at(hangup, config_file, config.settings.publish, runner);
  const Watchdog watchdog(loop);
  runner.start();
  // Ready from here on: a Home Assistant that is away is waited for, and a restart by systemd would
  // only repeat a login that may be refused.
  sd_notify(0, "READY=1\nSTATUS=waiting for Home Assistant and the broker");
  loop.run();
  log_line({Level::info, "ended"});
  return 0;
}

}  // namespace bridge::cli
