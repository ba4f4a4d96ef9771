// The broker, by Paho. Any call to the library may block for seconds while some client resolves a
// name, so that a thread of its own, the hand, makes them; only what is published while no
// connection comes or goes the loop passes on itself, which spares a thread's wake for each
// message. The loop hears events; Paho's own callbacks only post.
//
// Of several addresses one after the other is tried, from the first, and whoever wished for a
// connection hears no more of it than which one has answered, or that none has.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "bridge/effects.hpp"
#include "bridge/io/mailbox.hpp"
#include "bridge/io/room.hpp"
#include "bridge/io/tls_files.hpp"

namespace bridge::io {

struct BrokerSettings {
  std::vector<std::string> urls;  // mqtt://host[:port] or mqtts://host[:port], the first preferred
  std::string client_id;          // of the main line; the bulk line adds -read
  std::string username;
  std::string password;
  TlsFiles tls;
  std::chrono::seconds keepalive{10};
};

/// Hears what the broker's connections do, on the loop's thread.
struct BrokerListener {
  virtual ~BrokerListener() = default;
  virtual void broker_opened(Line line, const BrokerLimits& limits) = 0;
  /// `reason` is the MQTT 5 reason code of a refusal, 0 when there was none; of several brokers,
  /// that of the last one, if all have refused.
  virtual void broker_closed(Line line, const std::string& why, int reason) = 0;
  virtual void broker_message(Line line, const Message& message) = 0;
  virtual void broker_acknowledged(std::uint64_t token, bool accepted) = 0;
  /// An error is about the open connection, a warning about an address that was passed over.
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
    std::size_t address;  // in the list, of a connection that is to be opened
  };
  /// A line as the loop knows it.
  struct Attempt {
    std::uint64_t connection = 0;  // its number; 0: there is none
    BrokerOpen wanted;
    std::size_t address = 0;  // in the list
    bool is_open = false;
    bool all_refused = true;  // those that were tried, with a reason code
  };
  /// A connection with TLS that did not come about, and what Paho says of it.
  struct Failed {
    Line line;
    std::uint64_t connection;
    std::string url;
    std::string why;
  };

  void work();
  void carry_out(Order& order);
  void open(const BrokerOpen& open, std::uint64_t number, std::size_t address);
  void failed(Failed failure);
  void look_into(const Failed& failure);
  void tell(Event event);
  void hear();
  void hear(Event& event);
  bool order(BrokerEffect effect);
  void wake();
  bool may_publish_here() const;
  void opened(Line line, BrokerLimits limits);
  void closed(Line line, const Closed& closed);
  bool pass_over(Attempt& attempt, const Closed& closed);

  boost::asio::io_context& loop_;
  BrokerSettings settings_;
  BrokerListener& listener_;
  Mailbox<Order> orders_;
  Mailbox<Failed> unexplained_;  // for the hand to look into
  Mailbox<Event> events_;
  Room room_;  // of the messages among the events
  std::atomic<std::uint32_t> wake_{0};
  std::atomic<bool> ending_{false};
  Attempt attempts_[2];  // of each line
  std::uint64_t connections_ = 0;
  std::uint64_t ordered_ = 0;                   // orders for the hand
  std::atomic<std::uint64_t> carried_out_ = 0;  // of these
  std::size_t answered_ = 0;                    // the address that has answered last
  std::vector<std::string> failures_;           // of each address since it has answered, told once
  std::unique_ptr<Connection> lines_[2];        // the hand's own, and the loop's while that rests
  std::uint64_t opened_[2]{};                   // the hand's own: their numbers
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::thread hand_;
};

}  // namespace bridge::io
