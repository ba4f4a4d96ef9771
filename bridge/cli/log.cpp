#include "bridge/cli/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "bridge/cli/shell.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

bool as_json = false;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void set_up_log(const std::string& level, const std::string& format) {
  spdlog::drop("statebus");  // of an earlier call
  auto logger = spdlog::stderr_color_mt("statebus");
  as_json = format == "json";
  logger->set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})"
                              : "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger->set_level(level == "warning" ? spdlog::level::warn : spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_line(const LogLine& line) {
  if (!as_json) return spdlog::log(level_of(line.level), "{}", on_one_line(line.text));
  std::string quoted;
  discovery::append_json_string(quoted, line.text);
  spdlog::log(level_of(line.level), "{}", quoted);
}

}  // namespace bridge::cli
