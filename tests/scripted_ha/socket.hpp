// One client's TCP connection: the upgrade, the frames, and the queue of messages not yet written.
//
// The queue is released as Home Assistant's websocket_api/http.py does it: a lone message goes as
// a bare object, several as one array when the client asked for that, and a client that lets too
// many wait is disconnected.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "tests/scripted_ha/http.hpp"
#include "tests/scripted_ha/protocol.hpp"
#include "tests/scripted_ha/server.hpp"

namespace scripted_ha {

class Socket : public std::enable_shared_from_this<Socket> {
 public:
  using Tcp = boost::asio::ip::tcp;

  Socket(Tcp::socket socket, Server& server);

  /// Reads the request and serves it until the client or the server ends.
  void start();

  /// Ends with close code 1000, as all of Home Assistant's own reasons do; what waits is dropped.
  void close();

  /// Cuts the connection and never calls the server again.
  void cut();

  /// Writes what has waited while the server was frozen.
  void resume();

  /// Null before the upgrade and after the end.
  Connection* connection() { return connection_.get(); }
  std::size_t pending() const { return queue_.size(); }

 private:
  using WebSocket = boost::beast::websocket::stream<boost::beast::tcp_stream>;
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<void> answer(HttpReply reply, Request request);
  boost::asio::awaitable<void> upgrade(Request request);
  void enqueue(std::string message);
  void release();
  void write();
  void on_written(boost::beast::error_code error);
  std::string next_frame();
  bool over_peak();

  WebSocket stream_;
  Server* server_;
  QueueLimits limits_;
  std::unique_ptr<Connection> connection_;
  boost::beast::flat_buffer input_;
  std::deque<std::string> queue_;
  std::string frame_;
  std::size_t release_size_ = 0;  // length of the queue when its release was last put off
  bool writing_ = false;
  bool closing_ = false;
  bool close_when_written_ = false;
  std::chrono::steady_clock::time_point peak_since_{};
};

}  // namespace scripted_ha
