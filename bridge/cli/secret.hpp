// Secrets in files: read, and refused where others than those whom they are for can read them.
#pragma once

#include <stdexcept>
#include <string>

namespace bridge::cli {

/// A token is one word; a password may have spaces in it.
enum class Secret { token, password };

/// Whether a secret that every user of the machine can read is taken.
enum class SecretModes { private_ones, any };

/// The text begins with the file and tells its fault, and what to do.
struct SecretError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The one line that a file holds, or the one word. Throws SecretError.
std::string secret_in(const std::string& file, Secret secret, SecretModes modes);

/// Throws SecretError where others can read or change the file; what is not there passes.
void check_secret_mode(const std::string& file, SecretModes modes);

/// The file that a value of the configuration names: a path, relative to the configuration file, or
/// `credential:NAME`, which the service manager has handed over in $CREDENTIALS_DIRECTORY. Throws
/// SecretError, which bears no value that looks like the secret itself.
std::string named_file(const std::string& value, const std::string& config_file);

}  // namespace bridge::cli
