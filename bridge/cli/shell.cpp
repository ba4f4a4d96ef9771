#include "bridge/cli/shell.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdlib>
#include <random>

namespace bridge::cli {

std::string client_name() { return "cli_" + std::to_string(std::random_device{}()); }

bool shows_colour() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

bool run_until(boost::asio::io_context& loop, std::chrono::milliseconds limit,
               const std::function<std::optional<Time>()>& step) {
  const auto work = boost::asio::make_work_guard(loop);
  const auto end = std::chrono::steady_clock::now() + limit;
  while (const std::optional<Time> due = step()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    const std::chrono::steady_clock::time_point next(std::min<Time>(*due, Time::max() / 1'000'000));
    loop.run_one_until(std::min(end, next));
    loop.restart();
  }
  return true;
}

}  // namespace bridge::cli
