#include "bridge/io/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <memory>

namespace bridge::io {
namespace {

namespace ssl = boost::asio::ssl;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* held) const {
    Free(held);
  }
};
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

/// What `print` writes.
template <typename Print>
std::string printed(Print print) {
  const Memory memory(BIO_new(BIO_s_mem()));
  print(memory.get());
  char* data = nullptr;
  const long size = BIO_ctrl(memory.get(), BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string text_of(const X509_NAME* name) {
  return printed([&](BIO* out) { X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE); });
}

std::string text_of(const ASN1_TIME* time) {
  return printed([&](BIO* out) { ASN1_TIME_print(out, time); });
}

/// The names and addresses that a certificate is for: `DNS:broker.lan, IP Address:10.0.0.2`.
std::string names_in(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at < 0) return text_of(X509_get_subject_name(certificate));
  X509_EXTENSION* const names = X509_get_ext(certificate, at);
  return printed([&](BIO* out) { X509V3_EXT_print(out, names, 0, 0); });
}

int ssl_reason(const boost::system::error_code& error) {
  return ERR_GET_REASON(static_cast<unsigned long>(error.value()));
}

bool breaks_off(const boost::system::error_code& error) {
  namespace asio = boost::asio;
  return error == ssl::error::stream_truncated || error == asio::error::eof ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe;
}

/// Servers of Python, Home Assistant among them, say nothing when they do not like a certificate.
std::string broken_off(const boost::system::error_code& error, const TlsKeys& keys,
                       const TlsFiles& files) {
  if (files.cert_file.empty()) {
    return fmt::format(
        "it breaks the connection off ({}); perhaps it speaks no TLS at this port, "
        "see {}, or it asks for a certificate, see {} and {}",
        error.message(), keys.url, keys.cert_file, keys.key_file);
  }
  return fmt::format(
      "it breaks the connection off ({}); perhaps it does not accept the "
      "certificate of {}, which must be signed by the authority that it trusts",
      error.message(), keys.cert_file);
}

void use_certificate(ssl::context& context, const TlsFiles& files) {
  boost::system::error_code error;
  context.use_certificate_chain_file(files.cert_file, error);
  if (error) {
    throw TlsFileError("cert_file", fmt::format("{}, which holds no certificate in PEM form ({})",
                                                files.cert_file, error.message()));
  }
  const bool in_one = files.key_file.empty();
  const char* const key = in_one ? "cert_file" : "key_file";
  const std::string& file = in_one ? files.cert_file : files.key_file;
  // Without this, OpenSSL asks for the passphrase at the terminal.
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); });
  context.use_private_key_file(file, ssl::context::pem, error);
  const bool other =
      error && ERR_GET_LIB(static_cast<unsigned long>(error.value())) == ERR_LIB_X509;
  if (other || (!error && SSL_CTX_check_private_key(context.native_handle()) != 1)) {
    ERR_clear_error();
    throw TlsFileError(
        key, fmt::format("{}, which is the key of another certificate than that in {}", file,
                         files.cert_file));
  }
  if (!error) return;
  throw TlsFileError(
      key, fmt::format("{}, which holds no private key in PEM form that can be read without a "
                       "passphrase ({}){}",
                       file, error.message(), in_one ? "; name its file in key_file" : ""));
}

}  // namespace

ssl::context tls_context(const TlsFiles& files) {
  ssl::context context(ssl::context::tls_client);
  context.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  if (files.ca_file.empty()) {
    context.set_default_verify_paths();
  } else {
    boost::system::error_code error;
    context.load_verify_file(files.ca_file, error);
    if (error) {
      throw TlsFileError(
          "ca_file", fmt::format("{}, which holds no certificate of an authority in PEM form ({})",
                                 files.ca_file, error.message()));
    }
  }
  if (!files.cert_file.empty()) use_certificate(context, files);
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

void expect_name(SSL* connection, const std::string& host) {
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  if (!no_address) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  // Servers with several certificates choose by this name. (OpenSSL's macro for it casts in C's
  // manner.)
  SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host.c_str()));
}

std::string certificate_fault(X509_STORE_CTX* verification, const std::string& host,
                              const TlsKeys& keys) {
  const int error = X509_STORE_CTX_get_error(verification);
  X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
  if (certificate == nullptr) return X509_verify_cert_error_string(error);
  const std::string whose = X509_STORE_CTX_get_error_depth(verification) == 0
                                ? "its certificate"
                                : fmt::format("the certificate of its authority '{}'",
                                              text_of(X509_get_subject_name(certificate)));
  switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "its certificate is for {}, not for {}; name it so in {}, or give it a "
          "certificate for {}",
          names_in(certificate), host, keys.url, host);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format(
          "{} has expired, on {}; renew it there, and see that the clock of this "
          "machine is right",
          whose, text_of(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("{} is valid from {} on; see that the clock of this machine is right",
                         whose, text_of(X509_get0_notBefore(certificate)));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format(
          "its certificate comes from '{}', which is no authority that this program "
          "trusts; name the certificate of that authority in {}",
          text_of(X509_get_issuer_name(certificate)), keys.ca_file);
    default:
      return fmt::format("{} does not hold: {}", whose, X509_verify_cert_error_string(error));
  }
}

std::string tls_failure(const boost::system::error_code& error, const std::string& fault,
                        const TlsKeys& keys, const TlsFiles& files) {
  if (!fault.empty()) return fault;
  if (error.category() != boost::asio::error::get_ssl_category()) {
    return breaks_off(error) ? broken_off(error, keys, files) : error.message();
  }
  const std::string asks =
      fmt::format("it asks for a certificate; name the program's own in {} and its key in {}",
                  keys.cert_file, keys.key_file);
  switch (ssl_reason(error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return asks;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      // So servers of TLS 1.2 answer who shows no certificate.
      if (files.cert_file.empty()) return "it breaks the handshake off; perhaps " + asks;
      break;
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return fmt::format("the certificate of {} has expired, it says; renew that", keys.cert_file);
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return fmt::format(
          "it does not accept the certificate of {} ({}); that must be signed by the "
          "authority that it trusts",
          keys.cert_file, error.message());
    case SSL_R_WRONG_VERSION_NUMBER:
      return fmt::format("it speaks no TLS at this port; look at port and scheme in {}", keys.url);
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return "it speaks neither TLS 1.2 nor a later one; allow that there";
    default:
      break;
  }
  return error.message();
}

}  // namespace bridge::io
