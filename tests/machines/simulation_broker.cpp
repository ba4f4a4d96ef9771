// The broker's side of the simulation: connections, their ends, and what goes over them.
#include <algorithm>

#include "tests/machines/simulation.hpp"

namespace machines {
namespace {

using namespace bridge;

std::size_t index_of(bridge::Line line) { return static_cast<std::size_t>(line); }

std::string client_of(bridge::Line line) {
  return line == bridge::Line::main ? "statebus-hubs" : "statebus-hubs-read";
}

std::string name_of(bridge::Line line) {
  return line == bridge::Line::main ? "broker" : "broker, to read";
}

Way to_broker(bridge::Line line) {
  return line == bridge::Line::main ? Way::to_broker : Way::to_broker_bulk;
}

Way from_broker(bridge::Line line) {
  return line == bridge::Line::main ? Way::from_broker : Way::from_broker_bulk;
}

}  // namespace

void Simulation::perform(BrokerEffect& effect) {
  if (const auto* open = std::get_if<BrokerOpen>(&effect)) return open_broker(*open);
  const bridge::Line line = std::visit([](const auto& each) { return each.line; }, effect);
  if (std::holds_alternative<BrokerClose>(effect)) {
    note("disconnect", name_of(line));
    // The main line is given up because it is stuck: its will shall speak.
    if (line == bridge::Line::main) return leave_broker(line);
    line_numbers_[index_of(line)] = 0;
    sessions_[index_of(line)] = 0;
    broker_.disconnect(client_of(line));
    return;
  }
  const std::uint64_t number = line_numbers_[index_of(line)];
  const auto later = [&](auto action) {
    const std::function<void()> heard = [this, line, number, action] {
      if (number == line_numbers_[index_of(line)]) action();
    };
    carry(to_broker(line), options_.broker_delay, [this, line, heard] {
      // What reaches a frozen broker waits in its socket: of one line nothing is lost before what
      // comes behind it.
      line == bridge::Line::main || !broker_frozen_ ? heard() : thawing_.push_back(heard);
    });
  };
  if (const auto* message = std::get_if<Publish>(&effect)) {
    if (line == bridge::Line::main) return publish_own(*message);
    later([this, line, number, each = *message] {
      broker_.publish(client_of(line), each);
      carry(from_broker(line), options_.broker_delay, [this, line, number, each] {
        if (number != line_numbers_[index_of(line)]) return;
        bridge_->acknowledged(each.token, !broker_.is_forbidden(each.topic), moment(), effects_);
      });
    });
  } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
    for (const Subscription& each : subscribe->subscriptions) {
      note("subscribe", each.filter);
      later([this, line, each] { broker_.subscribe(client_of(line), each); });
    }
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
    for (const std::string& each : unsubscribe->filters) {
      note("unsubscribe", each);
      later([this, line, each] { broker_.unsubscribe(client_of(line), each); });
    }
  }
}

void Simulation::freeze_broker(bool frozen) {
  broker_frozen_ = frozen;
  if (frozen) return;
  for (std::function<void()>& heard : std::exchange(thawing_, {})) at(Time{0}, std::move(heard));
}

void Simulation::publish_own(const Publish& message) {
  const std::string act = !message.retain ? "send" : message.payload.empty() ? "clear" : "set";
  note(act, message.topic, message.payload);
  if (on_publish_) on_publish_(message);
  if (witness_ != nullptr) witness_->published(message);
  unanswered_.insert(message.token);
  unacknowledged_max_ = std::max(unacknowledged_max_, unanswered_.size());
  const std::uint64_t number = line_numbers_[index_of(bridge::Line::main)];
  carry(Way::to_broker, options_.broker_delay, [this, number, message] {
    // What was sent before a cut arrives as long as the broker knows of no end.
    if (number != sessions_[0] || number == 0 || broker_frozen_) return;
    broker_.publish(client_of(bridge::Line::main), message);
    carry(Way::from_broker, options_.broker_delay,
          [this, number, token = message.token, topic = message.topic, process = processes_] {
            acknowledge(number, token, topic, process);
          });
  });
}

void Simulation::acknowledge(std::uint64_t number, std::uint64_t token, const std::string& topic,
                             std::uint64_t process) {
  if (process != processes_ || !bridge_ || number != line_numbers_[0]) return;
  unanswered_.erase(token);
  if (witness_ != nullptr) witness_->acknowledged(topic);
  bridge_->acknowledged(token, !broker_.is_forbidden(topic), moment(), effects_);
}

/// The shell passes over those of an earlier connection; the machines have to bear them as well.
void Simulation::acknowledge_late() {
  for (const std::uint64_t token : std::exchange(unanswered_, {})) {
    if (!options_.late_acknowledgements) continue;
    at(Time(token * 367 % 5'000), [this, token, process = processes_] {
      if (process != processes_ || !bridge_) return;
      bridge_->acknowledged(token, true, moment(), effects_);
    });
  }
}

void Simulation::open_broker(const BrokerOpen& open) {
  const bridge::Line line = open.line;
  note("connect", name_of(line));
  ++broker_attempts_;
  if (sessions_[index_of(line)] == line_numbers_[index_of(line)]) end_session(line);
  const std::uint64_t number = line_numbers_[index_of(line)] = ++connections_;
  last_on_[static_cast<std::size_t>(to_broker(line))] = now_;
  last_on_[static_cast<std::size_t>(from_broker(line))] = now_;
  if (line == bridge::Line::main) acknowledge_late();
  at(options_.broker_delay, [this, line, number, open] {
    if (number != line_numbers_[index_of(line)]) return;
    if (broker_down_) return close_broker(line, "no connection", 0);
    if (broker_refusal_ != 0) return close_broker(line, "refused", broker_refusal_);
    sessions_[index_of(line)] = number;
    broker_.connect(client_of(line), open.will_topic, [this, line, number](const Message& message) {
      carry(from_broker(line), options_.broker_delay, [this, line, number, message] {
        if (number == line_numbers_[index_of(line)]) deliver(line, message);
      });
    });
    if (line == bridge::Line::main && witness_ != nullptr) {
      witness_->broker_opened(std::min<unsigned>(options_.limits.receive_maximum, 100));
    }
    bridge_->broker_opened(line, options_.limits, moment(), effects_);
  });
}

void Simulation::deliver(bridge::Line line, Message message) {
  message.arrived = now_ - (options_.loop_lag ? options_.loop_lag() : Time{});
  if (line == bridge::Line::main && witness_ != nullptr) witness_->delivered(message);
  bridge_->arrived(line, message, moment(), effects_);
}

/// The bridge has lost its connection, or its process. The broker may take some time to notice.
void Simulation::leave_broker(bridge::Line line) {
  const std::uint64_t number = std::exchange(line_numbers_[index_of(line)], 0);
  if (line == bridge::Line::main && number != 0 && witness_ != nullptr) {
    witness_->ended(Ending::broker);
  }
  if (!options_.afterlife) return end_session(line);
  at(options_.afterlife(), [this, line, number] {
    if (number == sessions_[index_of(line)]) end_session(line);
  });
}

void Simulation::end_session(bridge::Line line) {
  sessions_[index_of(line)] = 0;
  broker_.cut(client_of(line));
}

void Simulation::say_goodbye() {
  for (const bridge::Line line : {bridge::Line::main, bridge::Line::bulk}) {
    sessions_[index_of(line)] = 0;
    broker_.disconnect(client_of(line));
  }
}

void Simulation::close_broker(bridge::Line line, const std::string& why, int reason) {
  leave_broker(line);
  if (bridge_) bridge_->broker_closed(line, why, reason, moment(), effects_);
}

void Simulation::cut_broker(const std::string& why) {
  for (const bridge::Line line : {bridge::Line::bulk, bridge::Line::main}) {
    if (line_numbers_[index_of(line)] != 0) close_broker(line, why, 0);
  }
  finish_step();
}

void Simulation::publish(const std::string& topic, const std::string& payload, bool retain) {
  broker_.publish("main", {.topic = topic, .payload = payload, .retain = retain});
}

}  // namespace machines
