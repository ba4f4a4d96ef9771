// The commands of the program; each gives its exit code: 0 done, 1 failed, 2 wrong use.
#pragma once

#include <string>

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

enum class TableForm { text, json, markdown };
int domains(TableForm form);

struct TokenOptions {
  std::string url;
  std::string username;       // asked for when empty
  std::string password_file;  // asked for when empty
  std::string write;          // a file; empty: standard output
  std::string name = "statebus";
  std::string ca_file;
};
int token(const TokenOptions& options);

}  // namespace bridge::cli
