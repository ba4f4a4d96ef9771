#include "discovery/place_name.hpp"

#include <cstdint>

namespace discovery {
namespace {

constexpr std::uint32_t sharp_s = 0xdf;

bool is_between(std::uint32_t c, std::uint32_t first, std::uint32_t last) {
  return c >= first && c <= last;
}

/// The other case of a letter of two bytes (U+0080 to U+07FF), where it is upper.
std::uint32_t folded(std::uint32_t c) {
  if (is_between(c, 0xc0, 0xde) && c != 0xd7) return c + 0x20;     // À, but for the sign ×
  if (is_between(c, 0x391, 0x3ab) && c != 0x3a2) return c + 0x20;  // Α
  if (c == 0x386) return 0x3ac;                                    // Ά
  if (is_between(c, 0x388, 0x38a)) return c + 0x25;                // Έ
  if (c == 0x38c) return 0x3cc;                                    // Ό
  if (c == 0x38e || c == 0x38f) return c + 0x3f;                   // Ύ
  if (c == 0x3c2) return 0x3c3;                                    // ς at the end of a word
  if (is_between(c, 0x410, 0x42f)) return c + 0x20;                // А
  if (is_between(c, 0x400, 0x40f)) return c + 0x50;                // Ѐ
  if (c == 0x178) return 0xff;                                     // Ÿ
  // Latin Extended-A has pairs; the upper one is even, or odd behind two letters without a pair.
  const bool upper_is_odd = is_between(c, 0x139, 0x148) || is_between(c, 0x179, 0x17e);
  const bool has_pair =
      is_between(c, 0x100, 0x17e) && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149;
  if (has_pair && (c % 2 == 1) == upper_is_odd) return c + 1;
  return c;
}

}  // namespace

std::string normalized_name(std::string_view name) {
  std::string normalized;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte == ' ') continue;
    const bool is_pair = (byte & 0xe0) == 0xc0 && i + 1 < name.size();
    if (!is_pair) {
      const bool is_upper = byte >= 'A' && byte <= 'Z';
      normalized += static_cast<char>(is_upper ? byte - 'A' + 'a' : byte);
      continue;
    }
    const auto next = static_cast<unsigned char>(name[++i]);
    const std::uint32_t letter = folded((byte & 0x1fU) << 6 | (next & 0x3fU));
    if (letter == sharp_s) {
      normalized += "ss";
    } else {
      normalized += static_cast<char>(0xc0 | letter >> 6);
      normalized += static_cast<char>(0x80 | (letter & 0x3f));
    }
  }
  return normalized;
}

}  // namespace discovery
