#include "discovery/web_address.hpp"

#include <algorithm>
#include <charconv>

namespace discovery {
namespace {

/// A name or an address, in brackets where it is IPv6, with or without a port. Home Assistant
/// refuses a device for what its parsers cannot read, such as a port beyond 65535.
bool is_host(std::string_view host) {
  const auto consists_of = [](std::string_view text, std::string_view others) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             others.find(c) != std::string_view::npos;
    });
  };
  const bool in_brackets = host.starts_with('[');
  const auto end = in_brackets ? host.find(']') : host.find(':');
  const std::string_view name = in_brackets ? host.substr(1, end - 1) : host.substr(0, end);
  if (in_brackets && (end == std::string_view::npos || name.find(':') == name.npos)) return false;
  if (!consists_of(name, in_brackets ? ":." : ".-_")) return false;
  if (!in_brackets && end == std::string_view::npos) return true;
  std::string_view port = host.substr(in_brackets ? end + 1 : end);
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  port.remove_prefix(1);
  unsigned number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && rest == port.data() + port.size() && number <= 65535;
}

}  // namespace

bool is_web_address(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    std::string_view host = url.substr(scheme.size());
    const auto is_no_part = [](char c) {
      return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ||
             std::string_view("\"<>\\").find(c) != std::string_view::npos;
    };
    if (std::any_of(host.begin(), host.end(), is_no_part)) return false;
    host = host.substr(0, host.find_first_of("/?#"));
    host.remove_prefix(host.find('@') == std::string_view::npos ? 0 : host.rfind('@') + 1);
    return is_host(host);
  }
  return false;
}

}  // namespace discovery
