#include "tests/scripted_ha/server.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/scripted_ha/socket.hpp"

namespace scripted_ha {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Server::Server(asio::io_context& context, House& house, Services& services, ServerOptions options)
    : context_(context),
      house_(house),
      services_(services),
      options_(options),
      port_(options.port),
      acceptor_(context),
      timer_(context),
      thaw_(std::make_shared<asio::steady_timer>(context)) {
  thaw_->expires_at(asio::steady_timer::time_point::max());
  listen();
}

Server::~Server() {
  for (const auto& socket : sockets_) socket->cut();
  thaw_->cancel();
}

void Server::listen() {
  acceptor_.open(tcp::v4());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind({asio::ip::address_v4::loopback(), port_});
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  accept();
}

void Server::accept() {
  acceptor_.async_accept(
      [this, alive = std::weak_ptr(alive_)](error_code error, tcp::socket client) {
        if (error || alive.expired()) return;
        client.set_option(tcp::no_delay(true));
        const auto socket = std::make_shared<Socket>(std::move(client), *this);
        sockets_.insert(socket);
        socket->start();
        accept();
      });
}

std::size_t Server::clients() const {
  return static_cast<std::size_t>(
      std::count_if(sockets_.begin(), sockets_.end(), [](const auto& socket) {
        return socket->connection() != nullptr && socket->connection()->authenticated();
      }));
}

void Server::stop() {
  acceptor_.close();
  for (const auto& socket : sockets_) socket->close();
  house_.stop();
}

void Server::start() {
  if (!acceptor_.is_open()) listen();
}

void Server::after(double seconds, std::function<void()> step) {
  timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds)));
  timer_.async_wait([step = std::move(step), alive = std::weak_ptr(alive_)](error_code error) {
    if (!error && !alive.expired()) step();
  });
}

void Server::restart(Restart plan, std::function<void()> done) {
  stop();
  after(plan.down, [this, plan, done = std::move(done)] {
    start();
    after(plan.loading, [this, plan, done] {
      house_.set_core_state(CoreState::starting);
      after(plan.starting, [this, done] {
        house_.load_states();
        house_.set_core_state(CoreState::running);
        if (done) done();
      });
    });
  });
}

void Server::drop() {
  for (const auto& socket : std::exchange(sockets_, {})) socket->cut();
}

void Server::freeze(bool frozen) {
  frozen_ = frozen;
  if (frozen) return;
  thaw_->cancel();
  for (const auto& socket : sockets_) socket->resume();
}

asio::awaitable<void> Server::thawed(Server* const& server) {
  // The socket forgets its server when that ends, so the pointer is looked at anew each time.
  while (server != nullptr && server->frozen_) {
    const auto timer = server->thaw_;
    error_code ignored;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void Server::send_change(const std::string& entity_id, std::string_view event_head) {
  for (const auto& socket : sockets_) {
    if (socket->connection() != nullptr) socket->connection()->send_change(entity_id, event_head);
  }
}

std::size_t Server::followers() const {
  const auto follows = [](const auto& socket) {
    return socket->connection() != nullptr && socket->connection()->has_entity_subscription();
  };
  return static_cast<std::size_t>(std::count_if(sockets_.begin(), sockets_.end(), follows));
}

std::size_t Server::longest_queue() const {
  std::size_t longest = 0;
  for (const auto& socket : sockets_) longest = std::max(longest, socket->pending());
  return longest;
}

}  // namespace scripted_ha
