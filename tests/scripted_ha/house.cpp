// The state machine and the bus of a house; house_registry.cpp has the rest.
#include "tests/scripted_ha/house.hpp"

#include <algorithm>
#include <cmath>

namespace scripted_ha {
namespace {

constexpr std::string_view core_states[] = {"NOT_RUNNING", "STARTING", "RUNNING", "STOPPING"};

}  // namespace

std::string_view name_of(CoreState state) { return core_states[static_cast<std::size_t>(state)]; }

CoreState read_core_state(std::string_view name) {
  const auto found = std::find(std::begin(core_states), std::end(core_states), name);
  if (found == std::end(core_states)) {
    throw std::invalid_argument("unknown core state " + std::string(name));
  }
  return static_cast<CoreState>(found - std::begin(core_states));
}

HouseOptions read_options(const Json& file) {
  HouseOptions options;
  options.version = file.value("version", options.version);
  options.location_name = file.value("location_name", options.location_name);
  options.temperature_unit = file.value("temperature_unit", options.temperature_unit);
  options.token = file.value("token", options.token);
  options.user_id = file.value("user_id", options.user_id);
  options.admin = file.value("admin", options.admin);
  options.recovery_mode = file.value("recovery_mode", options.recovery_mode);
  options.core_state =
      read_core_state(file.value("state", std::string(name_of(options.core_state))));
  return options;
}

House::House(HouseOptions options)
    : options_(std::move(options)),
      version_(read_version(options_.version)),
      registries_{Registry(Kind::entities), Registry(Kind::devices), Registry(Kind::areas),
                  Registry(Kind::floors), Registry(Kind::labels)} {}

void House::load(const Json& file) {
  for (const RegistryNames& names : registry_names) {
    for (const Json& row : member(file, names.plural)) {
      registries_[static_cast<std::size_t>(names.kind)].put(
          complete_row(names.kind, row, version_, now()));
    }
  }
  for (const Json& name : member(file, "notifiers")) notifiers_.insert(name.get<std::string>());
  for (const auto& [id, list] : member(file, "triggers").items()) set_triggers(id, list);
  for (const auto& [id, given] : member(file, "states").items()) {
    State state;
    state.value = given.at("state").get<std::string>();
    state.attributes = given.value("attributes", Json::object());
    state.context = new_context();
    state.last_changed = state.last_updated = state.last_reported = now();
    state.number = states_made_++;
    states_[id] = std::move(state);
  }
}

void House::set_notifiers(std::set<std::string> names) {
  const std::set<std::string> before = std::exchange(notifiers_, std::move(names));
  const auto tell = [this](const char* event, const std::string& name) {
    fire(event, {{"domain", "notify"}, {"service", name}});
  };
  for (const std::string& name : before) {
    if (!notifiers_.contains(name)) tell("service_removed", name);
  }
  for (const std::string& name : notifiers_) {
    if (!before.contains(name)) tell("service_registered", name);
  }
}

Seconds House::now() const {
  // Home Assistant's 2024.3 has whole microseconds; later versions keep time.time() as it is.
  const Seconds time = options_.clock();
  return since(2024, 4) ? time : std::round(time * 1e6) / 1e6;
}

House::ListenerId House::listen(Listener listener) {
  listeners_.emplace(++listeners_made_, std::move(listener));
  return listeners_made_;
}

void House::fire(std::string type, const Json& data) { fire(std::move(type), data, new_context()); }

void House::fire(std::string type, const Json& data, const Context& context) {
  const Event event(std::move(type), to_text(data), context, now());
  for (const auto& [id, listener] : listeners_) listener(event);
}

Json House::triggers(const std::string& device_id) const {
  const auto found = triggers_.find(device_id);
  return found == triggers_.end() ? Json::array() : found->second;
}

std::string House::name_of_trigger(const Json& trigger) {
  return "trigger " + nlohmann::json::parse(to_text(trigger)).dump();
}

bool House::fire_trigger(const std::string& device_id, const Json& fields) {
  bool fired = false;
  for (const Json& trigger : triggers(device_id)) {
    Json with = trigger;
    with.update(fields);
    if (with != trigger) continue;
    fired = true;
    const Event event = Event::of_trigger(name_of_trigger(trigger), trigger, new_context());
    for (const auto& [id, listener] : listeners_) listener(event);
  }
  return fired;
}

void House::fire_state(const std::string& entity_id, const State* before, const State* after,
                       const Context& context) {
  const Seconds time = after == nullptr ? now() : after->last_updated;
  const Event event(entity_id, before, after, context, time, format());
  for (const auto& [id, listener] : listeners_) listener(event);
}

const State* House::state(const std::string& entity_id) const {
  const auto found = states_.find(entity_id);
  return found == states_.end() ? nullptr : &found->second;
}

State* House::mutable_state(const std::string& entity_id) {
  const auto found = states_.find(entity_id);
  return found == states_.end() ? nullptr : &found->second;
}

std::vector<std::pair<const std::string*, const State*>> House::states() const {
  std::vector<std::pair<const std::string*, const State*>> all;
  all.reserve(states_.size());
  for (const auto& [id, state] : states_) all.emplace_back(&id, &state);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.second->number < b.second->number; });
  return all;
}

void House::set_state(const std::string& entity_id, const std::string& value,
                      const Json& attributes, Context context, bool force) {
  State* known = mutable_state(entity_id);
  const Seconds time = now();
  const bool same_value = known != nullptr && known->value == value && !force;
  if (same_value && same(known->attributes, attributes)) {
    known->last_reported = time;
    return;
  }
  State next;
  next.value = value;
  next.attributes = attributes.is_null() ? Json::object() : attributes;
  next.last_changed = same_value ? known->last_changed : time;
  next.last_updated = next.last_reported = time;
  next.context = context.id.empty() ? new_context() : std::move(context);
  next.number = known == nullptr ? states_made_++ : known->number;
  if (known == nullptr) {
    const State& added = states_[entity_id] = std::move(next);
    fire_state(entity_id, nullptr, &added, added.context);
  } else {
    const State before = std::exchange(*known, std::move(next));
    fire_state(entity_id, &before, known, known->context);
  }
}

bool House::remove_state(const std::string& entity_id) {
  const auto found = states_.find(entity_id);
  if (found == states_.end()) return false;
  const State before = std::move(found->second);
  states_.erase(found);
  fire_state(entity_id, &before, nullptr, new_context());
  return true;
}

void House::stop() {
  kept_.clear();
  for (const auto& [id, state] : states()) {
    const Json& restored = member(state->attributes, "restored");
    if (restored.is_null()) kept_.emplace_back(*id, *state);
  }
  states_.clear();
  options_.core_state = CoreState::not_running;
}

void House::load_states() {
  for (auto& [id, state] : std::exchange(kept_, {})) set_state(id, state.value, state.attributes);
}

}  // namespace scripted_ha
