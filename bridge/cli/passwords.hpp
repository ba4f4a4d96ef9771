// Passwords of the broker's users: made by chance, and as Mosquitto's password_file keeps them.
// `statebus acl --passwords` writes both.
#pragma once

#include <string>

namespace bridge::cli {

/// 32 characters of A-Z, a-z, 0-9, `-` and `_`: 192 bits.
std::string random_password();

/// What stands behind the user's name in a password_file, with a salt made by chance:
/// $7$101$SALT$HASH, PBKDF2 with SHA-512, salt and hash in base64. `mosquitto_passwd` makes the
/// same since Mosquitto 2.0.
std::string hashed_password(const std::string& password);

}  // namespace bridge::cli
