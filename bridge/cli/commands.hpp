// The commands of the program; each gives its exit code: 0 done, 1 failed, 2 wrong use.
#pragma once

#include <string>
#include <vector>

namespace bridge::cli {

int run(const std::string& config_file);

struct StateOptions {
  std::string glob = "*";  // of entity ids
  bool watch = false;
  bool json = false;
};
int state(const std::string& config_file, const StateOptions& options);

int check(const std::string& config_file, bool json);

int explain(const std::string& config_file, const std::string& entity_id, bool json);

int restore(const std::string& config_file, const std::string& entity_id);

struct CallOptions {
  std::string service;              // light.turn_on
  std::string instance;             // that runs it; empty: the configuration's own
  std::vector<std::string> target;  // area=kitchen, or one JSON object
  std::vector<std::string> data;    // brightness=120, or one JSON object
  bool response = false;            // asks for the data that the service returns
  bool json = false;
};
int call(const std::string& config_file, const CallOptions& options);

struct PurgeOptions {
  std::string instance;
  bool yes = false;  // without asking
};
int purge(const std::string& config_file, const PurgeOptions& options);

struct AclOptions {
  std::vector<std::string> instances;
  std::vector<std::string> consumes;         // NAME or NAME=PREFIX
  std::vector<std::string> home_assistants;  // likewise: users of MQTT integrations
  std::vector<std::string> calls;            // users that may call services of all instances
  std::string monitor;                       // a user that only reads; empty: none
  std::string prefix = "homeassistant";
  std::string root = "statebus";
  std::string output;     // a file; empty: standard output
  std::string passwords;  // a folder; empty: it says how to set passwords
  bool force = false;     // writes over `output`
};
int acl(const AclOptions& options);

enum class TableForm { text, json, markdown };
int domains(TableForm form);

struct TokenOptions {
  std::string url;
  std::string username;       // asked for when empty
  std::string password_file;  // asked for when empty
  std::string write;          // a file; empty: standard output
  std::string name = "statebus";
  std::string ca_file;
  std::string cert_file;  // of the program itself, where Home Assistant's proxy asks for one
  std::string key_file;
};
int token(const TokenOptions& options);

}  // namespace bridge::cli
