// Talks to Home Assistant and the broker at once, as `statebus check` does, and keeps what it
// finds.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/config.hpp"
#include "bridge/cli/ha_survey.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/consumers.hpp"
#include "bridge/gathering.hpp"
#include "bridge/io/runner.hpp"
#include "bridge/probing.hpp"

namespace bridge::cli {

enum class Mark { good, note, bad };

struct Finding {
  Mark mark;
  std::string about;  // configuration, home_assistant, broker
  std::string text;
};

class Checkup : private io::BrokerListener {
 public:
  Checkup(boost::asio::io_context& loop, const Config& config)
      : config_(config),
        name_(client_name()),
        topics_(config.settings.root, config.settings.instance),
        ha_(loop, config),
        gathering_(config.settings.root, name_, true, [](const auto&, const auto&, const auto&) {}),
        broker_(loop, with_client_id(config.broker, config.settings.instance + "-check"), *this) {}

  void start() {
    ha_.start();
    gathering_.start(io::now(), effects_);
    perform();
  }

  /// When it is to be called again; nothing once all is known.
  std::optional<Time> tick();
  std::vector<Finding> findings();

 private:
  void perform() {
    Effects todo = std::exchange(effects_, {});
    broker_.perform(todo.broker);
  }

  void broker_opened(Line line, const BrokerLimits& limits) override {
    if (line == Line::main) limits_ = limits;
    gathering_.opened(line, io::now(), effects_);
  }
  void broker_closed(Line line, const std::string& why, int reason) override {
    broker_reason_ = reason;
    gathering_.closed(line, why, reason, io::now(), effects_);
  }
  void broker_message(Line line, const Message& message) override {
    if (line == Line::main && probing_ && probing_->arrived(message)) return;
    gathering_.arrived(message, line, io::now(), effects_);
  }
  void broker_acknowledged(std::uint64_t token, bool accepted) override {
    if (probing_) probing_->acknowledged(token, accepted, io::now());
  }
  void broker_notice(Level, const std::string& text) override { notices_.push_back(text); }
  void broker_events_done() override { perform(); }

  void find_ha(std::vector<Finding>& out) const;
  void find_broker(std::vector<Finding>& out) const;
  void find_rights(std::vector<Finding>& out) const;
  static void find_command_rights(const Trial& trial, std::vector<Finding>& out);
  std::vector<std::string> announced_prefixes() const;
  void find_neighbours(std::vector<Finding>& out) const;

  const Config& config_;
  std::string name_;
  discovery::Topics topics_;
  HaSurvey ha_;
  Gathering gathering_;
  std::optional<Probing> probing_;  // once it is known who asks
  Effects effects_;
  io::Broker broker_;
  BrokerLimits limits_;
  int broker_reason_ = 0;
  std::vector<std::string> notices_;
};

}  // namespace bridge::cli
