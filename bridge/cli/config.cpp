#include "bridge/cli/config.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "bridge/cli/consume_section.hpp"
#include "bridge/cli/publish_section.hpp"
#include "bridge/io/tls.hpp"
#include "discovery/topic.hpp"

#ifndef STATEBUS_VERSION
#error "the build gives the version"
#endif

namespace bridge::cli {
namespace {

constexpr std::size_t secret_bytes_max = 4096;

/// The one word that a file holds. Throws std::invalid_argument, with the file and its fault.
std::string word_in(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw std::invalid_argument(file + ", which cannot be read");
  std::string word = text.str();
  const auto first = word.find_first_not_of(" \t\r\n");
  const auto last = word.find_last_not_of(" \t\r\n");
  if (first == std::string::npos) throw std::invalid_argument(file + ", which is empty");
  word = word.substr(first, last - first + 1);
  if (word.size() > secret_bytes_max || word.find_first_of(" \t\r\n") != std::string::npos) {
    throw std::invalid_argument(file + ", which holds more than one word");
  }
  return word;
}

/// A secret that is lacking would end in a login that fails.
std::string read_secret(const Section& section, const std::string& key, const std::string& file) {
  try {
    return word_in(file);
  } catch (const std::invalid_argument& fault) {
    section.fail(key, fmt::format("names {}", fault.what()));
  }
}

void check_authority(const Section& section, const std::string& ca_file) {
  try {
    if (!ca_file.empty()) (void)io::tls_context(ca_file);
  } catch (const io::AuthorityError& fault) {
    section.fail("ca_file", fmt::format("names {}", fault.what()));
  }
}

/// Variables that are no keys: those of the program, of its scripts and tests, and what container
/// platforms set by themselves for a service of this name.
bool is_other_variable(const std::string& name) {
  static const std::set<std::string> ours{"STATEBUS_BUILD",    "STATEBUS_CACHE",
                                          "STATEBUS_CONFIG",   "STATEBUS_KEEP",
                                          "STATEBUS_NO_SKIPS", "STATEBUS_PROGRAM"};
  return ours.contains(name) || name.starts_with("STATEBUS_SERVICE_") ||
         name.starts_with("STATEBUS_PORT");
}

/// Addresses stand in the log and in argv; secrets do not.
void refuse_login(const Section& section, const std::string& key, const std::string& url,
                  const std::string& place) {
  if (url.find('@') == std::string::npos) return;
  section.fail(key, "has a login in it; put that into " + place);
}

void read_home_assistant(Section& section, Config& config) {
  section.text("url", config.ha.url);
  section.file("token_file", config.token_file);
  section.file("ca_file", config.ha.ca_file);
  section.done();  // a misspelt key is told before the one that is missing by it
  refuse_login(section, "url", config.ha.url, "home_assistant.token_file");
  if (config.ha.url.empty()) section.fail("url", "is missing; write url: ws://HOST:8123");
  if (config.token_file.empty()) {
    section.fail("token_file", "is missing; make one with `statebus token URL --write FILE`");
  }
  try {
    (void)io::read_url(config.ha.url);
  } catch (const std::invalid_argument& fault) {
    section.fail("url", fault.what());
  }
  (void)read_secret(section, "token_file", config.token_file);
  check_authority(section, config.ha.ca_file);
}

/// HOST[:PORT] behind the scheme, and nothing after it.
void check_broker_url(const Section& section, const std::string& url) {
  refuse_login(section, "urls", url, "broker.username and broker.password_file");
  const std::string scheme = url.substr(0, url.find("://"));
  if ((scheme != "mqtt" && scheme != "mqtts") || scheme == url) {
    section.fail("urls", fmt::format("has '{}'; it must begin with mqtt:// or mqtts://", url));
  }
  const std::string rest = url.substr(scheme.size());
  if (rest.find('/', 3) != std::string::npos) {
    section.fail("urls", fmt::format("has '{}'; nothing but a port may follow the host", url));
  }
  try {
    (void)io::read_url("ws" + rest);
  } catch (const std::invalid_argument& fault) {
    section.fail("urls", fmt::format("has '{}', which {}", url, fault.what()));
  }
}

void read_broker(Section& section, Config& config) {
  io::BrokerSettings& broker = config.broker;
  section.texts("urls", broker.urls);
  section.text("username", broker.username);
  section.file("password_file", config.password_file);
  section.file("ca_file", broker.ca_file);
  section.file("cert_file", broker.cert_file);
  section.file("key_file", broker.key_file);
  section.duration("keepalive", config.settings.keepalive);
  section.done();
  if (broker.urls.empty()) section.fail("urls", "is missing; write urls: [mqtt://HOST]");
  for (const std::string& url : broker.urls) check_broker_url(section, url);
  check_authority(section, broker.ca_file);
  if (!config.password_file.empty()) {
    broker.password = read_secret(section, "password_file", config.password_file);
  }
  if (config.settings.keepalive < Time{1'000} || config.settings.keepalive > Time{3'600'000}) {
    section.fail("keepalive", "must be from 1s to 1h");
  }
}

void read_calls(Section& section, Settings& settings) {
  section.duration("timeout", settings.call_timeout);
  section.texts("allow", settings.calls_allow);
}

void read_announce(Section& section, Config& config) {
  read_prefix(section, config.settings, config.settings.announce_prefix);
  if (config.settings.announce_prefix.empty()) {
    section.fail("prefix", "must be one or more topic levels without + and #");
  }
  std::string version;
  section.text("ha_version", version);
  if (version.empty()) return;
  config.settings.announce_version = discovery::parse_version(version);
  if (!config.settings.announce_version) {
    section.fail("ha_version",
                 fmt::format("is '{}'; write the release of the Home Assistant that takes "
                             "the announcements, such as \"2026.11\"",
                             version));
  }
}

void read_speaks_on(Section& section, Config& config) {
  std::string& player = config.settings.speaks_on;
  section.text("speaks_on", player);
  const bool is_player = player.starts_with("media_player.") && discovery::valid_entity_id(player);
  if (!player.empty() && !is_player) {
    section.fail("speaks_on",
                 fmt::format("is '{}'; name a media player of this Home Assistant, such as "
                             "media_player.kitchen",
                             player));
  }
}

void read_commands(Section& section, Config& config) {
  section.flag("read_only", config.settings.read_only);
  section.texts("deny", config.settings.deny);
  read_speaks_on(section, config);
  section.number("per_second", config.settings.commands_per_second, 1, 1000);
}

void read_log(Section& section, Config& config) {
  section.choice("level", config.log_level, {"debug", "info", "warning", "error"});
  section.choice("format", config.log_format, {"text", "json"});
}

void read_root(Section& file, Config& config) {
  file.text("root", config.settings.root);
  if (!discovery::valid_topic_prefix(config.settings.root)) {
    file.fail("root", "must be one or more topic levels without + and #");
  }
}

void finish(Config& config) {
  Settings& settings = config.settings;
  settings.bridge_version = STATEBUS_VERSION;
  settings.ha_url = config.ha.url;
  settings.broker_url = fmt::format("{}", fmt::join(config.broker.urls, ", "));
  config.broker.client_id = "statebus-" + settings.instance;
  config.broker.keepalive = std::chrono::duration_cast<std::chrono::seconds>(settings.keepalive);
}

/// Of what only consumes, no rule lets anything out.
void read_publish_or_not(Section& root, Settings& settings) {
  settings.publish = false;
  root.section_or_false("publish", [&](Section& section) {
    settings.publish = true;
    read_publish(section, settings);
  });
  if (!settings.publish) settings.filter = {discovery::FilterRule{.include = false}};
}

}  // namespace

Config read_config(const std::string& file) {
  Config config;
  Section root = Section::of_file(file);
  root.only({"instance", "root", "home_assistant", "broker", "publish", "announce", "consume",
             "commands", "calls", "log"});
  root.text("instance", config.settings.instance);
  read_root(root, config);
  root.section("home_assistant", [&](Section& s) { read_home_assistant(s, config); });
  root.section("broker", [&](Section& s) { read_broker(s, config); });
  read_publish_or_not(root, config.settings);
  root.section("announce", [&](Section& s) { read_announce(s, config); });
  root.section_or_false("consume", [&](Section& s) { read_consume(s, config.settings); });
  root.section("commands", [&](Section& s) { read_commands(s, config); });
  root.section("calls", [&](Section& s) { read_calls(s, config.settings); });
  root.section("log", [&](Section& s) { read_log(s, config); });
  if (!config.settings.publish && config.settings.consume.prefix.empty()) {
    root.fail("publish",
              "is false, and consume.prefix is not there, so that nothing is left to do");
  }
  if (!discovery::valid_instance(config.settings.instance)) {
    root.fail("instance", config.settings.instance.empty()
                              ? "is missing; give this instance a name, such as hubs"
                              : "must be 1 to 32 characters of a-z, 0-9 and _");
  }
  root.environment_done("STATEBUS_", is_other_variable);
  finish(config);
  return config;
}

Config read_broker_config(const std::string& file) {
  Config config;
  Section root = Section::of_file(file);
  read_root(root, config);
  root.section("broker", [&](Section& s) { read_broker(s, config); });
  root.environment_done("STATEBUS_BROKER_", is_other_variable);
  finish(config);
  return config;
}

std::string read_secret(const std::string& file, const std::string& key) {
  try {
    return word_in(file);
  } catch (const std::invalid_argument& fault) {
    throw ConfigError(fmt::format("{} names {}", key, fault.what()));
  }
}

}  // namespace bridge::cli
