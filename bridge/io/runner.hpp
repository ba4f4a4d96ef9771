// The shell around the publishing role: carries out what it wishes, tells it what happened, and
// wakes it when something is due. One loop, one timer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "bridge/io/broker.hpp"
#include "bridge/io/clock.hpp"
#include "bridge/io/ha_socket.hpp"
#include "bridge/publish_role.hpp"
#include "bridge/wakefulness.hpp"

namespace bridge::io {

class Runner : private HaSocketListener, private BrokerListener {
 public:
  using Log = std::function<void(const LogLine&)>;

  Runner(boost::asio::io_context& loop, Settings settings, HaSettings ha, BrokerSettings broker,
         HaSession::Token token, Log log);

  void start();
  /// Says `offline`, waits for the broker to have it, at most two seconds, and stops the loop.
  void stop();

  /// What the filter leaves out from now on goes from the broker at once, without a guard: the user
  /// has said so.
  void set_filter(std::vector<discovery::FilterRule> rules);

  /// The token may be another one now.
  void token_may_be_new();

  /// Called once, when the instance has first called itself online.
  void on_online(std::function<void()> call) { on_online_ = std::move(call); }

 private:
  void ha_socket_opened() override;
  void ha_socket_frame(discovery::PaddedJson frame) override;
  void ha_socket_closed(const std::string& why, int http_status) override;
  void broker_opened(Line line, const BrokerLimits& limits) override;
  void broker_closed(Line line, const std::string& why, int reason) override;
  void broker_message(Line line, const Message& message) override;
  void broker_acknowledged(std::uint64_t token, bool accepted) override;
  void broker_notice(Level level, const std::string& text) override;
  void broker_events_done() override;

  void finish_step();
  void perform();
  void fetch_picture(FetchPicture wanted);
  void arm();
  void stay_awake();
  void note_awake(Time at);

  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer pulse_;
  Log log_;
  PublishRole role_;
  HaSettings ha_settings_;
  HaSocket ha_;
  Broker broker_;
  Effects effects_;
  Wakefulness wakefulness_;
  std::function<void()> on_online_;
  Time armed_for_ = never;
  Time stop_by_ = never;
};

}  // namespace bridge::io
