#include "bridge/cli/passwords.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace bridge::cli {
namespace {

// As `mosquitto_passwd` has them. So few rounds do for passwords that nobody can guess.
constexpr int rounds = 101;
constexpr std::size_t salt_bytes = 12;
constexpr std::size_t hash_bytes = 64;
constexpr std::size_t secret_bytes = 24;

template <std::size_t Size>
using Bytes = std::array<unsigned char, Size>;

template <std::size_t Size>
Bytes<Size> random_bytes() {
  Bytes<Size> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(Size)) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes, so no password was made; try again");
  }
  return bytes;
}

template <std::size_t Size>
std::string base64(const Bytes<Size>& bytes) {
  std::array<unsigned char, (Size + 2) / 3 * 4 + 1> text;
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(Size));
  return {text.begin(), text.begin() + length};
}

}  // namespace

std::string random_password() {
  std::string text = base64(random_bytes<secret_bytes>());
  for (char& each : text) {
    if (each == '+') each = '-';
    if (each == '/') each = '_';
  }
  return text;
}

std::string hashed_password(const std::string& password) {
  const Bytes<salt_bytes> salt = random_bytes<salt_bytes>();
  Bytes<hash_bytes> hash;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                        static_cast<int>(salt_bytes), rounds, EVP_sha512(),
                        static_cast<int>(hash_bytes), hash.data()) != 1) {
    throw std::runtime_error("OpenSSL cannot hash a password, perhaps for a policy of this system");
  }
  return fmt::format("$7${}${}${}", rounds, base64(salt), base64(hash));
}

}  // namespace bridge::cli
