// One attempt at a connection to the broker: a Paho client that is made for it and never used
// again.
#pragma once

#include <mqtt/async_client.h>

#include <atomic>
#include <functional>

#include "bridge/io/broker.hpp"

namespace bridge::io {

class Broker::Connection : public mqtt::iaction_listener {
 public:
  using Tell = std::function<void(decltype(Event::what))>;
  /// It ended before its time was over, perhaps for want of agreement; the text is what Paho knows.
  using Fail = std::function<void(std::string)>;

  Connection(const BrokerSettings& settings, const std::string& url, const BrokerOpen& open,
             Tell tell, Fail fail);
  ~Connection() override;

  void connect();
  void publish(Publish message);
  void subscribe(const Subscribe& request);
  void unsubscribe(const Unsubscribe& request);
  /// Says goodbye, and before it what the will says, unless the broker has acknowledged that
  /// already: else `online` would stand there for ever.
  void disconnect();

 private:
  // Paho's threads call these; they only tell.
  void on_success(const mqtt::token& token) override;
  void on_failure(const mqtt::token& token) override;
  void connected(const mqtt::token& token);
  void tell_refused(const std::string& filter, int reason);

  const BrokerSettings& settings_;
  std::string url_;
  std::string will_topic_;
  Time began_{};  // the attempt
  Time share_{};  // of the time for all addresses
  Tell tell_;
  Fail fail_;
  // The message that said what the will says, if nothing was said there after it; 0: none.
  std::atomic<std::uint64_t> offline_token_{0};
  std::atomic<std::uint64_t> acknowledged_offline_{0};
  mqtt::async_client client_;
};

/// tcp://host:1883 of mqtt://host, as Paho wants it.
std::string paho_url(const std::string& url);

/// Whether such a URL of Paho's is one with TLS.
bool is_secure(const std::string& url);

}  // namespace bridge::io
