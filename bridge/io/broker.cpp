#include "bridge/io/broker.hpp"

#include <MQTTAsync.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "bridge/io/broker_connection.hpp"
#include "bridge/io/one_core.hpp"

namespace bridge::io {
namespace {

std::size_t index_of(Line line) { return static_cast<std::size_t>(line); }

Line line_of(const BrokerEffect& effect) {
  return std::visit([](const auto& each) { return each.line; }, effect);
}

}  // namespace

Broker::Broker(boost::asio::io_context& loop, BrokerSettings settings, BrokerListener& listener)
    : loop_(loop), settings_(std::move(settings)), listener_(listener) {
  // Paho's tracing takes a third of its time even when nobody reads it.
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  hand_ = std::thread([this] { work(); });
}

Broker::~Broker() {
  ending_ = true;
  wake_.fetch_add(1);
  wake_.notify_one();
  hand_.join();
  *alive_ = false;
}

void Broker::perform(std::vector<BrokerEffect>& effects) {
  bool wake = false;
  for (BrokerEffect& effect : effects) {
    const std::size_t line = index_of(line_of(effect));
    if (std::holds_alternative<BrokerOpen>(effect)) current_[line] = ++connections_;
    const std::uint64_t connection = current_[line];
    // What a connection that is given up still tells concerns nobody.
    if (std::holds_alternative<BrokerClose>(effect)) current_[line] = 0;
    wake = orders_.put({connection, std::move(effect)}) || wake;
  }
  if (!wake) return;
  wake_.fetch_add(1, std::memory_order_release);
  wake_.notify_one();
}

void Broker::work() {
  stay_on_one_core();
  std::uint32_t seen = wake_.load();
  while (!ending_) {
    std::vector<Order> orders = orders_.take();
    if (orders.empty()) {
      wake_.wait(seen, std::memory_order_acquire);
      seen = wake_.load(std::memory_order_acquire);
    }
    for (Order& order : orders) carry_out(order);
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
      open(*opening, order.connection);
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

void Broker::open(const BrokerOpen& open, std::uint64_t number) {
  // The bulk line follows the main line, which walks through the list on failures.
  if (open.line == Line::main) ++attempts_;
  const std::size_t attempt = attempts_ == 0 ? 0 : attempts_ - 1;
  const std::string& url = settings_.urls.at(attempt % settings_.urls.size());
  auto tell_loop = [this, line = open.line, number](decltype(Event::what) what) {
    tell({line, number, std::move(what)});
  };
  lines_[index_of(open.line)] =
      std::make_unique<Connection>(settings_, url, open, std::move(tell_loop));
  lines_[index_of(open.line)]->connect();
}

void Broker::tell(Event event) {
  if (!events_.put(std::move(event))) return;
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive) hear();
  });
}

void Broker::hear() {
  for (Event& event : events_.take()) {
    if (event.connection == current_[index_of(event.line)]) hear(event);
  }
  listener_.broker_events_done();
}

void Broker::hear(Event& event) {
  if (const auto* opened = std::get_if<Opened>(&event.what)) {
    listener_.broker_opened(event.line, opened->limits);
  } else if (const auto* closed = std::get_if<Closed>(&event.what)) {
    current_[index_of(event.line)] = 0;
    listener_.broker_closed(event.line, closed->why, closed->reason);
  } else if (const auto* acknowledged = std::get_if<Acknowledged>(&event.what)) {
    listener_.broker_acknowledged(acknowledged->token, acknowledged->accepted);
  } else if (const auto* message = std::get_if<Message>(&event.what)) {
    listener_.broker_message(event.line, *message);
  } else if (const auto* notice = std::get_if<Notice>(&event.what)) {
    listener_.broker_notice(notice->level, notice->text);
  }
}

}  // namespace bridge::io
