// What happens in a random life to connections and to those at their ends, and what others do at
// the broker.
#include <fmt/format.h>

#include <utility>

#include "tests/machines/random_life.hpp"

namespace machines {

using scripted_ha::CoreState;

void RandomLife::cut_ha() {
  note("cut ha");
  simulation_.cut_ha();
}

void RandomLife::restart_ha() {
  note("restart ha");
  simulation_.house().stop();
  simulation_.set_ha_down(true);
  simulation_.cut_ha();
  simulation_.run(roll(20'000));
  simulation_.set_ha_down(false);
  simulation_.run(roll(3'000));
  if (number(3) == 0) kill();
  simulation_.house().set_core_state(CoreState::starting);
  simulation_.run(roll(10'000));
  if (number(3) == 0) empty_broker();
  simulation_.house().load_states();
  simulation_.house().set_core_state(CoreState::running);
  note("ha runs");
}

void RandomLife::start_empty() {
  // One that the bridge misses twice, and has not seen in between, has been missing all the time.
  if (simulation_.now() < empty_again_at_) return;
  empty_again_at_ = simulation_.now() + 150s;
  note("restart ha, empty");
  simulation_.house().stop();
  simulation_.house().set_core_state(CoreState::running);
  simulation_.cut_ha();
  if (number(3) == 0) kill();
  // Some come up before all others.
  simulation_.run(roll(20'000));
  for (Thing& thing : things_) {
    if (thing.enabled && thing.loaded && number(3) == 0) set_state(thing, false);
  }
  // Late frames count to the minute after which what is missing is gone.
  simulation_.run(roll(15'000));
  simulation_.house().load_states();
  note("ha has all");
}

void RandomLife::freeze_ha() {
  note("freeze ha");
  simulation_.freeze_ha(true);
  simulation_.run(roll(60'000));
  simulation_.freeze_ha(false);
  // What it would have told in the meantime is lost with it.
  cut_ha();
}

void RandomLife::stall() {
  static constexpr Way ways[] = {Way::from_ha,     Way::to_ha,          Way::to_broker,
                                 Way::from_broker, Way::to_broker_bulk, Way::from_broker_bulk};
  const Way way = ways[number(std::size(ways))];
  const Time time = number(4) == 0 ? roll(20'000) : roll(2'000);
  note(fmt::format("stall {} for {}", static_cast<int>(way), time.count()));
  simulation_.stall(way, time);
}

void RandomLife::cut_broker() {
  note("cut broker");
  simulation_.cut_broker();
}

void RandomLife::empty_broker() {
  note("empty broker");
  simulation_.crash_broker();
  simulation_.broker().forget();
}

void RandomLife::keep_broker() {
  note("the broker saves");
  saved_ = simulation_.broker().retained();
}

void RandomLife::restore_broker() {
  note("the broker has what it saved");
  simulation_.crash_broker();
  simulation_.broker().forget();
  for (const auto& [topic, payload] : saved_) simulation_.broker().put(topic, payload);
}

void RandomLife::stop_broker() {
  note("stop broker");
  simulation_.set_broker_down(true);
  number(2) == 0 ? simulation_.cut_broker() : simulation_.crash_broker();
}

void RandomLife::start_broker() {
  note("start broker");
  simulation_.set_broker_down(false);
  simulation_.freeze_broker(false);
}

void RandomLife::freeze_broker() {
  note("freeze broker");
  simulation_.freeze_broker(true);
}

void RandomLife::kill() {
  note("kill");
  simulation_.kill_bridge();
  simulation_.run(Time{longest_afterlife_ms} + roll(1'000));
  simulation_.start_bridge();
}

void RandomLife::end() {
  note("end");
  simulation_.stop_bridge();
  simulation_.run(Time{longest_afterlife_ms} + roll(5'000));
  simulation_.start_bridge();
}

void RandomLife::command() {
  const int mark = ++asked_;
  const bool has_id = number(2) == 0;
  // Some are for what is not there, or for one that knows no such service.
  const std::string id = number(8) == 0 ? fmt::format("light.n{}", number(30)) : any().id;
  Json payload{{"service", "turn_on"}, {"data", {{"transition", mark}}}};
  if (has_id) payload["id"] = fmt::format("c{}", mark);
  bridge::Publish message{.topic = "statebus/hubs/command/" + id,
                          .payload = scripted_ha::to_text(payload)};
  message.topic.replace(message.topic.find('.'), 1, "/");
  message.retain = number(8) == 0;
  if (number(4) == 0) message.expiry_s = 1 + number(3);
  ask(message, mark, false, has_id);
}

void RandomLife::call() {
  const int mark = ++asked_;
  // What is answered elsewhere than below a reply topic would be a way to write anywhere.
  const bool is_foreign = number(10) == 0;
  const bool has_id = !is_foreign && number(4) != 0;
  const std::string reply_to = is_foreign ? "statebus/other/state/light" : "statebus/main/reply";
  Json payload{{"service", "light.turn_on"},
               {"target", {{"entity_id", any().id}}},
               {"data", {{"transition", mark}}},
               {"reply_to", fmt::format("{}/{}", reply_to, mark)}};
  if (has_id) payload["id"] = fmt::format("c{}", mark);
  bridge::Publish message{.topic = "statebus/hubs/call", .payload = scripted_ha::to_text(payload)};
  message.retain = number(8) == 0;
  if (number(4) == 0) message.expiry_s = 1 + number(3);
  ask(message, mark, true, has_id);
}

void RandomLife::ask(const bridge::Publish& message, int mark, bool is_call, bool has_id) {
  watch_.expect(mark, is_call, has_id);
  // QoS 1 may bring a message twice.
  const unsigned times = number(4) == 0 ? 2 : 1;
  note(fmt::format("ask {} {}{}{} x{}", message.topic, mark, has_id ? " id" : "",
                   message.retain ? " retained" : "", times));
  for (unsigned i = 0; i < times; ++i) {
    if (i > 0) simulation_.run(roll(number(4) == 0 ? 5'000 : 50));
    simulation_.broker().publish("main", message);
  }
}

void RandomLife::overwrite() {
  const auto& retained = simulation_.broker().retained();
  const std::string topic = "statebus/hubs/state/" + any().id;
  std::string path = topic;
  path.replace(path.find('.'), 1, "/");
  if (!retained.contains(path)) return;
  note("overwrite " + path);
  simulation_.publish(path, number(2) == 0 ? "" : "something else", true);
}

}  // namespace machines
