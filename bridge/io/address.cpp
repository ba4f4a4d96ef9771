#include "bridge/io/address.hpp"

#include <stdexcept>

namespace bridge::io {

Address read_url(const std::string& url) {
  const auto colon = url.find("://");
  if (colon == std::string::npos)
    throw std::invalid_argument("has no scheme; write ws://HOST:8123");
  const std::string scheme = url.substr(0, colon);
  Address address;
  address.tls = scheme == "wss" || scheme == "https";
  if (!address.tls && scheme != "ws" && scheme != "http") {
    throw std::invalid_argument("has the scheme '" + scheme +
                                "'; it must be ws, wss, http or https");
  }
  std::string rest = url.substr(colon + 3);
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    address.path = rest.substr(slash);
    while (address.path.ends_with('/')) address.path.pop_back();
    rest.resize(slash);
  }
  const auto bracket = rest.find(']');
  const auto port = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  address.host = rest.substr(0, port);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  address.port = port == std::string::npos ? (address.tls ? "443" : "8123") : rest.substr(port + 1);
  if (bracket == std::string::npos && port != rest.rfind(':')) {
    throw std::invalid_argument("has an IPv6 address without brackets; write [::1]");
  }
  if (address.host.empty()) throw std::invalid_argument("names no host");
  const bool digits = address.port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || address.port.empty() || address.port.size() > 5 ||
      std::stoul(address.port) > 65535) {
    throw std::invalid_argument("has the port '" + address.port + "', which is none");
  }
  return address;
}

std::string Address::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + port;
}

}  // namespace bridge::io
