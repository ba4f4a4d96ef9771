#include "tests/scripted_ha/client.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace scripted_ha {

namespace asio = boost::asio;
namespace beast = boost::beast;

Client::Client(unsigned short port) : stream_(context_) {
  auto& socket = stream_.next_layer();
  socket.connect({asio::ip::address_v4::loopback(), port});
  const timeval ten_seconds{10, 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
  stream_.read_message_max(64 << 20);
  stream_.handshake("127.0.0.1", "/api/websocket");
}

void Client::send_text(const std::string& text) {
  stream_.text(true);
  stream_.write(asio::buffer(text));
}

std::optional<std::string> Client::frame() {
  beast::flat_buffer buffer;
  beast::error_code error;
  stream_.read(buffer, error);
  if (error) return std::nullopt;
  return beast::buffers_to_string(buffer.data());
}

Json Client::message() {
  if (waiting_.empty()) {
    const auto text = frame();
    if (!text) return nullptr;
    Json content = Json::parse(*text);
    if (!content.is_array()) return content;
    waiting_.assign(content.rbegin(), content.rend());
  }
  Json next = std::move(waiting_.back());
  waiting_.pop_back();
  return next;
}

Json Client::log_in(const std::string& token) {
  message();
  send({{"type", "auth"}, {"access_token", token}});
  return message();
}

Json Client::ask(const std::string& type, Json fields) {
  Json command{{"id", ++last_id_}, {"type", type}};
  command.update(fields);
  send(command);
  while (true) {
    Json next = message();
    const bool answer = member(next, "id") == last_id_ && member(next, "type") != "event";
    if (next.is_null() || answer) return next;
    heard_.push_back(std::move(next));
  }
}

std::vector<Json> Client::heard() {
  ask("ping");
  return std::exchange(heard_, {});
}

}  // namespace scripted_ha
