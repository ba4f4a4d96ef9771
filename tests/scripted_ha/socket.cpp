#include "tests/scripted_ha/socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace scripted_ha {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

Socket::Socket(Tcp::socket socket, Server& server)
    : stream_(std::move(socket)), server_(&server), limits_(server.options().limits) {}

void Socket::start() {
  asio::co_spawn(
      stream_.get_executor(), [self = shared_from_this()] { return self->run(); }, asio::detached);
}

asio::awaitable<void> Socket::run() {
  try {
    co_await serve();
  } catch (const boost::system::system_error&) {
    // The client has gone, or the server has ended the connection.
  }
  connection_.reset();
  if (server_ != nullptr) server_->forget(shared_from_this());
}

asio::awaitable<void> Socket::serve() {
  Request request;
  stream_.next_layer().expires_after(std::chrono::seconds(30));
  co_await http::async_read(stream_.next_layer(), input_, request, asio::use_awaitable);
  co_await Server::thawed(server_);
  if (server_ == nullptr) co_return;
  const bool upgrades = websocket::is_upgrade(request) && request.target() == "/api/websocket";
  if (server_->refusal() != 0) {
    co_await answer(bare_reply(server_->refusal()), std::move(request));
  } else if (upgrades) {
    co_await upgrade(std::move(request));
  } else {
    HttpReply reply =
        answer_http(server_->house(), request.target(), request[http::field::authorization]);
    co_await answer(std::move(reply), std::move(request));
  }
}

asio::awaitable<void> Socket::answer(HttpReply reply, Request request) {
  http::response<http::string_body> response(http::int_to_status(reply.status), request.version());
  response.set(http::field::content_type, reply.content_type);
  response.keep_alive(false);
  response.body() = std::move(reply.body);
  response.prepare_payload();
  co_await http::async_write(stream_.next_layer(), response, asio::use_awaitable);
  stream_.next_layer().socket().shutdown(Tcp::socket::shutdown_send);
}

asio::awaitable<void> Socket::upgrade(Request request) {
  stream_.next_layer().expires_never();
  auto timeout = websocket::stream_base::timeout::suggested(beast::role_type::server);
  timeout.idle_timeout = std::chrono::seconds(110);  // a ping after 55 s of silence
  stream_.set_option(timeout);
  websocket::permessage_deflate deflate;
  deflate.server_enable = true;  // used if the client offers it, as aiohttp does
  stream_.set_option(deflate);
  stream_.auto_fragment(false);
  stream_.read_message_max(4 << 20);
  stream_.text(true);
  co_await stream_.async_accept(request, asio::use_awaitable);
  if (server_ == nullptr) co_return;
  connection_ =
      std::make_unique<Connection>(server_->house(), server_->services(),
                                   [this](std::string message) { enqueue(std::move(message)); });
  connection_->open();
  while (!closing_) {
    const std::size_t size = co_await stream_.async_read(input_, asio::use_awaitable);
    co_await Server::thawed(server_);
    if (server_ == nullptr || closing_) co_return;
    const std::string_view text(static_cast<const char*>(input_.data().data()), size);
    if (!connection_->receive(text)) {
      close_when_written_ = true;
      if (!writing_ && queue_.empty()) close();
    }
    input_.consume(size);
  }
}

void Socket::enqueue(std::string message) {
  if (closing_ || close_when_written_) return;
  queue_.push_back(std::move(message));
  if (queue_.size() >= limits_.pending_max || over_peak()) return close();
  if (release_size_ != 0) return;
  release_size_ = queue_.size();
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->release(); });
}

bool Socket::over_peak() {
  const auto now = std::chrono::steady_clock::now();
  if (queue_.size() <= limits_.pending_peak) {
    peak_since_ = now;
    return false;
  }
  return now - peak_since_ > limits_.peak_time;
}

void Socket::release() {
  if (writing_ || queue_.empty()) {
    release_size_ = 0;
    return;
  }
  // While the queue still grows, the release is put off, so that more goes in one frame.
  if (queue_.size() > release_size_ && release_size_ < limits_.array_max) {
    release_size_ = queue_.size();
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->release(); });
    return;
  }
  release_size_ = 0;
  write();
}

std::string Socket::next_frame() {
  const std::size_t count = std::min(queue_.size(), limits_.array_max);
  if (count == 1 || connection_ == nullptr || !connection_->coalesces()) {
    std::string frame = std::move(queue_.front());
    queue_.pop_front();
    return frame;
  }
  std::string frame = "[";
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0) frame += ',';
    frame += queue_.front();
    queue_.pop_front();
  }
  return frame += ']';
}

void Socket::write() {
  if (closing_ || server_ == nullptr || server_->frozen()) return;
  writing_ = true;
  frame_ = next_frame();
  stream_.async_write(asio::buffer(frame_),
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        self->on_written(error);
                      });
}

void Socket::on_written(beast::error_code error) {
  writing_ = false;
  if (error || closing_) return;
  if (!queue_.empty()) {
    write();
  } else if (close_when_written_) {
    close();
  }
}

void Socket::resume() {
  if (!writing_ && !queue_.empty()) write();
}

void Socket::close() {
  if (closing_) return;
  closing_ = true;
  queue_.clear();
  // Posted, because a listener of the house may stand above this call.
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->stream_.is_open()) return self->stream_.next_layer().close();
    self->stream_.async_close(websocket::close_code::normal,
                              [self](beast::error_code) { self->stream_.next_layer().close(); });
  });
}

void Socket::cut() {
  closing_ = true;
  server_ = nullptr;
  queue_.clear();
  connection_.reset();
  stream_.next_layer().close();
}

}  // namespace scripted_ha
