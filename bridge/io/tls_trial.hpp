// A second try at TLS with a broker, for the reason: Paho says that there is no connection, and not
// why.
#pragma once

#include <string>

#include "bridge/io/tls_files.hpp"

namespace bridge::io {

/// Why no TLS comes about with the host of `url`, ssl://HOST:PORT, and what to do; empty when it
/// does, or when nothing is heard of the host. Waits for it, some seconds at most.
std::string why_no_tls(const std::string& url, const TlsFiles& files);

}  // namespace bridge::io
