#include "tests/machines/simulation.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/support.hpp"

namespace machines {
namespace {

using namespace bridge;

// More steps at one moment are a machine that asks for the next one for ever.
constexpr std::size_t steps_at_once = 100'000;

std::size_t index_of(bridge::Line line) { return static_cast<std::size_t>(line); }

std::string client_of(bridge::Line line) {
  return line == bridge::Line::main ? "statebus-hubs" : "statebus-hubs-read";
}

std::string name_of(bridge::Line line) {
  return line == bridge::Line::main ? "broker" : "broker, to read";
}

bridge::Settings complete(bridge::Settings settings) {
  settings.instance = "hubs";
  settings.bridge_version = "0.1.0";
  settings.ha_url = "ws://hubs:8123";
  settings.broker_url = "mqtt://broker";
  return settings;
}

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)), house_([this] {
        scripted_ha::HouseOptions house = scripted_ha::read_options(options_.house);
        house.clock = [this] { return static_cast<double>(moment().unix_ms) / 1000; };
        return house;
      }()) {
  options_.settings = complete(options_.settings);
  house_.load(options_.house);
}

void Simulation::start_bridge() {
  kill_bridge();
  bridge_ = std::make_unique<PublishRole>(options_.settings, [this] {
    return bridge::LoginToken{options_.token, ""};
  });
  bridge_->start(moment(), effects_);
  finish_step();
}

void Simulation::kill_bridge() {
  bridge_.reset();
  effects_ = {};
  ha_.reset();
  ha_number_ = 0;
  for (const bridge::Line line : {bridge::Line::main, bridge::Line::bulk}) {
    line_numbers_[index_of(line)] = 0;
    broker_.cut(client_of(line));
  }
}

void Simulation::stop_bridge() {
  bridge_->stop(moment(), effects_);
  finish_step();
  for (int patience = 2000; !bridge_->is_idle() && patience > 0; --patience) run(1ms);
  for (const bridge::Line line : {bridge::Line::main, bridge::Line::bulk}) {
    broker_.disconnect(client_of(line));
  }
  kill_bridge();
}

void Simulation::at(Time delay, std::function<void()> event) {
  events_.emplace(now_ + delay, std::move(event));
}

void Simulation::run(Time time) {
  const Time end = now_ + time;
  std::size_t steps_here = 0;
  while (true) {
    const Time due = bridge_ ? bridge_->deadline(moment()) : never;
    const Time next = std::min(due, events_.empty() ? never : events_.begin()->first);
    if (next > end) break;
    steps_here = next > now_ ? 0 : steps_here + 1;
    if (steps_here > steps_at_once) throw std::runtime_error("the bridge steps and steps");
    now_ = std::max(now_, next);
    if (!events_.empty() && events_.begin()->first <= now_) {
      const auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
    finish_step();
  }
  now_ = end;
}

/// As the real shell does (bridge/io/runner.cpp): what is due, then all wishes.
void Simulation::finish_step() {
  if (!bridge_) return;
  ++steps_;
  bridge_->tick(moment(), effects_);
  while (!effects_.ha.empty() || !effects_.broker.empty() || !effects_.log.empty() ||
         !effects_.pictures.empty()) {
    Effects todo = std::exchange(effects_, {});
    log_.insert(log_.end(), todo.log.begin(), todo.log.end());
    for (BrokerEffect& effect : todo.broker) perform(effect);
    for (HaEffect& effect : todo.ha) perform(effect);
    for (const FetchPicture& wanted : todo.pictures) fetch(wanted);
  }
}

void Simulation::perform(HaEffect& effect) {
  if (std::holds_alternative<HaOpen>(effect)) {
    open_ha();
  } else if (const auto* send = std::get_if<HaSend>(&effect)) {
    const Json json = Json::parse(send->frame);
    if (json.value("type", "") == "call_service") {
      const std::string service = json.value("domain", "") + "." + json.value("service", "");
      const Json target = json.value("target", Json::object()).value("entity_id", Json());
      transcript_.add(
          now_, "call", service,
          scripted_ha::to_text({{"target", target}, {"data", json.at("service_data")}}));
    } else {
      transcript_.add(now_, "ask", json.value("type", ""), json.value("event_type", ""));
    }
    at(options_.ha_delay, [this, number = ha_number_, frame = send->frame] {
      if (number == ha_number_ && ha_ != nullptr && !ha_frozen_) hear_ha(frame);
    });
  } else {
    transcript_.add(now_, "disconnect", "ha");
    ha_.reset();
    ha_number_ = 0;
  }
}

void Simulation::fetch(const FetchPicture& wanted) {
  transcript_.add(now_, "ask", wanted.path);
  const auto answer =
      on_fetch_ ? on_fetch_(wanted) : PictureAnswer{.failure = "connection refused"};
  at(options_.ha_delay, [this, answer, asker = bridge_.get()] {
    if (bridge_.get() == asker) bridge_->picture_answered(answer, moment(), effects_);
  });
}

void Simulation::open_ha() {
  transcript_.add(now_, "connect", "ha");
  ++ha_attempts_;
  ha_number_ = ++connections_;
  at(options_.ha_delay, [this, number = ha_number_] {
    if (number != ha_number_) return;
    if (ha_down_) return close_ha("connection refused", 0);
    if (ha_refusal_ != 0) return close_ha("upgrade declined", ha_refusal_);
    bridge_->ha_opened(moment());
    ha_ = std::make_unique<scripted_ha::Connection>(
        house_, services_, [this, number](std::string text) {
          if (ha_frozen_) return;
          if (on_ha_frame_) on_ha_frame_(text);
          at(options_.ha_delay, [this, number, text] {
            if (number != ha_number_) return;
            bridge_->ha_frame(tests::Padded(text), moment(), effects_);
          });
        });
    ha_->open();
  });
}

void Simulation::hear_ha(const std::string& frame) {
  if (ha_->receive(frame)) return;
  // The last words arrive before the end.
  ha_.reset();
  at(options_.ha_delay, [this, number = ha_number_] {
    if (number == ha_number_) close_ha("it closed the connection", 0);
  });
}

void Simulation::close_ha(const std::string& why, int status) {
  ha_.reset();
  ha_number_ = 0;
  if (bridge_) bridge_->ha_closed(why, status, moment(), effects_);
}

void Simulation::cut_ha(const std::string& why) {
  if (ha_number_ == 0) return;
  close_ha(why, 0);
  finish_step();
}

void Simulation::perform(BrokerEffect& effect) {
  if (const auto* open = std::get_if<BrokerOpen>(&effect)) return open_broker(*open);
  const bridge::Line line = std::visit([](const auto& each) { return each.line; }, effect);
  if (std::holds_alternative<BrokerClose>(effect)) {
    transcript_.add(now_, "disconnect", name_of(line));
    line_numbers_[index_of(line)] = 0;
    // The main line is given up because it is stuck: its will shall speak.
    if (line == bridge::Line::main) broker_.cut(client_of(line));
    broker_.disconnect(client_of(line));
    return;
  }
  const std::uint64_t number = line_numbers_[index_of(line)];
  const auto later = [&](auto action) {
    at(options_.broker_delay, [this, line, number, action] {
      if (number == line_numbers_[index_of(line)]) action();
    });
  };
  if (const auto* message = std::get_if<Publish>(&effect)) {
    if (line == bridge::Line::main) return publish_own(*message);
    later([this, line, each = *message] { broker_.publish(client_of(line), each); });
  } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
    for (const Subscription& each : subscribe->subscriptions) {
      transcript_.add(now_, "subscribe", each.filter);
      later([this, line, each] { broker_.subscribe(client_of(line), each); });
    }
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
    for (const std::string& each : unsubscribe->filters) {
      transcript_.add(now_, "unsubscribe", each);
      later([this, line, each] { broker_.unsubscribe(client_of(line), each); });
    }
  }
}

void Simulation::publish_own(const Publish& message) {
  const std::string act = !message.retain ? "send" : message.payload.empty() ? "clear" : "set";
  transcript_.add(now_, act, message.topic, message.payload);
  if (on_publish_) on_publish_(message);
  unacknowledged_max_ = std::max(unacknowledged_max_, ++unacknowledged_);
  const std::uint64_t number = line_numbers_[index_of(bridge::Line::main)];
  at(options_.broker_delay, [this, number, message] {
    // What was sent before a cut may have arrived or not; here it has not.
    if (number != line_numbers_[0] || number == 0 || broker_frozen_) return;
    broker_.publish(client_of(bridge::Line::main), message);
    at(options_.broker_delay, [this, number, message] {
      if (number != line_numbers_[0]) return;
      --unacknowledged_;
      const bool accepted = !broker_.is_forbidden(message.topic);
      bridge_->acknowledged(message.token, accepted, moment(), effects_);
    });
  });
}

void Simulation::open_broker(const BrokerOpen& open) {
  const bridge::Line line = open.line;
  transcript_.add(now_, "connect", name_of(line));
  ++broker_attempts_;
  broker_.cut(client_of(line));
  const std::uint64_t number = line_numbers_[index_of(line)] = ++connections_;
  if (line == bridge::Line::main) unacknowledged_ = 0;
  at(options_.broker_delay, [this, line, number, open] {
    if (number != line_numbers_[index_of(line)]) return;
    if (broker_down_) return close_broker(line, "no connection", 0);
    if (broker_refusal_ != 0) return close_broker(line, "refused", broker_refusal_);
    broker_.connect(client_of(line), open.will_topic, [this, line, number](const Message& message) {
      at(options_.broker_delay, [this, line, number, message] {
        if (number != line_numbers_[index_of(line)]) return;
        Message arrived = message;
        arrived.arrived = now_;
        bridge_->arrived(line, arrived, moment(), effects_);
      });
    });
    bridge_->broker_opened(line, options_.limits, moment(), effects_);
  });
}

void Simulation::close_broker(bridge::Line line, const std::string& why, int reason) {
  line_numbers_[index_of(line)] = 0;
  broker_.cut(client_of(line));
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

bool Simulation::has_logged(std::string_view part) const {
  return std::any_of(log_.begin(), log_.end(), [&](const LogLine& line) {
    return line.text.find(part) != std::string::npos;
  });
}

}  // namespace machines
