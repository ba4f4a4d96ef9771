// TLS towards Home Assistant: certificates are verified, and so is the name in them.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <stdexcept>
#include <string>

namespace bridge::io {

/// The file of an authority cannot be used; the text begins with the file's name.
struct AuthorityError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `ca_file` is the authority to trust; empty: those of the system. Throws AuthorityError.
inline boost::asio::ssl::context tls_context(const std::string& ca_file) {
  namespace ssl = boost::asio::ssl;
  ssl::context context(ssl::context::tls_client);
  context.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  if (ca_file.empty()) {
    context.set_default_verify_paths();
  } else {
    boost::system::error_code error;
    context.load_verify_file(ca_file, error);
    if (error) {
      throw AuthorityError(ca_file + ", which holds no certificate of an authority in PEM form (" +
                           error.message() + ")");
    }
  }
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

/// Makes the stream ask for the host's certificate and accept no other. `host` must outlive the
/// call.
template <typename SslStream>
void expect_host(SslStream& stream, const std::string& host) {
  // Servers with several certificates choose by this name. (OpenSSL's macro for it casts in C's
  // manner.)
  SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host.c_str()));
  stream.set_verify_callback(boost::asio::ssl::host_name_verification(host));
}

}  // namespace bridge::io
