#include "bridge/io/broker.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "bridge/io/broker_connection.hpp"
#include "bridge/io/one_core.hpp"
#include "bridge/io/tls_trial.hpp"

namespace bridge::io {
namespace {

std::size_t index_of(Line line) { return static_cast<std::size_t>(line); }

// A flood that is faster than the loop fills this and then waits at the broker.
constexpr std::uint32_t waiting_bytes_max = 64 * 1024 * 1024;

std::uint32_t size_of(const Message& message) {
  const std::size_t texts = message.topic.size() + message.payload.size() +
                            message.response_topic.size() + message.correlation_data.size();
  // Paho takes no message that would not fit.
  return static_cast<std::uint32_t>(sizeof(Message) + texts);
}

Line line_of(const BrokerEffect& effect) {
  return std::visit([](const auto& each) { return each.line; }, effect);
}

}  // namespace

Broker::Broker(boost::asio::io_context& loop, BrokerSettings settings, BrokerListener& listener)
    : loop_(loop),
      settings_(std::move(settings)),
      listener_(listener),
      room_(waiting_bytes_max),
      failures_(settings_.urls.size()) {
  // Paho's tracing takes a third of its time even when nobody reads it.
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  hand_ = std::thread([this] { work(); });
}

Broker::~Broker() {
  ending_ = true;
  room_.let_all_in();
  wake();
  hand_.join();
  *alive_ = false;
}

void Broker::perform(std::vector<BrokerEffect>& effects) {
  bool sleeps = false;
  for (BrokerEffect& effect : effects) {
    Attempt& attempt = attempts_[index_of(line_of(effect))];
    if (const auto* open = std::get_if<BrokerOpen>(&effect)) {
      attempt = {++connections_, *open, open->same_broker ? answered_ : 0};
    }
    if (std::holds_alternative<Publish>(effect) && may_publish_here()) {
      // Paho's thread may have begun to wait for room since, with a lock that publishing needs.
      room_.let_all_in();
      Order order{attempt.connection, std::move(effect), attempt.address};
      carry_out(order);
      room_.let_in_what_fits();
    } else {
      sleeps = order(std::move(effect)) || sleeps;
    }
  }
  if (sleeps) wake();
}

/// Whether publishing takes the loop no time: no client resolves a name, for which all others would
/// wait, and no flood comes in, whose every message has Paho's lock. What waits for the hand is
/// earlier than what comes now.
bool Broker::may_publish_here() const {
  const Attempt& main = attempts_[index_of(Line::main)];
  const bool is_open = main.connection != 0 && main.is_open;
  const bool is_quiet = attempts_[index_of(Line::bulk)].connection == 0 && room_.is_empty();
  return is_open && is_quiet && carried_out_.load(std::memory_order_acquire) == ordered_;
}

/// Whether the hand may be asleep.
bool Broker::order(BrokerEffect effect) {
  Attempt& attempt = attempts_[index_of(line_of(effect))];
  const std::uint64_t connection = attempt.connection;
  // What a connection that is given up still tells concerns nobody.
  if (std::holds_alternative<BrokerClose>(effect)) attempt.connection = 0;
  ++ordered_;
  return orders_.put({connection, std::move(effect), attempt.address});
}

void Broker::wake() {
  wake_.fetch_add(1, std::memory_order_release);
  wake_.notify_one();
}

void Broker::work() {
  stay_on_one_core();
  std::uint32_t seen = wake_.load();
  while (!ending_) {
    std::vector<Order> orders = orders_.take();
    const std::vector<Failed> failures = unexplained_.take();
    if (orders.empty() && failures.empty()) {
      wake_.wait(seen, std::memory_order_acquire);
      seen = wake_.load(std::memory_order_acquire);
    }
    for (Order& order : orders) {
      carry_out(order);
      carried_out_.fetch_add(1, std::memory_order_release);
    }
    for (const Failed& failure : failures) look_into(failure);
  }
  for (Order& order : orders_.take()) carry_out(order);
  for (std::unique_ptr<Connection>& line : lines_) {
    if (line != nullptr) line->disconnect();
    line.reset();
  }
}

void Broker::carry_out(Order& order) {
  const Line line = line_of(order.what);
  std::unique_ptr<Connection>& connection = lines_[index_of(line)];
  try {
    if (const auto* opening = std::get_if<BrokerOpen>(&order.what)) {
      connection.reset();
      open(*opening, order.connection, order.address);
    } else if (connection == nullptr) {
      return;
    } else if (auto* message = std::get_if<Publish>(&order.what)) {
      connection->publish(std::move(*message));
    } else if (const auto* subscribe = std::get_if<Subscribe>(&order.what)) {
      connection->subscribe(*subscribe);
    } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&order.what)) {
      connection->unsubscribe(*unsubscribe);
    } else {
      // Also where the main line is stuck: without a word of ours Paho would say a bare goodbye,
      // which discards the will.
      connection->disconnect();
      connection.reset();
    }
  } catch (const mqtt::exception& fault) {
    tell({line, order.connection, Closed{fault.what(), 0}});
  }
}

void Broker::open(const BrokerOpen& open, std::uint64_t number, std::size_t address) {
  opened_[index_of(open.line)] = number;
  const std::string& url = settings_.urls.at(address);
  auto tell_loop = [this, line = open.line, number](decltype(Event::what) what) {
    if (const auto* message = std::get_if<Message>(&what)) room_.enter(size_of(*message));
    tell({line, number, std::move(what)});
  };
  auto fail = [this, line = open.line, number, url](std::string why) {
    failed({line, number, paho_url(url), std::move(why)});
  };
  lines_[index_of(open.line)] =
      std::make_unique<Connection>(settings_, url, open, std::move(tell_loop), std::move(fail));
  lines_[index_of(open.line)]->connect();
}

void Broker::failed(Failed failure) {
  // A thread of Paho's calls this; the trial waits for the network, so it is for the hand.
  if (unexplained_.put(std::move(failure))) wake();
}

void Broker::look_into(const Failed& failure) {
  if (failure.connection != opened_[index_of(failure.line)]) return;  // another one is tried
  const std::string why = is_secure(failure.url) ? why_no_tls(failure.url, settings_.tls) : "";
  tell({failure.line, failure.connection, Closed{why.empty() ? failure.why : "TLS: " + why, 0}});
}

void Broker::tell(Event event) {
  if (!events_.put(std::move(event))) return;
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive) hear();
  });
}

void Broker::hear() {
  for (Event& event : events_.take()) {
    if (event.connection == attempts_[index_of(event.line)].connection) hear(event);
    if (const auto* message = std::get_if<Message>(&event.what)) room_.leave(size_of(*message));
  }
  listener_.broker_events_done();
}

void Broker::hear(Event& event) {
  if (const auto* opened = std::get_if<Opened>(&event.what)) {
    this->opened(event.line, opened->limits);
  } else if (const auto* closed = std::get_if<Closed>(&event.what)) {
    this->closed(event.line, *closed);
  } else if (const auto* acknowledged = std::get_if<Acknowledged>(&event.what)) {
    listener_.broker_acknowledged(acknowledged->token, acknowledged->accepted);
  } else if (const auto* message = std::get_if<Message>(&event.what)) {
    listener_.broker_message(event.line, *message);
  } else if (const auto* notice = std::get_if<Notice>(&event.what)) {
    listener_.broker_notice(notice->level, notice->text);
  }
}

void Broker::opened(Line line, BrokerLimits limits) {
  Attempt& attempt = attempts_[index_of(line)];
  attempt.is_open = true;
  answered_ = attempt.address;
  failures_[answered_].clear();
  limits.url = settings_.urls[answered_];
  listener_.broker_opened(line, limits);
}

void Broker::closed(Line line, const Closed& closed) {
  Attempt& attempt = attempts_[index_of(line)];
  const bool is_walking =
      settings_.urls.size() > 1 && !attempt.is_open && !attempt.wanted.same_broker;
  if (is_walking && pass_over(attempt, closed)) return;
  attempt.connection = 0;
  if (!is_walking) return listener_.broker_closed(line, closed.why, closed.reason);
  listener_.broker_closed(line, "none of them can be used",
                          attempt.all_refused ? closed.reason : 0);
}

/// Goes on to the next address; false: there is none.
bool Broker::pass_over(Attempt& attempt, const Closed& closed) {
  const std::size_t failed = attempt.address++;
  const bool is_last = attempt.address == settings_.urls.size();
  attempt.all_refused = attempt.all_refused && closed.reason != 0;
  if (std::exchange(failures_[failed], closed.why) != closed.why) {
    listener_.broker_notice(
        Level::warning,
        fmt::format("the broker at {}: {}{}", settings_.urls[failed], closed.why,
                    is_last ? "" : fmt::format("; trying {}", settings_.urls[attempt.address])));
  }
  if (is_last) return false;
  attempt.connection = ++connections_;
  if (order(attempt.wanted)) wake();
  return true;
}

}  // namespace bridge::io
