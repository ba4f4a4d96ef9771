#include "bridge/cli/shell.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdlib>
#include <iostream>
#include <random>

#include "discovery/topic.hpp"

namespace bridge::cli {

std::string client_name() { return "cli_" + std::to_string(std::random_device{}()); }

std::string marker_topic(const Settings& settings) {
  const std::string name = client_name();
  const bool has_instance = !settings.instance.empty();
  const discovery::Topics topics(settings.root, has_instance ? settings.instance : name);
  return topics.reply(has_instance ? "read/" + name : "read");
}

io::BrokerSettings with_client_id(io::BrokerSettings settings, const std::string& name) {
  settings.client_id = "statebus-" + name;
  return settings;
}

bool shows_colour() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

std::string on_one_line(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters, too: two bytes in UTF-8.
    const bool second =
        i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xc2 && byte >= 0x80 && byte < 0xa0;
    if (second) text[i - 1] = ' ';
    if (second || byte < 0x20 || byte == 0x7f) text[i] = ' ';
  }
  return text;
}

int fail(int code, const std::string& text) {
  std::cerr << "statebus: " << on_one_line(text) << '\n';
  return code;
}

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
