// Configuration files and the variables beside them, as the program reads them. The file ends at a
// line `---env`; each line behind it is a variable, STATEBUS_… with its value.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bridge/cli/config.hpp"
#include "bridge/consumers.hpp"
#include "bridge/io/address.hpp"
#include "discovery/topic.hpp"
#include "tests/fuzz/promises.hpp"

namespace {

namespace fs = std::filesystem;
using bridge::cli::Config;

constexpr const char* file = "statebus.yaml";

/// A folder of this process, with the files that a configuration may name.
void enter_folder() {
  static const bool entered = [] {
    std::string name = (fs::temp_directory_path() / "statebus-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) fuzz::broken("a folder to work in", name);
    fs::current_path(name);
    std::ofstream("ha.token") << "a-token\n";
    std::ofstream("mqtt.pw") << "a password\n";
    std::ofstream("two.pw") << "two\nlines\n";
    std::ofstream("empty") << "";
    static const fs::path made = name;
    (void)std::atexit([] {
      std::error_code gone;
      fs::remove_all(made, gone);
    });
    return true;
  }();
  (void)entered;
}

/// A refusal names the place: the file with line and column, or the variable. A section that is not
/// there has no line, and then something is missing.
void look_at_refusal(const std::string& text) {
  if (text.find("STATEBUS_") != std::string::npos) return;
  const std::string start = std::string(file) + ":";
  const bool has_line = text.starts_with(start) && text.size() > start.size() &&
                        text[start.size()] >= '1' && text[start.size()] <= '9';
  const bool is_missing =
      text.starts_with(std::string(file) + ": ") && text.find(" is missing") != std::string::npos;
  if (!has_line && !is_missing) fuzz::broken("a refusal that names the line", text);
}

/// What was taken can be worked with.
void look_at(const Config& config) {
  const bridge::Settings& settings = config.settings;
  const bool is_usable = discovery::valid_instance(settings.instance) &&
                         discovery::valid_topic_prefix(settings.root) &&
                         bridge::valid_discovery_prefix(settings.announce_prefix, settings.root) &&
                         !config.broker.urls.empty() && settings.commands_per_second > 0 &&
                         settings.keepalive >= bridge::Time{1'000} &&
                         settings.call_timeout > bridge::Time{};
  if (!is_usable) fuzz::broken("a configuration that can be worked with", settings.instance);
  (void)bridge::io::read_url(config.ha.url);
  const discovery::Topics topics(settings.root, settings.instance);
  for (const std::string& type : settings.events) {
    if (!fuzz::is_topic(topics.fired(type))) fuzz::broken("an event that makes a topic", type);
  }
  if (!fuzz::is_topic(topics.status())) fuzz::broken("a topic that brokers take", topics.status());
}

template <typename Read>
void expect_told(Read read) {
  try {
    read();
  } catch (const bridge::cli::ConfigError& refusal) {
    look_at_refusal(refusal.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  enter_folder();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find("\n---env\n");
  std::ofstream(file, std::ios::binary) << text.substr(0, end);
  std::vector<std::string> set;
  std::size_t at = end == std::string::npos ? text.size() : end + 8;
  while (at < text.size() && set.size() < 20) {
    const std::string line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    const auto equals = line.find('=');
    if (!line.starts_with("STATEBUS_") || equals == std::string::npos) continue;
    set.push_back(line.substr(0, equals));
    setenv(set.back().c_str(), line.substr(equals + 1).c_str(), 1);
  }
  expect_told([] { look_at(bridge::cli::read_config(file)); });
  expect_told([] { (void)bridge::cli::read_broker_config(file); });
  for (const std::string& name : set) unsetenv(name.c_str());
  return 0;
}
