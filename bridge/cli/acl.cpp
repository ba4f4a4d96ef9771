// `statebus acl`: the broker's users of a home, their rights as an access list, and their
// passwords. It reads no configuration and reaches nobody.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "bridge/cli/access_list.hpp"
#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/new_file.hpp"
#include "bridge/cli/passwords.hpp"

namespace bridge::cli {
namespace {

using Names = std::vector<std::string>;

constexpr mode_t for_owner = S_IRUSR | S_IWUSR;
constexpr mode_t for_all = for_owner | S_IRGRP | S_IROTH;

/// A user's name goes into the access list as it is. Wildcards in one would once have given it the
/// rights of others (CVE-2017-7650), and a blank or a new line would be another rule.
void check_name(const std::string& option, const std::string& name) {
  if (discovery::valid_instance(name)) return;
  throw ConfigError(
      fmt::format("{}: '{}' is no name; write 1 to 32 characters of a-z, 0-9 and _", option, name));
}

void check_prefix(const std::string& option, const std::string& prefix) {
  if (discovery::valid_topic_prefix(prefix)) return;
  throw ConfigError(fmt::format(
      "{}: '{}' is none; write one or more levels without wildcards and blanks", option, prefix));
}

/// NAME, or NAME=PREFIX, each to its prefix.
std::map<std::string, std::string> read_prefixes(const std::string& option, const Names& words,
                                                 const std::string& usual) {
  std::map<std::string, std::string> out;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string prefix = equals == std::string::npos ? usual : word.substr(equals + 1);
    check_name(option, name);
    check_prefix(option, prefix);
    out[name] = prefix;
  }
  return out;
}

/// What the options ask for, each of them looked at.
class Home {
 public:
  explicit Home(const AclOptions& options) : options_(options) {
    check_prefix("--prefix", options.prefix);
    check_prefix("--root", options.root);
    consumers_ = read_prefixes("--consumes", options.consumes, options.prefix);
    for (const auto& [name, prefix] : consumers_) prefixes_.insert(prefix);
    if (consumers_.empty()) prefixes_.insert(options.prefix);
    for (const std::string& name : options.instances) add("--instances", name, instance(name));
    for (const auto& [name, prefix] : consumers_) {
      const auto& all = options.instances;
      if (std::find(all.begin(), all.end(), name) != all.end()) continue;
      throw ConfigError(fmt::format("--consumes: {} is none of --instances; name it there", name));
    }
    for (const auto& [name, prefix] :
         read_prefixes("--home-assistant", options.home_assistants, options.prefix)) {
      add("--home-assistant", name,
          {name, fmt::format("Home Assistant's MQTT integration that listens under {}", prefix),
           rights_of_home_assistant(options.root, prefix)});
    }
    if (!options.monitor.empty()) {
      add("--monitor", options.monitor,
          {options.monitor, "Somebody who looks on, and sees all that is sent",
           rights_of_monitor(options.root, {prefixes_.begin(), prefixes_.end()})});
    }
    for (const std::string& name : options.calls) allow_calls(name);
  }

  const std::vector<BrokerUser>& users() const { return users_; }

 private:
  BrokerUser instance(const std::string& name) const {
    // Nobody announces under a prefix that his own Home Assistant listens on.
    const auto own = consumers_.find(name);
    ConsumeSettings consume;
    if (own != consumers_.end()) consume.prefix = own->second;
    Names prefixes;
    std::copy_if(prefixes_.begin(), prefixes_.end(), std::back_inserter(prefixes),
                 [&](const std::string& each) { return each != consume.prefix; });
    return {
        name,
        fmt::format("The bridge of {}{}", name, own == consumers_.end() ? "" : ", which consumes"),
        rights_of_instance({options_.root, name}, prefixes, consume)};
  }

  void add(const std::string& option, const std::string& name, BrokerUser user) {
    check_name(option, name);
    if (find(name) != users_.end()) {
      throw ConfigError(
          fmt::format("{}: {} is named already; each user needs a name of its own", option, name));
    }
    users_.push_back(std::move(user));
  }

  std::vector<BrokerUser>::iterator find(const std::string& name) {
    return std::find_if(users_.begin(), users_.end(),
                        [&](const BrokerUser& each) { return each.name == name; });
  }

  void allow_calls(const std::string& name) {
    const auto user = find(name);
    if (user == users_.end()) {
      throw ConfigError(
          fmt::format("--calls: there is no user '{}'; name an instance, or a user of "
                      "--home-assistant",
                      name));
    }
    user->rights.push_back(right_to_call(options_.root));
  }

  const AclOptions& options_;
  std::map<std::string, std::string> consumers_;  // instances to their prefixes
  std::set<std::string> prefixes_;                // that instances announce under
  std::vector<BrokerUser> users_;
};

/// The lines of a password_file by user; none when there is no file.
std::map<std::string, std::string> read_hashes(const std::string& file) {
  std::map<std::string, std::string> hashes;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos) hashes[line.substr(0, colon)] = line.substr(colon + 1);
  }
  return hashes;
}

/// A password that is there stays, and so do the users of others.
void make_passwords(const AclOptions& options, const std::vector<BrokerUser>& users) {
  const std::string option = "--passwords";
  make_private_folder(options.passwords, option);
  const std::string file = options.passwords + "/passwords";
  std::map<std::string, std::string> hashes = read_hashes(file);
  for (const BrokerUser& user : users) {
    const std::string secret_file = fmt::format("{}/{}.pw", options.passwords, user.name);
    struct stat found {};
    if (stat(secret_file.c_str(), &found) != 0) {
      write_new_file(secret_file, random_password() + "\n", for_owner, Existing::refused, option);
    }
    const std::string secret = read_secret(secret_file, option, Secret::password);
    hashes[user.name] = hashed_password(secret);
  }
  std::string text;
  for (const auto& [name, hash] : hashes) text += fmt::format("{}:{}\n", name, hash);
  write_new_file(file, text, for_owner, Existing::replaced, option);
}

/// On standard error, since the list may go to standard output.
void say_what_is_next(const AclOptions& options, const std::vector<BrokerUser>& users) {
  const std::string list = options.output.empty() ? "LIST" : options.output;
  const bool has_passwords = !options.passwords.empty();
  std::cerr << fmt::format(
      "Mosquitto's own user must be able to read its files, and nobody else the passwords:\n"
      "  install -o mosquitto -m 600 {} /etc/mosquitto/acl\n",
      list);
  if (has_passwords) {
    std::cerr << fmt::format(
        "  install -o mosquitto -m 600 {}/passwords /etc/mosquitto/passwords\n", options.passwords);
  } else {
    std::string_view creating = "-c ";
    for (const BrokerUser& user : users) {
      std::cerr << fmt::format("  mosquitto_passwd {}/etc/mosquitto/passwords {}\n", creating,
                               user.name);
      creating = "";
    }
    std::cerr << "  chown mosquitto /etc/mosquitto/passwords\n";
  }
  std::cerr << "Then write into mosquitto.conf:\n  allow_anonymous false\n"
               "  acl_file /etc/mosquitto/acl\n  password_file /etc/mosquitto/passwords\n";
  if (!has_passwords) return;
  std::cerr << fmt::format(
      "{}/NAME.pw holds the password of the user NAME: for broker.password_file of its bridge.\n",
      options.passwords);
}

}  // namespace

int acl(const AclOptions& options) {
  const Home home(options);
  const std::string list = access_list(home.users());
  if (options.output.empty()) {
    std::cout << list << std::flush;
  } else {
    write_new_file(options.output, list, for_all,
                   options.force ? Existing::replaced : Existing::refused, "--output");
  }
  try {
    if (!options.passwords.empty()) make_passwords(options, home.users());
  } catch (const ConfigError&) {
    throw;
  } catch (const std::runtime_error& fault) {
    std::cerr << "statebus: " << fault.what() << '\n';
    return 1;
  }
  say_what_is_next(options, home.users());
  return 0;
}

}  // namespace bridge::cli
