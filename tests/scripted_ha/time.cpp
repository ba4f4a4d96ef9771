#include "tests/scripted_ha/time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>

namespace scripted_ha {
namespace {

/// Crockford's base 32, most significant digit first.
void put_base32(char* out, int digits, std::uint64_t value) {
  constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (int digit = digits - 1; digit >= 0; --digit, value >>= 5) out[digit] = alphabet[value & 31];
}

}  // namespace

Seconds wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::string number_text(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string iso_time(Seconds time) {
  const auto microseconds = static_cast<std::int64_t>(std::llround(time * 1e6));
  const std::time_t seconds = microseconds / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> buffer;
  auto length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string text(buffer.data(), length);
  if (const auto fraction = static_cast<int>(microseconds % 1'000'000); fraction != 0) {
    length =
        static_cast<std::size_t>(std::snprintf(buffer.data(), buffer.size(), ".%06d", fraction));
    text.append(buffer.data(), length);
  }
  return text += "+00:00";
}

std::string new_ulid(Seconds time) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string text(26, '0');
  put_base32(text.data(), 10, static_cast<std::uint64_t>(time * 1000));
  put_base32(text.data() + 10, 8, random());
  put_base32(text.data() + 18, 8, random());
  return text;
}

}  // namespace scripted_ha
