// A WebSocket client for the tests: it blocks, and gives up after ten seconds.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <string>
#include <vector>

#include "tests/scripted_ha/json.hpp"

namespace scripted_ha {

class Client {
 public:
  /// Connects and upgrades; throws boost::system::system_error.
  explicit Client(unsigned short port);

  void send(const Json& message) { send_text(to_text(message)); }
  void send_text(const std::string& text);

  /// The text of the next frame; nothing after the server closed or after ten silent seconds.
  std::optional<std::string> frame();

  /// The next message, also out of an array; null when there is no more.
  Json message();

  /// Logs in, and gives the answer.
  Json log_in(const std::string& token = "token");

  /// Sends a command with the next id and gives its result, error or pong; what comes before stays
  /// in `heard`.
  Json ask(const std::string& type, Json fields = Json::object());

  /// Everything that was heard until the answer to a ping.
  std::vector<Json> heard();

  std::int64_t last_id() const { return last_id_; }
  /// The close code that the server gave; 0 without one.
  unsigned close_code() const { return stream_.reason().code; }

 private:
  boost::asio::io_context context_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  std::int64_t last_id_ = 0;
  std::vector<Json> waiting_;  // the rest of an array, last first
  std::vector<Json> heard_;
};

}  // namespace scripted_ha
