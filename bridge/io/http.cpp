#include "bridge/io/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "bridge/io/tls.hpp"
#include "discovery/json.hpp"

namespace bridge::io {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds patience{20};
constexpr std::size_t answer_bytes_max = 1024 * 1024;

template <typename Stream>
asio::awaitable<HttpAnswer> exchange(Stream& stream,
                                     const http::request<http::string_body>& request) {
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_bytes_max);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return HttpAnswer{static_cast<int>(parser.get().result_int()), parser.get().body()};
}

asio::awaitable<HttpAnswer> converse(asio::io_context& loop, const HaSettings& settings,
                                     const http::request<http::string_body>& request) {
  const Address address = read_url(settings.url);
  tcp::resolver resolver(loop);
  const auto found =
      co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
  if (!address.tls) {
    beast::tcp_stream stream(loop);
    co_await stream.async_connect(found, asio::use_awaitable);
    co_return co_await exchange(stream, request);
  }
  asio::ssl::context context = tls_context(settings.ca_file);
  beast::ssl_stream<beast::tcp_stream> stream(loop, context);
  expect_host(stream, address.host);
  co_await beast::get_lowest_layer(stream).async_connect(found, asio::use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await exchange(stream, request);
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
  const Address address = read_url(settings.url);
  http::request<http::string_body> request(http::verb::post, address.path + path, 11);
  request.set(http::field::host, address.authority());
  request.set(http::field::user_agent, "statebus");
  request.set(http::field::content_type, content_type);
  request.body() = body;
  request.prepare_payload();

  asio::io_context loop;
  HttpAnswer answer;
  std::string failure = "it did not answer within 20 s";
  asio::co_spawn(loop, converse(loop, settings, request),
                 [&](const std::exception_ptr& fault, HttpAnswer got) {
                   answer = std::move(got);
                   failure.clear();
                   if (fault == nullptr) return;
                   try {
                     std::rethrow_exception(fault);
                   } catch (const boost::system::system_error& error) {
                     failure = error.code().message();
                   } catch (const AuthorityError& error) {
                     failure = std::string("the authority's file is ") + error.what();
                   }
                 });
  loop.run_for(patience);
  if (!failure.empty()) throw HttpError(failure);
  return answer;
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
