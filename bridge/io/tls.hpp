// TLS towards Home Assistant and the broker: certificates are verified, and so is the name in them;
// and what there is to say when that fails.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <stdexcept>
#include <string>

#include "bridge/io/tls_files.hpp"

namespace bridge::io {

/// A file cannot be used. The text begins with its name; `key` is the name of the member of
/// TlsFiles, as the configuration has it, too.
struct TlsFileError : std::runtime_error {
  TlsFileError(const char* of, const std::string& text) : std::runtime_error(text), key(of) {}
  const char* key;
};

/// A context that trusts that authority alone and shows that certificate. Throws TlsFileError.
boost::asio::ssl::context tls_context(const TlsFiles& files);

/// Why the verification of the host's certificate has failed, and what to do.
std::string certificate_fault(X509_STORE_CTX* verification, const std::string& host,
                              const TlsKeys& keys);

/// The host, which must be one of the names in its certificate, or one of its addresses.
void expect_name(SSL* connection, const std::string& host);

/// Makes the stream ask for the host's certificate and accept no other; `fault` gets what is wrong
/// with it. The stream must not outlive `fault` and `keys`.
template <typename SslStream>
void expect_host(SslStream& stream, const std::string& host, const TlsKeys& keys,
                 std::string& fault) {
  expect_name(stream.native_handle(), host);
  stream.set_verify_callback(
      [host, &keys, &fault](bool good, boost::asio::ssl::verify_context& verification) {
        if (!good) fault = certificate_fault(verification.native_handle(), host, keys);
        return good;
      });
}

/// Why there is no connection, or no more, although TCP had one, and what to do. `fault` is that of
/// expect_host.
std::string tls_failure(const boost::system::error_code& error, const std::string& fault,
                        const TlsKeys& keys, const TlsFiles& files);

}  // namespace bridge::io
