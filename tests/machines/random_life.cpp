#include "tests/machines/random_life.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace machines {

using scripted_ha::Kind;

namespace {

// What is deleted although the source has it again was gone when that was decided; so long may lie
// between, for frames may be late.
constexpr Time doubt{30'000};
// Of one entity: description, document, announcement, views.
constexpr std::size_t topics_of_one = 8;
// Index, status, info, heartbeat, lists of places, devices, the instance's own announcements.
constexpr std::size_t topics_of_instance = 60;

/// light/kitchen of light.kitchen.
std::string path_of(const std::string& id) {
  std::string path = id;
  path.replace(path.find('.'), 1, "/");
  return path;
}

}  // namespace

RandomLife::RandomLife(unsigned seed)
    : random_(seed),
      simulation_(options()),
      watch_(simulation_, [this](const std::string& topic) { return why_not_cleared(topic); }) {
  simulation_.set_witness(watch_);
  // A broker may not let the bridge write what marks the end of a read.
  if (number(6) == 0) simulation_.broker().forbid("statebus/hubs/reply/read");
  draw_acts();
  for (const char* device : {"d0", "d1", "d2"}) {
    simulation_.house().create(Kind::devices, {{"id", device}, {"name", device}});
  }
  // A few houses are large enough for the guard against mass removal.
  const unsigned things = number(12) == 0 ? 12 + number(8) : 3 + number(4);
  most_things_ = things + 3;
  names_ = number(2) == 0 ? things : 30;
  for (unsigned i = 0; i < things; ++i) add();
  simulation_.start_bridge();
  simulation_.run(roll(10'000));
}

SimulationOptions RandomLife::options() {
  static constexpr unsigned uneven_ms[] = {1, 1, 10, 200};
  SimulationOptions options;
  options.keeps_transcript = false;
  options.late_acknowledgements = true;
  options.broker_delay = roll(30) + 1ms;
  options.ha_delay = roll(30) + 1ms;
  options.limits.receive_maximum = static_cast<std::uint16_t>(1 + number(40));
  if (const unsigned uneven = uneven_ms[number(4)]; uneven > 1) {
    options.jitter = [this, uneven] { return roll(uneven); };
  }
  // The bridge reads the broker 0.8 s after a loss at the earliest; what is still under way then
  // would be news to it (docs/reliability.md).
  if (number(3) != 0) options.afterlife = [this] { return roll(longest_afterlife_ms); };
  if (number(3) == 0) options.loop_lag = [this] { return number(8) == 0 ? roll(3'000) : 0ms; };
  if (number(4) == 0) options.house = {{"version", "2024.3.3"}};
  return options;
}

void RandomLife::live(int steps) {
  for (int i = 0; i < steps; ++i) {
    step();
    simulation_.run(pause());
    const std::size_t most =
        topics_of_one * ids_.size() + topics_of_instance + simulation_.broker().retained().size();
    if (simulation_.bridge().records() > most) {
      return watch_.wrong("memory grows",
                          fmt::format("{} records", simulation_.bridge().records()));
    }
  }
}

Time RandomLife::pause() {
  const unsigned kind = number(16);
  return kind == 0 ? roll(20'000) : kind < 8 ? roll(40) : roll(900);
}

void RandomLife::rest() {
  note("rest");
  start_broker();
  for (Thing& thing : things_) {
    if (thing.enabled) set_state(thing, true);
  }
  // The grace of what is missing, and the longest waits between attempts.
  simulation_.run(150s);
  // The guard against mass removal waits for ten minutes.
  const bool may_be_guarded = things_.size() > 8;
  if (may_be_guarded || !compare_with_source().empty()) simulation_.run(13 * 60s);
  watch_.rested();
}

FakeBroker::Retained RandomLife::held() {
  FakeBroker::Retained retained = simulation_.broker().retained();
  std::erase_if(retained, [](const auto& each) {
    const std::string& topic = each.first;
    return topic == "statebus/hubs/info" || topic == "statebus/hubs/heartbeat" ||
           topic == "statebus/hubs/call" || topic.starts_with("statebus/hubs/command/");
  });
  return retained;
}

FakeBroker::Retained RandomLife::fresh() {
  simulation_.kill_bridge();
  // What was under way must not reach the empty broker.
  simulation_.run(2s);
  simulation_.broker().forget();
  simulation_.start_bridge();
  simulation_.settle();
  return held();
}

std::string RandomLife::judge(int steps) {
  live(steps);
  if (watch_.wrongs().empty()) rest();
  std::string faults;
  for (const std::string& wrong : watch_.wrongs()) faults += wrong + '\n';
  if (faults.empty()) faults = compare_with_source();
  if (faults.empty()) faults = compare_with_fresh();
  return faults;
}

/// Holds what the broker has against the house itself, without the bridge's own code.
std::string RandomLife::compare_with_source() {
  const auto& retained = simulation_.broker().retained();
  std::string faults;
  std::set<std::string> expected;
  const auto expect = [&](const std::string& topic, const std::string& beginning) {
    expected.insert(topic);
    const auto found = retained.find(topic);
    if (found == retained.end()) {
      faults += "lacking: " + topic + '\n';
    } else if (!found->second.starts_with(beginning)) {
      faults += fmt::format("the last value is lost: {} is {}, not {}\n", topic,
                            found->second.substr(0, 40), beginning);
    }
  };
  expect("statebus/hubs/status", "online");
  for (const Thing& thing : things_) {
    if (!thing.enabled) continue;
    const std::string path = path_of(thing.id);
    const scripted_ha::State* const state = simulation_.house().state(thing.id);
    expect("statebus/hubs/state/" + path, fmt::format(R"({{"state":"{}",)", state->value));
    expect("statebus/hubs/entity/" + path, "{");
  }
  for (const auto& [topic, payload] : retained) {
    const bool of_entity =
        topic.starts_with("statebus/hubs/state/") || topic.starts_with("statebus/hubs/entity/");
    if (of_entity && !expected.contains(topic)) faults += "left over: " + topic + '\n';
  }
  const std::size_t records = simulation_.bridge().records();
  if (records > retained.size() + 4) {
    faults += fmt::format("memory grows: {} records for {} topics\n", records, retained.size());
  }
  return faults;
}

std::string RandomLife::compare_with_fresh() {
  const FakeBroker::Retained seen = held();
  const FakeBroker::Retained expected = fresh();
  std::string faults;
  for (const auto& [topic, payload] : expected) {
    const auto found = seen.find(topic);
    if (found == seen.end()) faults += "lacking: " + topic + '\n';
    if (found != seen.end() && found->second != payload) {
      faults += fmt::format("different: {}\n  {}\n  {}\n", topic, found->second, payload);
    }
  }
  for (const auto& [topic, payload] : seen) {
    if (!expected.contains(topic)) faults += "left over: " + topic + '\n';
  }
  return faults;
}

bool RandomLife::is_described(const std::string& path, const std::string& name) const {
  const std::string payload = simulation_.broker().at("statebus/hubs/entity/" + path);
  return payload.find(fmt::format(R"("object":"statebus-hubs-{}")", name)) != std::string::npos;
}

/// Whether Home Assistant has what a cleared topic tells of; empty when it has not.
std::string RandomLife::why_not_cleared(const std::string& topic) const {
  for (const Thing& thing : things_) {
    // What was decided when Home Assistant was last heard goes out even while it is away.
    if (!thing.enabled || watch_.ha_known_at() < thing.since + doubt) continue;
    std::string name = thing.registry;
    if (name.empty()) (name = thing.id).replace(name.find('.'), 1, "-");
    const bool announcement = topic.ends_with("/statebus-hubs-" + name + "/config");
    const std::string path = path_of(thing.id);
    const bool other = thing.loaded && (topic == "statebus/hubs/state/" + path ||
                                        topic == "statebus/hubs/entity/" + path);
    // What an entity without a state has at the broker a new bridge knows by its description, or by
    // its announcement where Home Assistant has it registered.
    const bool registered = announcement && !thing.registry.empty();
    if (registered || ((announcement || other) && is_described(path, name)))
      return ", but " + thing.id + " is there";
  }
  return {};
}

std::string RandomLife::history() const {
  std::string text;
  for (const std::string& line : history_) (text += line) += '\n';
  return text;
}

void RandomLife::note(const std::string& text) {
  history_.push_back(fmt::format("{} {}", simulation_.now().count(), text));
}

}  // namespace machines
