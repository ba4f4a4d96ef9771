#include "bridge/io/tls_trial.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>

#include "bridge/io/address.hpp"
#include "bridge/io/tls.hpp"

namespace bridge::io {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr std::chrono::seconds patience{5};
// A server of TLS 1.3 looks at the client's certificate when the client is done already.
constexpr std::chrono::seconds second_thoughts{1};

asio::awaitable<std::string> attempt(asio::io_context& loop, const Address& address,
                                     const TlsFiles& files) {
  boost::system::error_code error;
  const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
  tcp::resolver resolver(loop);
  const auto found = co_await resolver.async_resolve(address.host, address.port, token());
  if (error) co_return std::string();
  std::string fault;
  asio::ssl::context context = tls_context(files);
  beast::ssl_stream<beast::tcp_stream> stream(loop, context);
  expect_host(stream, address.host, broker_keys, fault);
  beast::get_lowest_layer(stream).expires_after(patience);
  co_await beast::get_lowest_layer(stream).async_connect(found, token());
  if (error) co_return std::string();
  co_await stream.async_handshake(asio::ssl::stream_base::client, token());
  if (error) co_return tls_failure(error, fault, broker_keys, files);
  beast::get_lowest_layer(stream).expires_after(second_thoughts);
  char byte = 0;
  co_await stream.async_read_some(asio::buffer(&byte, 1), token());
  if (!error || error == beast::error::timeout) co_return std::string();
  co_return tls_failure(error, fault, broker_keys, files);
}

}  // namespace

std::string why_no_tls(const std::string& url, const TlsFiles& files) {
  asio::io_context loop(1);
  std::string why;
  const Address address = read_url("wss" + url.substr(url.find("://")));
  asio::co_spawn(loop, attempt(loop, address, files),
                 [&](const std::exception_ptr& fault, std::string found) {
                   why = std::move(found);
                   if (fault == nullptr) return;
                   try {
                     std::rethrow_exception(fault);
                   } catch (const TlsFileError& error) {
                     why = fmt::format("{} names {}", broker_keys.of(error.key), error.what());
                   } catch (const std::exception& error) {
                     why = error.what();
                   }
                 });
  loop.run();
  return why;
}

}  // namespace bridge::io
