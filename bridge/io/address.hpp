// Addresses of Home Assistant and of brokers, as the configuration has them.
#pragma once

#include <string>

namespace bridge::io {

/// The parts of a URL that a connection needs.
struct Address {
  bool tls = false;
  std::string host;
  std::string port;  // given, or the scheme's own: 80, 443; 8123 for ws and http without one
  std::string path;  // without a slash at the end; empty for none

  /// HOST:PORT as it stands in URLs and in the header of requests.
  std::string authority() const;
};
/// Throws std::invalid_argument, with what is wrong, when the URL is none of a Home Assistant.
Address read_url(const std::string& url);

}  // namespace bridge::io
