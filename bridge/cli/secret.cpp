#include "bridge/cli/secret.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace bridge::cli {
namespace {

constexpr std::size_t secret_bytes_max = 4096;
// Docker and Podman put secrets there, with mode 0444, in a container that nobody else looks into.
constexpr std::string_view container_secrets = "/run/secrets/";
constexpr std::string_view credential_mark = "credential:";
// Longer than the names that people give to files; Home Assistant's tokens have 183 characters.
constexpr std::size_t token_bytes_min = 100;

/// Somebody has written the secret where its file is to be named; it shall not get into a log.
bool looks_like_secret(const std::string& value) {
  return value.find('\n') != std::string::npos ||
         (value.size() >= token_bytes_min && value.find('/') == std::string::npos);
}

std::string credential(const std::string& name) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  const auto unit_needs = [&] {
    return fmt::format("the unit needs LoadCredential={0}:FILE or LoadCredentialEncrypted={0}:FILE",
                       name);
  };
  if (name.empty() || name.find('/') != std::string::npos) {
    throw SecretError("a credential without a name; write credential:NAME");
  }
  if (folder == nullptr) {
    throw SecretError(
        fmt::format("the credential {}, and no service manager has handed over any "
                    "($CREDENTIALS_DIRECTORY is not set); {}",
                    name, unit_needs()));
  }
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  std::error_code unreadable;
  if (!std::filesystem::exists(path, unreadable)) {
    throw SecretError(
        fmt::format("the credential {}, which is not in {}; {}", name, folder, unit_needs()));
  }
  return path.string();
}

}  // namespace

std::string named_file(const std::string& value, const std::string& config_file) {
  if (value.starts_with(credential_mark)) return credential(value.substr(credential_mark.size()));
  if (looks_like_secret(value)) {
    throw SecretError(
        "no file, but what looks like the secret itself; write that into a file of its own, and "
        "name the file");
  }
  const std::filesystem::path path = std::filesystem::path(config_file).parent_path() / value;
  std::error_code unreadable;  // such as a folder that this user may not enter
  if (!std::filesystem::exists(path, unreadable)) {
    throw SecretError(
        fmt::format("{}, which is not there or not to be reached (paths are relative "
                    "to the configuration file)",
                    path.string()));
  }
  return path.string();
}

void check_secret_mode(const std::string& file, SecretModes modes) {
  struct stat found {};
  // A pipe, say of the shell's <(pass show ha), is read by nobody else.
  if (stat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return;
  const auto refuse = [&](const char* who, const char* otherwise) {
    throw SecretError(
        fmt::format("{0}, which {1} (mode {2:04o}); `chmod 600 {0}` leaves it to its owner alone, "
                    "`chmod 640 {0}` also to its group{3}",
                    file, who, found.st_mode & 07777U, otherwise));
  };
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) refuse("others than its owner can change", "");
  const bool is_open = (found.st_mode & S_IROTH) != 0;
  if (!is_open || modes == SecretModes::any || file.starts_with(container_secrets)) return;
  refuse("every user of this machine can read",
         ". Where a container platform sets the mode, write secrets_readable_by_all: true");
}

std::string secret_in(const std::string& file, Secret secret, SecretModes modes) {
  std::ifstream stream(file);
  // What is no file of a secret may be without end.
  std::string line(secret_bytes_max + 1, ' ');
  stream.read(line.data(), static_cast<std::streamsize>(line.size()));
  if (stream.bad() || !stream.is_open()) throw SecretError(file + ", which cannot be read");
  line.resize(static_cast<std::size_t>(stream.gcount()));
  if (line.size() > secret_bytes_max) {
    throw SecretError(
        fmt::format("{}, which holds more than {} bytes and so no secret", file, secret_bytes_max));
  }
  const auto first = line.find_first_not_of(" \t\r\n");
  const auto last = line.find_last_not_of(" \t\r\n");
  if (first == std::string::npos) throw SecretError(file + ", which is empty");
  line = line.substr(first, last - first + 1);
  const bool is_token = secret == Secret::token;
  const char* const excess = is_token ? " \t\r\n" : "\r\n";
  if (line.find_first_of(excess) != std::string::npos) {
    throw SecretError(file + ", which holds more than one " + (is_token ? "word" : "line"));
  }
  check_secret_mode(file, modes);
  return line;
}

}  // namespace bridge::cli
