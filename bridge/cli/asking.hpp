// A question to a bridge over the broker: what it has there is heard first, then the question is
// asked, and what comes of it is heard. For the commands that wait for an answer.
#pragma once

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"

namespace bridge::cli {

class Asking : private io::BrokerListener {
 public:
  /// What is wrong with the broker; empty: nothing.
  const std::string& failure() const { return failure_; }

 protected:
  /// `marker` is a topic that this client may write and read, and not retained.
  Asking(boost::asio::io_context& loop, const Config& config, const std::string& client,
         std::string marker, std::vector<std::string> filters)
      : marker_(std::move(marker)),
        filters_(std::move(filters)),
        broker_(loop, with_client_id(config.broker, client), *this) {
    perform({BrokerOpen{Line::main, {}}});
  }

  void publish(std::string topic, std::string payload) {
    perform(
        {Publish{.line = Line::main, .topic = std::move(topic), .payload = std::move(payload)}});
  }

 private:
  /// A message that one of the filters matches, or that has come at the marker later.
  virtual void heard(const Message& message) = 0;
  /// All that is retained has been heard.
  virtual void retained_heard() = 0;

  void broker_opened(Line, const BrokerLimits&) override {
    // What is retained comes before the marker that follows it.
    Subscribe subscribe{Line::main, {{.filter = marker_}}};
    for (const std::string& filter : filters_) {
      subscribe.subscriptions.push_back({.filter = filter});
    }
    perform({std::move(subscribe)});
    publish(marker_, "1");
  }
  void broker_closed(Line, const std::string& why, int) override { failure_ = why; }
  void broker_acknowledged(std::uint64_t, bool) override {}
  void broker_notice(Level level, const std::string& text) override {
    if (level == Level::error) {
      failure_ = text;
    } else {
      std::cerr << "statebus: " << text << '\n';
    }
  }
  void broker_events_done() override {}
  void broker_message(Line, const Message& message) override {
    if (message.topic == marker_ && !std::exchange(is_marked_, true)) return retained_heard();
    heard(message);
  }

  /// It takes what it is given apart.
  void perform(std::vector<BrokerEffect> effects) { broker_.perform(effects); }

  std::string marker_;
  std::vector<std::string> filters_;
  std::string failure_;
  bool is_marked_ = false;
  io::Broker broker_;
};

}  // namespace bridge::cli
