// Some retained topics of the broker, read once for the commands that look at it.
#pragma once

#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/bulk_read.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/explanation.hpp"
#include "bridge/io/clock.hpp"
#include "discovery/topic.hpp"

namespace bridge::cli {

class TopicReader : private io::BrokerListener {
 public:
  TopicReader(boost::asio::io_context& loop, const Config& config)
      : bulk_(marker_topic(config.settings), [this](const Message& message) { keep(message); }),
        broker_(loop, with_client_id(config.broker, client_name()), *this) {}

  void start(std::vector<std::string> filters) {
    // What is read in several steps is of one broker.
    bulk_.start(std::move(filters), io::now(), effects_, std::exchange(has_started_, true));
    broker_events_done();
  }
  /// When it is to be called again; nothing once all is read.
  std::optional<Time> tick() {
    bulk_.tick(io::now(), effects_);
    broker_events_done();
    if (bulk_.state() != BulkRead::State::running) return std::nullopt;
    return bulk_.deadline();
  }

  const Retained& held() const { return held_; }
  /// Of the broker that was read.
  const std::string& url() const { return limits_.url; }
  std::uint32_t packet_bytes_max() const { return limits_.packet_bytes_max; }
  /// Empty when all was read.
  std::string failure() const {
    if (bulk_.state() == BulkRead::State::done) return {};
    return bulk_.failure().empty() ? "it did not answer in time" : bulk_.failure();
  }

 private:
  void keep(const Message& message) {
    if (message.payload.empty()) {
      held_.erase(message.topic);
    } else {
      held_[message.topic] = message.payload;
    }
  }

  void broker_opened(Line, const BrokerLimits& limits) override {
    limits_ = limits;
    bulk_.opened(io::now(), effects_);
  }
  void broker_closed(Line, const std::string& why, int reason) override {
    bulk_.closed(why, reason, effects_);
  }
  void broker_message(Line, const Message& message) override {
    bulk_.arrived(message, io::now(), effects_);
  }
  void broker_acknowledged(std::uint64_t token, bool) override {
    bulk_.acknowledged(token, io::now());
  }
  void broker_notice(Level, const std::string& text) override {
    std::cerr << "statebus: " << text << '\n';
  }
  void broker_events_done() override {
    Effects todo = std::exchange(effects_, {});
    broker_.perform(todo.broker);
  }

  Retained held_;
  BrokerLimits limits_;
  BulkRead bulk_;
  bool has_started_ = false;
  Effects effects_;
  io::Broker broker_;
};

}  // namespace bridge::cli
