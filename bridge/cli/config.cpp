#include "bridge/cli/config.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

#include "bridge/cli/consume_section.hpp"
#include "bridge/cli/publish_section.hpp"
#include "bridge/io/address.hpp"
#include "bridge/io/tls.hpp"
#include "discovery/topic.hpp"

#ifndef STATEBUS_VERSION
#error "the build gives the version"
#endif

namespace bridge::cli {
namespace {

/// A secret that is lacking, or that is none any more, would end in a login that fails.
std::string read_secret(const Section& section, const std::string& key, const std::string& file,
                        Secret secret, const Config& config) {
  try {
    return secret_in(file, secret, config.secret_modes);
  } catch (const SecretError& fault) {
    section.fail(key, fmt::format("names {}", fault.what()));
  }
}

void read_tls(Section& section, io::TlsFiles& files) {
  section.file("ca_file", files.ca_file);
  section.file("cert_file", files.cert_file);
  section.file("key_file", files.key_file);
}

/// What would else be found out when it is too late to tell the line.
void check_tls(const Section& section, const io::TlsFiles& files, const Config& config) {
  if (files.cert_file.empty() && !files.key_file.empty()) {
    section.fail("key_file", "is there, and cert_file, whose key it is, is not");
  }
  const char* const key = files.key_file.empty() ? "cert_file" : "key_file";
  const std::string& file = files.key_file.empty() ? files.cert_file : files.key_file;
  try {
    if (!file.empty()) check_secret_mode(file, config.secret_modes);
  } catch (const SecretError& fault) {
    section.fail(key, fmt::format("names {}", fault.what()));
  }
  try {
    (void)io::tls_context(files);
  } catch (const io::TlsFileError& fault) {
    section.fail(fault.key, fmt::format("names {}", fault.what()));
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
bool has_login(const std::string& url) { return url.find('@') != std::string::npos; }

void read_home_assistant(Section& section, Config& config) {
  section.text("url", config.ha.url);
  section.file("token_file", config.token_file);
  read_tls(section, config.ha.tls);
  section.done();  // a misspelt key is told before the one that is missing by it
  if (has_login(config.ha.url)) {
    section.fail("url", "has a login in it; put that into home_assistant.token_file");
  }
  if (config.ha.url.empty()) section.fail("url", "is missing; write url: ws://HOST:8123");
  if (config.token_file.empty()) {
    section.fail("token_file", "is missing; make one with `statebus token URL --write FILE`");
  }
  try {
    (void)io::read_url(config.ha.url);
  } catch (const std::invalid_argument& fault) {
    section.fail("url", fault.what());
  }
  (void)read_secret(section, "token_file", config.token_file, Secret::token, config);
  check_tls(section, config.ha.tls, config);
}

/// What is wrong with it: HOST[:PORT] behind the scheme, and nothing after it; empty: nothing.
std::string fault_of_broker_url(const std::string& url) {
  if (has_login(url)) {
    return "has a login in it; put that into broker.username and broker.password_file";
  }
  const std::string scheme = url.substr(0, url.find("://"));
  if ((scheme != "mqtt" && scheme != "mqtts") || scheme == url) {
    return fmt::format("has '{}'; it must begin with mqtt:// or mqtts://", url);
  }
  const std::string rest = url.substr(scheme.size());
  if (rest.find('/', 3) != std::string::npos) {
    return fmt::format("has '{}'; nothing but a port may follow the host", url);
  }
  try {
    (void)io::read_url("ws" + rest);
  } catch (const std::invalid_argument& fault) {
    return fmt::format("has '{}', which {}", url, fault.what());
  }
  return {};
}

void check_broker_urls(const Section& section, const std::vector<std::string>& urls) {
  if (urls.empty()) section.fail("urls", "is missing; write urls: [mqtt://HOST]");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    std::string fault = fault_of_broker_url(urls[i]);
    if (!seen.insert(urls[i]).second) fault = fmt::format("has '{}' twice", urls[i]);
    if (!fault.empty()) section.fail("urls", i, fault);
  }
}

void read_broker(Section& section, Config& config) {
  io::BrokerSettings& broker = config.broker;
  section.texts("urls", broker.urls);
  section.text("username", broker.username);
  section.file("password_file", config.password_file);
  read_tls(section, broker.tls);
  section.duration("keepalive", config.settings.keepalive);
  section.done();
  check_broker_urls(section, broker.urls);
  check_tls(section, broker.tls, config);
  if (!config.password_file.empty()) {
    broker.password =
        read_secret(section, "password_file", config.password_file, Secret::password, config);
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
    section.fail("prefix", topic_prefix_form);
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
  section.number("per_entity", config.settings.commands_per_entity, 1, 1000);
}

void read_log(Section& section, Config& config) {
  section.choice("level", config.log_level, {"debug", "info", "warning", "error"});
  section.choice("format", config.log_format, {"text", "json"});
}

/// Both are asked for before the sections, which go by them.
void read_root(Section& file, Config& config) {
  bool open = false;
  file.flag("secrets_readable_by_all", open);
  if (open) config.secret_modes = SecretModes::any;
  file.text("root", config.settings.root);
  if (!discovery::valid_topic_prefix(config.settings.root)) {
    file.fail("root", topic_prefix_form);
  }
}

void finish(Config& config) {
  Settings& settings = config.settings;
  settings.bridge_version = STATEBUS_VERSION;
  settings.ha_url = config.ha.url;
  settings.broker_url = fmt::format("{}", fmt::join(config.broker.urls, ", "));
  settings.has_reserve_broker = config.broker.urls.size() > 1;
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
             "commands", "calls", "log", "secrets_readable_by_all"});
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
  root.text("instance", config.settings.instance);
  if (!discovery::valid_instance(config.settings.instance)) config.settings.instance.clear();
  read_root(root, config);
  root.section("broker", [&](Section& s) { read_broker(s, config); });
  root.environment_done("STATEBUS_BROKER_", is_other_variable);
  finish(config);
  return config;
}

std::string read_secret(const std::string& file, const std::string& key, Secret secret,
                        SecretModes modes) {
  try {
    return secret_in(file, secret, modes);
  } catch (const SecretError& fault) {
    throw ConfigError(fmt::format("{} names {}", key, fault.what()));
  }
}

}  // namespace bridge::cli
