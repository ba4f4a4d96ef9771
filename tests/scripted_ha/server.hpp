// The scripted Home Assistant on a port of the loopback interface.
//
// It runs in the caller's io_context: a test may step that, or use Threaded (threaded.hpp). All
// calls must come from the thread that runs the io_context, or while nobody runs it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>

#include "tests/scripted_ha/services.hpp"

namespace scripted_ha {

class Socket;

/// Home Assistant's limits (websocket_api/const.py), which a test may lower.
struct QueueLimits {
  std::size_t pending_max = 4096;  // so many messages end the connection
  std::size_t pending_peak = 1024;
  std::chrono::seconds peak_time{10};  // longer above the peak ends the connection as well
  /// Messages in one frame. Home Assistant forces a frame at this number, but joins all that wait.
  std::size_t array_max = 256;
};

struct ServerOptions {
  unsigned short port = 0;  // 0: any that is free
  QueueLimits limits;
};

/// How long each part of a restart takes, in seconds.
struct Restart {
  double down = 1;        // nobody listens
  double loading = 0.1;   // NOT_RUNNING and without states
  double starting = 0.1;  // STARTING; registered entities are `unavailable` with `restored`
};

class Server {
 public:
  /// Listens at once. `house` and `services` must outlive it; throws when the port is taken.
  Server(boost::asio::io_context& context, House& house, Services& services,
         ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  unsigned short port() const { return port_; }
  House& house() { return house_; }
  Services& services() { return services_; }
  const ServerOptions& options() const { return options_; }

  /// Clients that have logged in.
  std::size_t clients() const;

  /// Home Assistant ends: all connections are closed with 1000 and new ones refused; the house
  /// keeps its states aside (House::stop).
  void stop();
  /// It listens again, on the same port.
  void start();
  /// stop, start, STARTING, the states again, RUNNING; then `done`.
  void restart(Restart plan, std::function<void()> done = {});

  /// Cuts all connections without a close frame.
  void drop();

  /// While frozen it takes connections and frames, and answers nothing.
  void freeze(bool frozen);
  bool frozen() const { return frozen_; }

  /// Answers every request with this status, such as 403 for a banned address or 503; 0 ends that.
  void refuse(unsigned status) { refusal_ = status; }
  unsigned refusal() const { return refusal_; }

  /// Sends a change that the house does not tell by itself (load.hpp).
  void send_change(const std::string& entity_id, std::string_view event_head);
  /// Clients that hear changes of states.
  std::size_t followers() const;
  /// Messages that wait at the client who has most of them waiting.
  std::size_t longest_queue() const;

  // For Socket.
  void forget(const std::shared_ptr<Socket>& socket) { sockets_.erase(socket); }
  static boost::asio::awaitable<void> thawed(Server* const& server);

 private:
  void listen();
  void accept();
  void after(double seconds, std::function<void()> step);

  boost::asio::io_context& context_;
  House& house_;
  Services& services_;
  ServerOptions options_;
  unsigned short port_ = 0;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<boost::asio::steady_timer> thaw_;
  std::set<std::shared_ptr<Socket>> sockets_;
  bool frozen_ = false;
  unsigned refusal_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace scripted_ha
