#include "tests/machines/random_life.hpp"

#include <fmt/format.h>

#include <utility>

namespace machines {

using scripted_ha::CoreState;
using scripted_ha::Kind;

namespace {

// What is deleted although the source has it again was gone when that was decided; so long may lie
// between.
constexpr Time doubt{15'000};

}  // namespace

RandomLife::RandomLife(unsigned seed) : random_(seed), simulation_(options()) {
  simulation_.on_publish([this](const bridge::Publish& message) { judge(message); });
  for (const char* device : {"d0", "d1", "d2"}) {
    simulation_.house().create(Kind::devices, {{"id", device}, {"name", device}});
  }
  for (int i = 0; i < 14; ++i) add();
  simulation_.start_bridge();
  simulation_.run(roll(10'000));
}

void RandomLife::live(int steps) {
  for (int i = 0; i < steps; ++i) {
    step();
    simulation_.run(roll(10) == 0ms ? roll(20'000) : roll(900));
  }
}

void RandomLife::rest() {
  simulation_.set_broker_down(false);
  simulation_.freeze_broker(false);
  for (Thing& thing : things_) {
    if (thing.enabled) set_state(thing, true);
  }
  // The guard against mass removal waits for ten minutes.
  simulation_.run(15 * 60s);
}

FakeBroker::Retained RandomLife::held() {
  FakeBroker::Retained retained = simulation_.broker().retained();
  for (const char* topic : {"info", "heartbeat"}) {
    retained.erase(std::string("statebus/hubs/") + topic);
  }
  return retained;
}

FakeBroker::Retained RandomLife::fresh() {
  simulation_.kill_bridge();
  simulation_.broker().forget();
  simulation_.start_bridge();
  simulation_.settle();
  return held();
}

std::string RandomLife::history() const {
  std::string text;
  for (const std::string& line : history_) (text += line) += '\n';
  return text;
}

SimulationOptions RandomLife::options() {
  SimulationOptions options;
  options.broker_delay = roll(30) + 1ms;
  options.ha_delay = roll(30) + 1ms;
  options.limits.receive_maximum = static_cast<std::uint16_t>(1 + number(40));
  return options;
}

void RandomLife::step() {
  using Act = void (RandomLife::*)();
  // What happens often in a home stands here often.
  static constexpr Act acts[] = {
      &RandomLife::change,       &RandomLife::change,        &RandomLife::change,
      &RandomLife::change,       &RandomLife::change,        &RandomLife::add,
      &RandomLife::remove,       &RandomLife::rename,        &RandomLife::rename,
      &RandomLife::disable,      &RandomLife::rearrange,     &RandomLife::unload,
      &RandomLife::cut_ha,       &RandomLife::restart_ha,    &RandomLife::cut_broker,
      &RandomLife::empty_broker, &RandomLife::stop_broker,   &RandomLife::start_broker,
      &RandomLife::kill,         &RandomLife::freeze_broker, &RandomLife::start_broker,
  };
  (this->*acts[number(std::size(acts))])();
}

void RandomLife::note(const std::string& text) {
  history_.push_back(fmt::format("{} {}", simulation_.now().count(), text));
}

void RandomLife::set_state(Thing& thing, bool complete) {
  Json attributes = Json::object();
  const auto maybe = [&](const char* name, const Json& value) {
    if (complete || number(4) != 0) attributes[name] = value;
  };
  maybe("friendly_name", "Thing " + thing.registry);
  if (thing.id.starts_with("light.")) {
    maybe("supported_color_modes", {"brightness"});
    maybe("effect_list", {"a", "b"});
    maybe("supported_features", complete ? 4 : number(2) * 4);
    maybe("brightness", number(256));
  } else {
    maybe("device_class", "temperature");
    maybe("unit_of_measurement", "°C");
    maybe("extra", number(5));
  }
  const bool light = thing.id.starts_with("light.");
  std::string value = light ? (number(2) == 0 ? "on" : "off") : std::to_string(number(30));
  if (!complete && number(6) == 0) value = "unavailable";
  if (!std::exchange(thing.loaded, true)) thing.since = simulation_.now();
  simulation_.house().set_state(thing.id, value, attributes);
}

std::string RandomLife::free_id(const std::string& domain) {
  // Few names, so that one that was left is soon taken again.
  for (unsigned i = number(30);; ++i) {
    const std::string id = fmt::format("{}.n{}", domain, i);
    const bool taken =
        simulation_.house().has(Kind::entities, id) || simulation_.house().state(id) != nullptr;
    if (!taken) return id;
  }
}

void RandomLife::add() {
  Thing thing{.id = free_id(number(2) == 0 ? "light" : "sensor"), .since = simulation_.now()};
  if (number(4) != 0) {
    thing.registry = fmt::format("r{}", ++made_);
    Json row{{"entity_id", thing.id}, {"id", thing.registry}, {"unique_id", thing.registry}};
    if (number(2) == 0) row["device_id"] = fmt::format("d{}", number(3));
    simulation_.house().create(Kind::entities, row);
  }
  note("add " + thing.id + " " + thing.registry);
  set_state(thing, false);
  things_.push_back(std::move(thing));
}

void RandomLife::change(Thing& thing) {
  if (thing.enabled) set_state(thing, false);
}

void RandomLife::remove() {
  if (things_.size() < 4) return;
  const auto at = things_.begin() + number(static_cast<unsigned>(things_.size()));
  note("remove " + at->id);
  if (at->registry.empty()) {
    simulation_.house().remove_state(at->id);
  } else {
    simulation_.house().remove(Kind::entities, at->id);
  }
  things_.erase(at);
}

void RandomLife::rename() {
  Thing& thing = any();
  if (thing.registry.empty()) return;
  const std::string id = free_id(thing.id.substr(0, thing.id.find('.')));
  note("rename " + thing.id + " " + id);
  simulation_.house().rename_entity(thing.id, id,
                                    number(2) == 0 ? scripted_ha::RenameOrder::registry_first
                                                   : scripted_ha::RenameOrder::states_first);
  thing.id = id;
  thing.since = simulation_.now();
}

void RandomLife::disable() {
  Thing& thing = any();
  if (thing.registry.empty()) return;
  thing.enabled = !thing.enabled;
  thing.since = simulation_.now();
  note((thing.enabled ? "enable " : "disable ") + thing.id);
  simulation_.house().update(Kind::entities, thing.id,
                             {{"disabled_by", thing.enabled ? Json() : Json("user")}});
}

void RandomLife::rearrange() {
  simulation_.house().update(Kind::devices, fmt::format("d{}", number(3)),
                             {{"name_by_user", fmt::format("Device {}", number(100))}});
  Thing& thing = any();
  if (thing.registry.empty()) return;
  simulation_.house().update(Kind::entities, thing.id,
                             {{"device_id", fmt::format("d{}", number(3))}});
}

void RandomLife::unload() {
  Thing& thing = any();
  if (thing.registry.empty()) return;
  thing.loaded = false;
  simulation_.house().remove_state(thing.id);
}

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
}

void RandomLife::cut_broker() {
  note("cut broker");
  simulation_.cut_broker();
}

void RandomLife::empty_broker() {
  note("empty broker");
  simulation_.broker().forget();
  simulation_.cut_broker();
}

void RandomLife::stop_broker() {
  note("stop broker");
  simulation_.set_broker_down(true);
  simulation_.cut_broker();
}

void RandomLife::start_broker() {
  simulation_.set_broker_down(false);
  simulation_.freeze_broker(false);
}

void RandomLife::kill() {
  note("kill");
  simulation_.start_bridge();
}

void RandomLife::judge(const bridge::Publish& message) {
  if (!message.retain || !message.payload.empty()) return;
  for (const Thing& thing : things_) {
    if (!thing.enabled || simulation_.now() < thing.since + doubt) continue;
    std::string object_id = thing.id;
    object_id.replace(object_id.find('.'), 1, thing.registry.empty() ? "-" : "/");
    const std::string name = thing.registry.empty() ? object_id : thing.registry;
    const bool announcement = message.topic.ends_with("/statebus-hubs-" + name + "/config");
    std::string path = thing.id;
    path.replace(path.find('.'), 1, "/");
    const bool other = message.topic == "statebus/hubs/state/" + path ||
                       message.topic == "statebus/hubs/entity/" + path;
    // Of one without a state a new bridge knows only what the broker has of it.
    if (!announcement && !(other && thing.loaded)) continue;
    wrongs_.push_back(fmt::format("{} {}", simulation_.now().count(), message.topic));
  }
}

}  // namespace machines
