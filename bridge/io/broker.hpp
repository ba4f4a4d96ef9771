// The broker, by Paho: one thread, the hand, makes every call to the library, because any of them
// may block for seconds while some client resolves a name. The loop hands it batches and hears
// events; Paho's own callbacks only post.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "bridge/effects.hpp"
#include "bridge/io/mailbox.hpp"

namespace bridge::io {

struct BrokerSettings {
  std::vector<std::string> urls;  // mqtt://host[:port] or mqtts://host[:port], tried in turn
  std::string client_id;          // of the main line; the bulk line adds -read
  std::string username;
  std::string password;
  std::string ca_file;  // empty: the system's
  std::string cert_file;
  std::string key_file;
  std::chrono::seconds keepalive{10};
};

/// Hears what the broker's connections do, on the loop's thread.
struct BrokerListener {
  virtual ~BrokerListener() = default;
  virtual void broker_opened(Line line, const BrokerLimits& limits) = 0;
  /// `reason` is the MQTT 5 reason code of a refusal, 0 when there was none.
  virtual void broker_closed(Line line, const std::string& why, int reason) = 0;
  virtual void broker_message(Line line, const Message& message) = 0;
  virtual void broker_acknowledged(std::uint64_t token, bool accepted) = 0;
  virtual void broker_notice(Level level, const std::string& text) = 0;
  /// All events that were waiting have been told.
  virtual void broker_events_done() = 0;
};

class Broker {
 public:
  Broker(boost::asio::io_context& loop, BrokerSettings settings, BrokerListener& listener);
  /// Ends the connections in good order, with `offline` unless that was acknowledged.
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Carries out what machines wish, in order.
  void perform(std::vector<BrokerEffect>& effects);

 private:
  class Connection;
  struct Opened {
    BrokerLimits limits;
  };
  struct Closed {
    std::string why;
    int reason;
  };
  struct Acknowledged {
    std::uint64_t token;
    bool accepted;
  };
  struct Notice {
    Level level;
    std::string text;
  };
  struct Event {
    Line line;
    std::uint64_t connection;  // its number; events of one that was given up are passed over
    std::variant<Opened, Closed, Acknowledged, Message, Notice> what;
  };
  struct Order {
    std::uint64_t connection;
    BrokerEffect what;
  };

  void work();
  void carry_out(Order& order);
  void open(const BrokerOpen& open, std::uint64_t number);
  void tell(Event event);
  void hear();
  void hear(Event& event);

  boost::asio::io_context& loop_;
  BrokerSettings settings_;
  BrokerListener& listener_;
  Mailbox<Order> orders_;
  Mailbox<Event> events_;
  std::atomic<std::uint32_t> wake_{0};
  std::atomic<bool> ending_{false};
  std::uint64_t current_[2] = {0,
                               0};  // number of the connection of each line, as the loop knows it
  std::uint64_t connections_ = 0;
  std::unique_ptr<Connection> lines_[2];  // the hand's own
  std::size_t attempts_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::thread hand_;
};

}  // namespace bridge::io
