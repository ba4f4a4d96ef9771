#include "tests/machines/simulation.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/support.hpp"

namespace machines {
namespace {

using namespace bridge;

// More steps at one moment are a machine that asks for the next one for ever.
constexpr std::size_t steps_at_once = 100'000;

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
  if (bridge_ && witness_ != nullptr) witness_->ended(Ending::process);
  bridge_.reset();
  ++processes_;
  unanswered_.clear();
  effects_ = {};
  ha_.reset();
  ha_number_ = 0;
  for (const bridge::Line line : {bridge::Line::main, bridge::Line::bulk}) leave_broker(line);
}

void Simulation::stop_bridge() {
  bridge_->stop(moment(), effects_);
  finish_step();
  for (int patience = 2000; !bridge_->is_idle() && patience > 0; --patience) run(1ms);
  say_goodbye();
  kill_bridge();
}

void Simulation::at(Time delay, std::function<void()> event) {
  events_.emplace(now_ + delay, std::move(event));
}

void Simulation::carry(Way way, Time delay, std::function<void()> event) {
  Time& last = last_on_[static_cast<std::size_t>(way)];
  last = std::max(last, now_ + delay + (options_.jitter ? options_.jitter() : Time{}));
  at(last - now_, std::move(event));
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
    if (options_.keeps_transcript) log_.insert(log_.end(), todo.log.begin(), todo.log.end());
    for (BrokerEffect& effect : todo.broker) perform(effect);
    for (HaEffect& effect : todo.ha) perform(effect);
    for (const FetchPicture& wanted : todo.pictures) fetch(wanted);
  }
}

void Simulation::note(const std::string& act, const std::string& what, const std::string& text) {
  if (options_.keeps_transcript) transcript_.add(now_, act, what, text);
}

void Simulation::perform(HaEffect& effect) {
  if (std::holds_alternative<HaOpen>(effect)) {
    open_ha();
  } else if (const auto* send = std::get_if<HaSend>(&effect)) {
    if (witness_ != nullptr) witness_->asked(send->frame);
    if (options_.keeps_transcript) note_request(send->frame);
    carry(Way::to_ha, options_.ha_delay, [this, number = ha_number_, frame = send->frame] {
      if (number == ha_number_ && ha_ != nullptr && !ha_frozen_) hear_ha(frame);
    });
  } else {
    note("disconnect", "ha");
    if (witness_ != nullptr) witness_->ended(Ending::ha);
    ha_.reset();
    ha_number_ = 0;
  }
}

void Simulation::note_request(const std::string& frame) {
  const Json json = Json::parse(frame);
  if (json.value("type", "") != "call_service") {
    return note("ask", json.value("type", ""), json.value("event_type", ""));
  }
  const std::string service = json.value("domain", "") + "." + json.value("service", "");
  const Json target = json.value("target", Json::object()).value("entity_id", Json());
  note("call", service,
       scripted_ha::to_text({{"target", target}, {"data", json.at("service_data")}}));
}

void Simulation::fetch(const FetchPicture& wanted) {
  note("ask", wanted.path);
  const auto answer =
      on_fetch_ ? on_fetch_(wanted) : PictureAnswer{.failure = "connection refused"};
  at(options_.ha_delay, [this, answer, asker = bridge_.get()] {
    if (bridge_.get() == asker) bridge_->picture_answered(answer, moment(), effects_);
  });
}

void Simulation::open_ha() {
  note("connect", "ha");
  ++ha_attempts_;
  ha_number_ = ++connections_;
  last_on_[static_cast<std::size_t>(Way::to_ha)] = now_;
  last_on_[static_cast<std::size_t>(Way::from_ha)] = now_;
  at(options_.ha_delay, [this, number = ha_number_] {
    if (number != ha_number_) return;
    if (ha_down_) return close_ha("connection refused", 0);
    if (ha_refusal_ != 0) return close_ha("upgrade declined", ha_refusal_);
    bridge_->ha_opened(moment());
    ha_ = std::make_unique<scripted_ha::Connection>(
        house_, services_, [this, number](std::string text) {
          if (ha_frozen_) return;
          if (on_ha_frame_) on_ha_frame_(text);
          carry(Way::from_ha, options_.ha_delay, [this, number, text] {
            if (number != ha_number_) return;
            if (witness_ != nullptr) witness_->heard();
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
  carry(Way::from_ha, options_.ha_delay, [this, number = ha_number_] {
    if (number == ha_number_) close_ha("it closed the connection", 0);
  });
}

void Simulation::close_ha(const std::string& why, int status) {
  if (witness_ != nullptr) witness_->ended(Ending::ha);
  ha_.reset();
  ha_number_ = 0;
  if (bridge_) bridge_->ha_closed(why, status, moment(), effects_);
}

void Simulation::cut_ha(const std::string& why) {
  if (ha_number_ == 0) return;
  close_ha(why, 0);
  finish_step();
}

bool Simulation::has_logged(std::string_view part) const {
  return std::any_of(log_.begin(), log_.end(), [&](const LogLine& line) {
    return line.text.find(part) != std::string::npos;
  });
}

}  // namespace machines
