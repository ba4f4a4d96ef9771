// A Home Assistant release, as far as behaviour depends on it: year and month.
#pragma once

#include <charconv>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace discovery {

struct Version {
  int year = 0;
  int month = 0;

  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

/// Reads "2026.11.0", "2026.11" or "2026.12.0b3"; nothing for any other text.
inline std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const char* const end = text.data() + text.size();
  const auto year = std::from_chars(text.data(), end, version.year);
  if (year.ec != std::errc{} || year.ptr == end || *year.ptr != '.') return std::nullopt;
  const auto month = std::from_chars(year.ptr + 1, end, version.month);
  if (month.ec != std::errc{} || version.year < 2000) return std::nullopt;
  if (version.month < 1 || version.month > 12) return std::nullopt;
  return version;
}

/// The text "2026.11".
inline std::string to_text(Version version) {
  return std::to_string(version.year) + "." + std::to_string(version.month);
}

}  // namespace discovery
