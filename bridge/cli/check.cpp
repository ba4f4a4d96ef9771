// `statebus check`: reads the configuration, reaches Home Assistant and the broker, and tells what
// would happen. It changes nothing; what it publishes are probes that nobody keeps, and one that it
// clears again.
#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "bridge/cli/checkup.hpp"
#include "bridge/cli/commands.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

// For Home Assistant and the first broker, and for each further one.
constexpr std::chrono::seconds patience{40};

void print(const std::vector<Finding>& findings, bool json) {
  if (json) {
    discovery::Json list = discovery::Json::array();
    for (const Finding& finding : findings) {
      const char* const mark = finding.mark == Mark::good   ? "ok"
                               : finding.mark == Mark::note ? "note"
                                                            : "problem";
      list.push_back({{"mark", mark}, {"about", finding.about}, {"text", finding.text}});
    }
    std::cout << list.dump(2, ' ', false, discovery::Json::error_handler_t::replace) << '\n';
    return;
  }
  for (const Finding& finding : findings) {
    const auto [word, colour] =
        finding.mark == Mark::good   ? std::pair{"ok", fmt::terminal_color::green}
        : finding.mark == Mark::note ? std::pair{"note", fmt::terminal_color::yellow}
                                     : std::pair{"PROBLEM", fmt::terminal_color::red};
    const auto style = shows_colour() ? fmt::fg(colour) : fmt::text_style{};
    fmt::print("{}  {}: {}\n", fmt::format(style, "{:7}", word), finding.about,
               on_one_line(finding.text));
  }
}

}  // namespace

int check(const std::string& config_file, bool json) {
  const Config config = read_config(config_file);
  boost::asio::io_context loop(1);
  Checkup checkup(loop, config);
  checkup.start();
  run_until(loop, patience * config.broker.urls.size(), [&] { return checkup.tick(); });
  std::vector<Finding> findings = checkup.findings();
  findings.insert(findings.begin(), {Mark::good, "configuration", config_file + " is valid"});
  print(findings, json);
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.mark == Mark::bad; })
             ? 1
             : 0;
}

}  // namespace bridge::cli
