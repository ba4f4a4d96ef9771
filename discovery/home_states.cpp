// The folding of `subscribe_entities` events into states: the hot path's first half.
//
// The format, with `s` state, `a` attributes, `lc` and `lu` last changed and updated, is the one of
// Home Assistant's websocket_api/messages.py; docs/architecture.md tells the rules that matter
// here.
#include <algorithm>

#include "discovery/home.hpp"
#include "discovery/json.hpp"
#include "discovery/raw_json.hpp"
#include "discovery/simdjson.hpp"

namespace discovery {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

// Far more than an entity has; each new one is put in its place among the others.
constexpr std::size_t attributes_max = 5'000;

/// The entity that is being read, and who hears what is left out of it.
struct Reading {
  std::string_view id;
  NotTaken& not_taken;
};

error_code set_attributes(ondemand::value value, Attributes& attributes, Reading reading,
                          std::vector<std::string_view>* changed) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return error;
  for (auto field : object) {
    std::string_view name;
    std::string_view json;
    if (const auto error = field.unescaped_key().get(name)) return error;
    ondemand::value item;
    if (const auto error = field.value().get(item)) return error;
    // It begins like no JSON, as NaN does; of anything worse the next field will know.
    if (simdjson::to_json_string(item).get(json)) json = "?";
    if (attributes.size() >= attributes_max && !attributes.has(name)) {
      reading.not_taken.add([&] {
        return std::string(reading.id) + " has more than " + std::to_string(attributes_max) +
               " attributes";
      });
      continue;
    }
    if (!attributes.set(name, json)) continue;
    if (changed != nullptr) changed->push_back(name);
    if (is_plain_attribute(json)) continue;
    // Its last value would be taken for the present one.
    attributes.erase(name);
    reading.not_taken.add([&] {
      return std::string(reading.id) + " has the attribute " + shown(name) +
             ", which is no JSON of at most 30 levels";
    });
  }
  return SUCCESS;
}

/// Reads the fields that an added entity and the "+" of a changed one have in common.
error_code read_state(ondemand::object object, State& state, Reading reading, bool& value_changed,
                      std::vector<std::string_view>* changed) {
  bool updated_given = false;
  double changed_at = -1;
  double updated_at = -1;
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    ondemand::value value;
    if (const auto error = field.value().get(value)) return error;
    if (key == "s") {
      std::string_view text;
      if (const auto error = value.get_string().get(text)) return error;
      value_changed = value_changed || state.value != text;
      state.value.assign(text);
    } else if (key == "a") {
      if (const auto error = set_attributes(value, state.attributes, reading, changed)) {
        return error;
      }
    } else if (key == "lc") {
      if (const auto error = value.get_double().get(changed_at)) return error;
    } else if (key == "lu") {
      if (const auto error = value.get_double().get(updated_at)) return error;
      updated_given = true;
    }
  }
  // `lu` is left out where it equals `lc`.
  if (changed_at >= 0) state.last_changed = state.last_updated = from_seconds(changed_at);
  if (updated_given) state.last_updated = from_seconds(updated_at);
  return SUCCESS;
}

error_code remove_attributes(ondemand::object object, State& state,
                             std::vector<std::string_view>& changed) {
  ondemand::array names;
  const auto found = object["a"].get_array().get(names);
  if (found == simdjson::NO_SUCH_FIELD) return SUCCESS;
  if (found) return found;
  for (auto element : names) {
    std::string_view name;
    if (const auto error = element.get_string().get(name)) return error;
    if (state.attributes.erase(name)) changed.push_back(name);
  }
  return SUCCESS;
}

/// `grown`: it names an attribute that was not there.
error_code read_difference(ondemand::object object, State& state, Reading reading,
                           bool& value_changed, bool& grown,
                           std::vector<std::string_view>& changed) {
  const std::size_t before = state.attributes.size();
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    ondemand::object part;
    if (const auto error = field.value().get_object().get(part)) return error;
    if (key == "+") {
      if (const auto error = read_state(part, state, reading, value_changed, &changed)) {
        return error;
      }
      grown = state.attributes.size() > before;
    } else if (key == "-") {
      if (const auto error = remove_attributes(part, state, changed)) return error;
    }
  }
  return SUCCESS;
}

}  // namespace

/// Applies events to the home that it belongs to.
struct Home::Folding {
  explicit Folding(Home& owner) : home(owner) {}

  Home& home;
  ondemand::parser parser;
  std::vector<std::string_view> changed_names;  // of the change being applied
  bool unknown_seen = false;
  bool hides_nulls = false;
  std::uint32_t snapshot = 0;
  std::string at;  // the entity whose part is being read

  error_code add(std::string_view id, ondemand::object object, const OnChange& on_change) {
    if (!is_entity_id(id)) return SUCCESS;
    State state;
    bool value_changed = true;
    if (const auto error =
            read_state(object, state, {id, home.not_taken_}, value_changed, nullptr)) {
      return error;
    }
    Entity& known = home.entity(id);
    state.attributes.shrink_to_fit();
    known.state = std::move(state);
    known.snapshot = snapshot;
    known.is_service = false;
    on_change({known, StateChange::Kind::added, true, {}});
    return SUCCESS;
  }

  bool is_entity_id(std::string_view id) {
    const bool valid = valid_entity_id(id);
    if (!valid) home.not_taken_.add([&] { return shown(id) + " is no entity id"; });
    return valid;
  }

  error_code change(std::string_view id, ondemand::object object, const OnChange& on_change) {
    Entity* known = home.find(id);
    if (known == nullptr || !known->state) {
      unknown_seen = is_entity_id(id) || unknown_seen;
      return SUCCESS;
    }
    State& state = *known->state;
    bool value_changed = false;
    bool grown = false;
    const bool was_away = state.value == "unavailable";
    const Microseconds changed_at = state.last_changed;
    changed_names.clear();
    if (const auto error = read_difference(object, state, {id, home.not_taken_}, value_changed,
                                           grown, changed_names)) {
      return error;
    }
    // New attributes seldom come alone; and when the time of the state stays, there must be some.
    const bool unexplained = changed_names.empty() && changed_at == state.last_changed;
    hides_nulls = hides_nulls || grown || unexplained || (was_away && value_changed);
    on_change({*known, StateChange::Kind::changed, value_changed, changed_names});
    return SUCCESS;
  }

  error_code remove_all(ondemand::array ids, const OnChange& on_change) {
    for (auto element : ids) {
      std::string_view id;
      if (const auto error = element.get_string().get(id)) return error;
      home.remove_state(id, on_change);
    }
    return SUCCESS;
  }

  /// `key` is a for added, c for changed, r for removed entities.
  error_code apply_part(std::string_view key, ondemand::value value, const OnChange& on_change) {
    if (key == "r") {
      ondemand::array ids;
      if (const auto error = value.get_array().get(ids)) return error;
      return remove_all(ids, on_change);
    }
    if (key != "a" && key != "c") return SUCCESS;
    ondemand::object entities;
    if (const auto error = value.get_object().get(entities)) return error;
    for (auto field : entities) {
      std::string_view id;
      ondemand::object object;
      if (const auto error = field.unescaped_key().get(id)) return error;
      at = id;
      if (const auto error = field.value().get_object().get(object)) return error;
      const auto error = key == "a" ? add(id, object, on_change) : change(id, object, on_change);
      if (error) return error;
      at.clear();
    }
    return SUCCESS;
  }

  error_code apply(PaddedJson event, const OnChange& on_change) {
    ondemand::document document;
    ondemand::object object;
    if (const auto error = parser.iterate(padded(event)).get(document)) return error;
    if (const auto error = document.get_object().get(object)) return error;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (const auto error = field.unescaped_key().get(key)) return error;
      if (const auto error = field.value().get(value)) return error;
      if (const auto error = apply_part(key, value, on_change)) return error;
    }
    return SUCCESS;
  }
};

Home::Home() : folding_(std::make_unique<Folding>(*this)) {}
Home::~Home() = default;

Home::Applied Home::apply_states(PaddedJson event, const OnChange& on_change) {
  folding_->unknown_seen = false;
  folding_->hides_nulls = false;
  folding_->at.clear();
  const auto error = folding_->apply(event, on_change);
  release_if_large(folding_->parser);
  if (error) return Applied::malformed;
  return folding_->unknown_seen ? Applied::unknown_entity : Applied::ok;
}

bool Home::may_hide_nulls() const { return folding_->hides_nulls; }

const std::string& Home::malformed_at() const { return folding_->at; }

Home::Applied Home::apply_snapshot(PaddedJson event, bool complete, const OnChange& on_change) {
  ++folding_->snapshot;
  const Applied applied = apply_states(event, on_change);
  if (applied != Applied::ok || !complete) return applied;
  std::vector<std::string> absent;
  for (const auto& [id, known] : entities_) {
    if (!known.state || known.is_service) continue;
    if (known.snapshot != folding_->snapshot) absent.push_back(id);
  }
  for (const std::string& id : absent) remove_state(id, on_change);
  return applied;
}

}  // namespace discovery
