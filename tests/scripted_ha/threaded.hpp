// A scripted Home Assistant on a thread of its own, for tests that do not run an io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "tests/scripted_ha/server.hpp"

namespace scripted_ha {

class Threaded {
 public:
  /// What lives on the thread.
  struct Parts {
    boost::asio::io_context context{1};
    House house;
    Services services{house};
    Server server;

    Parts(HouseOptions house_options, ServerOptions server_options)
        : house(std::move(house_options)), server(context, house, services, server_options) {}
  };

  explicit Threaded(HouseOptions house_options = {}, ServerOptions server_options = {})
      : parts_(std::move(house_options), server_options),
        port_(parts_.server.port()),
        thread_([this] { parts_.context.run(); }) {}

  ~Threaded() {
    parts_.context.stop();
    thread_.join();
  }

  unsigned short port() const { return port_; }

  /// Runs `work(Parts&)` on the thread and gives what it returns or throws; the messages that it
  /// causes are written later.
  template <typename Work>
  auto run(Work work) -> decltype(work(std::declval<Parts&>())) {
    // Shared, because the thread may still be on its way out of the task when the result is there.
    using Task = std::packaged_task<decltype(work(parts_))()>;
    const auto task = std::make_shared<Task>([&] { return work(parts_); });
    auto result = task->get_future();
    boost::asio::post(parts_.context, [task] { (*task)(); });
    return result.get();
  }

 private:
  Parts parts_;
  unsigned short port_;
  std::thread thread_;
};

}  // namespace scripted_ha
