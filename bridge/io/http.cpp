#include "bridge/io/http.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "bridge/io/address.hpp"
#include "bridge/io/tls.hpp"
#include "discovery/json.hpp"

namespace bridge::io {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::chrono::seconds patience{20};
constexpr std::size_t answer_bytes_max = 1024 * 1024;

template <typename Stream>
asio::awaitable<Response> exchange(Stream& stream, const Request& request,
                                   std::size_t body_bytes_max) {
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(body_bytes_max);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return parser.release();
}

asio::ssl::context context_of(const HaSettings& settings) {
  try {
    return tls_context(settings.tls);
  } catch (const TlsFileError& error) {
    throw HttpError(fmt::format("{} names {}", settings.keys.of(error.key), error.what()));
  }
}

asio::awaitable<Response> converse(asio::io_context& loop, const HaSettings& settings,
                                   const Request& request, std::size_t body_bytes_max) {
  const Address address = read_url(settings.url);
  tcp::resolver resolver(loop);
  const auto found =
      co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
  if (!address.tls) {
    beast::tcp_stream stream(loop);
    stream.expires_after(patience);
    co_await stream.async_connect(found, asio::use_awaitable);
    co_return co_await exchange(stream, request, body_bytes_max);
  }
  std::string fault;
  asio::ssl::context context = context_of(settings);
  beast::ssl_stream<beast::tcp_stream> stream(loop, context);
  expect_host(stream, address.host, settings.keys, fault);
  beast::get_lowest_layer(stream).expires_after(patience);
  co_await beast::get_lowest_layer(stream).async_connect(found, asio::use_awaitable);
  const auto explained = [&](const boost::system::error_code& why) {
    return HttpError("TLS: " + tls_failure(why, fault, settings.keys, settings.tls));
  };
  boost::system::error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error == beast::error::timeout) throw boost::system::system_error(error);
  if (error) throw explained(error);
  try {
    co_return co_await exchange(stream, request, body_bytes_max);
  } catch (const boost::system::system_error& broken) {
    // A server of TLS 1.3 looks at the client's certificate when the handshake is over here.
    if (broken.code().category() != asio::error::get_ssl_category()) throw;
    throw explained(broken.code());
  }
}

Request request_to(const Address& address, http::verb verb, const std::string& path) {
  Request request(verb, address.path + path, 11);
  request.set(http::field::host, address.authority());
  request.set(http::field::user_agent, "statebus");
  return request;
}

/// Why there was no answer; empty when there was one.
std::string failure_of(const std::exception_ptr& fault) {
  if (fault == nullptr) return {};
  try {
    std::rethrow_exception(fault);
  } catch (const boost::system::system_error& error) {
    return error.code().message();
  } catch (const std::runtime_error& error) {  // of TLS, or a file of it
    return error.what();
  }
}

bool is_too_large(const std::exception_ptr& fault) {
  if (fault == nullptr) return false;
  try {
    std::rethrow_exception(fault);
  } catch (const boost::system::system_error& error) {
    return error.code() == http::error::body_limit;
  } catch (...) {
    return false;
  }
}

/// Asks one question once Home Assistant has let it in.
struct OneQuestion : HaSocketListener {
  OneQuestion(const HaSettings& settings, std::string with_token, const std::string& question)
      : token(std::move(with_token)), command(question), socket(loop, settings, *this) {}

  void send(const std::string& frame) {
    std::vector<HaEffect> effects{HaSend{frame}};
    socket.perform(effects);
  }

  void ha_socket_opened() override {
    send(discovery::to_text({{"type", "auth"}, {"access_token", token}}));
  }
  void ha_socket_frame(discovery::PaddedJson frame) override {
    const auto json = discovery::parse_json(frame.text, answer_bytes_max);
    const std::string type = json ? discovery::text_at(*json, "type") : "";
    if (type == "auth_ok") send(command);
    if (type == "auth_invalid") fail("Home Assistant does not accept the token");
    if (type != "result") return;
    answer = std::string(frame.text);
    loop.stop();
  }
  void ha_socket_closed(const std::string& why, int) override { fail(why); }

  void fail(const std::string& why) {
    failure = why;
    loop.stop();
  }

  asio::io_context loop;
  std::string token;
  std::string command;
  std::string answer;
  std::string failure;
  HaSocket socket;
};

}  // namespace

HttpAnswer post(const HaSettings& settings, const std::string& path,
                const std::string& content_type, const std::string& body) {
  Request request = request_to(read_url(settings.url), http::verb::post, path);
  request.set(http::field::content_type, content_type);
  request.body() = body;
  request.prepare_payload();

  asio::io_context loop;
  HttpAnswer answer;
  std::string failure = "it did not answer within 20 s";
  asio::co_spawn(loop, converse(loop, settings, request, answer_bytes_max),
                 [&](const std::exception_ptr& fault, Response got) {
                   answer = {static_cast<int>(got.result_int()), std::move(got.body())};
                   failure = failure_of(fault);
                 });
  loop.run_for(patience);
  if (!failure.empty()) throw HttpError(failure);
  return answer;
}

void fetch(asio::io_context& loop, const HaSettings& settings, FetchPicture wanted,
           std::function<void(PictureAnswer)> done) {
  struct Errand {
    HaSettings settings;
    Request request;
    std::function<void(PictureAnswer)> done;
  };
  const auto errand = std::make_shared<Errand>(
      Errand{settings, request_to(read_url(settings.url), http::verb::get, wanted.path), done});
  errand->request.set(http::field::authorization, "Bearer " + wanted.token);
  errand->request.set(http::field::connection, "close");
  asio::co_spawn(loop, converse(loop, errand->settings, errand->request, wanted.bytes_max),
                 [errand](const std::exception_ptr& fault, Response got) {
                   PictureAnswer answer{.failure = failure_of(fault),
                                        .too_large = is_too_large(fault)};
                   if (fault == nullptr) {
                     answer.status = static_cast<int>(got.result_int());
                     answer.content_type = std::string(got[http::field::content_type]);
                     answer.body = std::move(got.body());
                   }
                   errand->done(std::move(answer));
                 });
}

std::string ask_websocket(const HaSettings& settings, const std::string& token,
                          const std::string& command) {
  OneQuestion question(settings, token, command);
  std::vector<HaEffect> open{HaOpen{}};
  question.socket.perform(open);
  question.failure = "it did not answer within 20 s";
  question.loop.run_for(patience);
  if (question.answer.empty()) throw HttpError(question.failure);
  return question.answer;
}

}  // namespace bridge::io
