// What happens in a random life, each act at its own moment.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/machines/random_life.hpp"

namespace machines {

using scripted_ha::Kind;

void RandomLife::draw_acts() {
  using Life = RandomLife;
  // What happens often in a home stands here with a large weight.
  static constexpr Weighted of_house[] = {
      {&Life::change, 30}, {&Life::add, 8},       {&Life::remove, 5}, {&Life::rename, 8},
      {&Life::disable, 5}, {&Life::rearrange, 5}, {&Life::unload, 5}, {&Life::command, 16},
      {&Life::call, 8},    {&Life::overwrite, 3}};
  static constexpr Weighted of_links[] = {
      {&Life::cut_ha, 1},       {&Life::restart_ha, 1},    {&Life::start_empty, 1},
      {&Life::freeze_ha, 1},    {&Life::stall, 3},         {&Life::cut_broker, 2},
      {&Life::empty_broker, 1}, {&Life::keep_broker, 1},   {&Life::restore_broker, 1},
      {&Life::stop_broker, 1},  {&Life::freeze_broker, 1}, {&Life::kill, 2},
      {&Life::end, 1}};
  static constexpr unsigned factors[] = {0, 1, 1, 3};
  const auto take = [&](const Weighted& each, unsigned factor) {
    if (factor == 0) return;
    acts_.push_back({each.act, each.weight * factor});
    weights_ += acts_.back().weight;
  };
  // Where links seldom break, more happens between two breaks.
  const unsigned calm = 1 + number(4);
  take({&Life::change, 10}, 1);
  for (const Weighted& each : of_house) take(each, calm * factors[number(4)]);
  for (const Weighted& each : of_links) take(each, factors[number(4)]);
  // What stops or freezes has to begin again in most lives.
  take({&Life::start_broker, 3}, number(8) == 0 ? 0 : 1);
}

void RandomLife::step() {
  unsigned at = number(weights_);
  for (const Weighted& each : acts_) {
    if (at < each.weight) return (this->*each.act)();
    at -= each.weight;
  }
}

void RandomLife::set_state(Thing& thing, bool complete) {
  Json attributes = Json::object();
  const auto maybe = [&](const char* name, const Json& value) {
    if (complete || number(4) != 0) attributes[name] = value;
  };
  const bool light = thing.id.starts_with("light.");
  maybe("friendly_name", "Thing " + thing.registry);
  if (light) {
    maybe("supported_color_modes", {"brightness"});
    maybe("effect_list", {"a", "b"});
    maybe("supported_features", complete ? 4 : number(2) * 4);
    maybe("brightness", number(256));
  } else {
    maybe("device_class", "temperature");
    maybe("unit_of_measurement", "°C");
    maybe("extra", number(5));
  }
  std::string value = light ? (number(2) == 0 ? "on" : "off") : std::to_string(number(30));
  if (!complete && number(6) == 0) value = "unavailable";
  if (!std::exchange(thing.loaded, true)) thing.since = simulation_.now();
  note(fmt::format("set {} {}", thing.id, value));
  simulation_.house().set_state(thing.id, value, attributes);
}

std::string RandomLife::free_id(const std::string& domain) {
  // Few names, so that one that was left is soon taken again.
  for (unsigned i = number(names_);; ++i) {
    const std::string id = fmt::format("{}.n{}", domain, i);
    const bool taken =
        simulation_.house().has(Kind::entities, id) || simulation_.house().state(id) != nullptr;
    if (taken) continue;
    ids_.insert(id);
    return id;
  }
}

void RandomLife::add() {
  // A house that grows for ever would cost more than it shows.
  if (things_.size() >= most_things_) return;
  Thing thing{.id = free_id(number(2) == 0 ? "light" : "sensor"), .since = simulation_.now()};
  if (number(4) != 0) {
    thing.registry = fmt::format("r{}", ++made_);
    ids_.insert(thing.registry);
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
  note("rearrange");
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
  note("unload " + thing.id);
  thing.loaded = false;
  simulation_.house().remove_state(thing.id);
}

}  // namespace machines
