#include "bridge/io/ha_socket.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>

#include "bridge/io/address.hpp"
#include "bridge/io/tls.hpp"
#include "discovery/json.hpp"

namespace bridge::io {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = websocket::stream<beast::tcp_stream>;
using TlsStream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

// The entity registry of a large home is the largest message that Home Assistant sends.
constexpr std::size_t frame_bytes_max = 256UL * 1024 * 1024;
// A buffer that one large frame has grown is given back after it.
constexpr std::size_t buffer_bytes_kept = 1024UL * 1024;
constexpr std::chrono::seconds step_timeout{20};

/// What an exception says that ended a conversation.
std::string text_of(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an error without a text";
  }
}

}  // namespace

/// One connection from resolving to its end. It outlives its owner until its last operation is
/// done, and tells nobody anything once it was given up.
struct HaSocket::Conversation : std::enable_shared_from_this<Conversation> {
  Conversation(asio::io_context& io, const HaSettings& settings, HaSocketListener& hears)
      : loop(io),
        address(read_url(settings.url)),
        files(settings.tls),
        keys(settings.keys),
        listener(&hears) {}

  virtual ~Conversation() = default;
  virtual asio::awaitable<void> run() = 0;
  virtual void write_next() = 0;
  virtual void shut() = 0;

  void send(std::string frame) {
    out.push_back(std::move(frame));
    if (open && out.size() == 1) write_next();
  }

  void end(const std::string& why, int status = 0) {
    if (HaSocketListener* const hears = std::exchange(listener, nullptr)) {
      open = false;
      shut();
      hears->ha_socket_closed(why, status);
    }
  }

  asio::io_context& loop;
  Address address;
  TlsFiles files;
  TlsKeys keys;
  HaSocketListener* listener;  // null once it was given up
  std::deque<std::string> out;
  bool open = false;
};

namespace {

/// The conversation over one kind of stream; the steps are the same but for TLS.
template <typename Stream>
struct StreamConversation : HaSocket::Conversation {
  using Conversation::Conversation;
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

  std::string certificate_fault;  // what is wrong with Home Assistant's
  std::optional<asio::ssl::context> tls;
  std::optional<Stream> stream;
  beast::flat_buffer buffer{frame_bytes_max};

  asio::awaitable<void> run() override {
    error_code error;
    const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
    tcp::resolver resolver(loop);
    const auto found = co_await resolver.async_resolve(address.host, address.port, token());
    if (error) co_return end(fmt::format("cannot resolve {}: {}", address.host, error.message()));
    if (listener == nullptr) co_return;
    make_stream();
    beast::get_lowest_layer(*stream).expires_after(step_timeout);
    co_await beast::get_lowest_layer(*stream).async_connect(found, token());
    if (error)
      co_return end(
          fmt::format("cannot connect to {}:{}: {}", address.host, address.port, error.message()));
    error_code ignored;
    beast::get_lowest_layer(*stream).socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (is_tls) {
      co_await stream->next_layer().async_handshake(asio::ssl::stream_base::client, token());
      if (error) co_return end("TLS: " + tls_failure(error, certificate_fault, keys, files));
    }
    co_await upgrade(error);
    if (error || listener == nullptr) co_return;
    co_await read();
  }

  void make_stream() {
    if constexpr (is_tls) {
      try {
        tls.emplace(tls_context(files));
      } catch (const TlsFileError& fault) {
        throw std::runtime_error(fmt::format("{} names {}", keys.of(fault.key), fault.what()));
      }
      stream.emplace(loop, *tls);
      expect_host(stream->next_layer(), address.host, keys, certificate_fault);
    } else {
      stream.emplace(loop);
    }
  }

  asio::awaitable<void> upgrade(error_code& error) {
    beast::get_lowest_layer(*stream).expires_never();
    auto timeout = websocket::stream_base::timeout::suggested(beast::role_type::client);
    timeout.handshake_timeout = step_timeout;
    timeout.idle_timeout = websocket::stream_base::none();  // the session pings
    stream->set_option(timeout);
    stream->set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "statebus");
    }));
    stream->read_message_max(frame_bytes_max);
    stream->auto_fragment(false);
    websocket::response_type response;
    co_await stream->async_handshake(response, address.authority(), address.path + "/api/websocket",
                                     asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return;
    const int status = error == websocket::error::upgrade_declined ? response.result_int() : 0;
    // A server of TLS 1.3 looks at the certificate of the bridge when the handshake is over here.
    const std::string why = is_tls ? tls_failure(error, {}, keys, files) : error.message();
    if (status == 0 && why != error.message()) co_return end("TLS: " + why);
    end(why_no_websocket(why, status, response), status);
  }

  std::string why_no_websocket(const std::string& why, int status,
                               const websocket::response_type& response) const {
    const std::string advice = fmt::format("see whether {} is that of a Home Assistant", keys.url);
    if (status == 0) return fmt::format("no WebSocket: {}; {}", why, advice);
    const std::string answer = fmt::format("it answered {} {} instead of a WebSocket", status,
                                           std::string(response.reason()));
    const std::string_view location(response[beast::http::field::location]);
    if (location.empty()) return fmt::format("{}; {}", answer, advice);
    // Whoever is there would get the token.
    return fmt::format(
        "{}; it points to {}, which is not followed: write the right address into {}", answer,
        discovery::shown(location), keys.url);
  }

  static std::string why_lost(error_code error) {
    if (error == websocket::error::closed) return "it closed the connection";
    if (error == websocket::error::message_too_big) {
      return fmt::format("it sent a message of more than {} MB, and no list of a home has as much",
                         frame_bytes_max / (1024UL * 1024));
    }
    return "the connection was lost: " + error.message();
  }

  asio::awaitable<void> read() {
    // What the listener sends at once waits for this one write; two at a time are none.
    listener->ha_socket_opened();
    if (listener == nullptr) co_return;
    open = true;
    if (!out.empty()) write_next();
    while (listener != nullptr) {
      error_code error;
      co_await stream->async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return end(why_lost(error));
      if (listener == nullptr) co_return;
      buffer.prepare(discovery::json_padding);  // may move the data, so it goes first
      const auto data = buffer.cdata();
      listener->ha_socket_frame({{static_cast<const char*>(data.data()), data.size()}});
      buffer.consume(buffer.size());
      if (buffer.capacity() > buffer_bytes_kept) buffer = beast::flat_buffer(frame_bytes_max);
    }
  }

  void write_next() override {
    stream->text(true);
    stream->async_write(asio::buffer(out.front()),
                        [self = shared_from_this(), this](error_code error, std::size_t) {
                          if (error) return end("the connection was lost: " + error.message());
                          out.pop_front();
                          if (open && !out.empty()) write_next();
                        });
  }

  void shut() override {
    if (!stream) return;
    error_code ignored;
    beast::get_lowest_layer(*stream).socket().shutdown(tcp::socket::shutdown_both, ignored);
    beast::get_lowest_layer(*stream).close();
  }
};

}  // namespace

HaSocket::HaSocket(asio::io_context& loop, HaSettings settings, HaSocketListener& listener)
    : loop_(loop), settings_(std::move(settings)), listener_(listener) {}

HaSocket::~HaSocket() { close(); }

void HaSocket::open() {
  close();
  if (read_url(settings_.url).tls) {
    current_ = std::make_shared<StreamConversation<TlsStream>>(loop_, settings_, listener_);
  } else {
    current_ = std::make_shared<StreamConversation<PlainStream>>(loop_, settings_, listener_);
  }
  asio::co_spawn(
      loop_, [conversation = current_]() { return conversation->run(); },
      [conversation = current_](const std::exception_ptr& fault) {
        if (fault != nullptr) conversation->end(text_of(fault));
      });
}

void HaSocket::close() {
  if (current_ == nullptr) return;
  current_->listener = nullptr;
  current_->open = false;
  current_->shut();
  current_.reset();
}

void HaSocket::perform(std::vector<HaEffect>& effects) {
  for (HaEffect& effect : effects) {
    if (std::holds_alternative<HaOpen>(effect)) {
      open();
    } else if (std::holds_alternative<HaClose>(effect)) {
      close();
    } else if (current_ != nullptr) {
      current_->send(std::move(std::get<HaSend>(effect).frame));
    }
  }
}

}  // namespace bridge::io
