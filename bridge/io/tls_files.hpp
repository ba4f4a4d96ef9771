// The files that a TLS connection needs, and how a user names them, for messages.
#pragma once

#include <string>
#include <string_view>

namespace bridge::io {

struct TlsFiles {
  std::string ca_file;    // the authority to trust; empty: those of the system
  std::string cert_file;  // the program's own certificate, with those that lead up to its authority
  std::string key_file;   // of that certificate; empty: it stands in cert_file
};

/// What a message calls the address and the files.
struct TlsKeys {
  std::string_view url;
  std::string_view ca_file;
  std::string_view cert_file;
  std::string_view key_file;

  /// What the user calls this member of TlsFiles.
  std::string_view of(std::string_view member) const {
    return member == "ca_file" ? ca_file : member == "cert_file" ? cert_file : key_file;
  }
};

inline constexpr TlsKeys ha_keys{"home_assistant.url", "home_assistant.ca_file",
                                 "home_assistant.cert_file", "home_assistant.key_file"};
inline constexpr TlsKeys broker_keys{"broker.urls", "broker.ca_file", "broker.cert_file",
                                     "broker.key_file"};

}  // namespace bridge::io
