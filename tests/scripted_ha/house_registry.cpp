// The registries and the core state of a house.
#include <algorithm>
#include <string_view>

#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {
namespace {

/// Attributes that Home Assistant keeps in its registry as capabilities, and so can show for an
/// entity whose integration has not started.
constexpr std::string_view capabilities[] = {"device_class",
                                             "effect_list",
                                             "event_types",
                                             "fan_modes",
                                             "friendly_name",
                                             "hvac_modes",
                                             "icon",
                                             "max",
                                             "max_color_temp_kelvin",
                                             "max_humidity",
                                             "max_temp",
                                             "min",
                                             "min_color_temp_kelvin",
                                             "min_humidity",
                                             "min_temp",
                                             "mode",
                                             "options",
                                             "pattern",
                                             "preset_modes",
                                             "state_class",
                                             "step",
                                             "supported_color_modes",
                                             "supported_features",
                                             "swing_horizontal_modes",
                                             "swing_modes",
                                             "target_temp_step",
                                             "unit_of_measurement"};

bool is_capability(std::string_view name) {
  return std::find(std::begin(capabilities), std::end(capabilities), name) !=
         std::end(capabilities);
}

const Json& first_set(const Json& row, std::string_view name, std::string_view fallback) {
  const Json& value = member(row, name);
  return value.is_null() ? member(row, fallback) : value;
}

}  // namespace

void House::create(Kind kind, const Json& row) {
  const RegistryNames& names = names_of(kind);
  Json complete = complete_row(kind, row, version_, now());
  const Json id = complete.at(std::string(names.row_key));
  registries_[static_cast<std::size_t>(kind)].put(std::move(complete));
  fire(std::string(names.event), {{"action", "create"}, {std::string(names.data_key), id}});
}

void House::update(Kind kind, const std::string& id, const Json& fields) {
  const RegistryNames& names = names_of(kind);
  if (!has(kind, id)) throw std::invalid_argument("no " + std::string(names.list) + " has " + id);
  const Json changes = registries_[static_cast<std::size_t>(kind)].change(id, fields);
  Json data{{"action", "update"}, {std::string(names.data_key), id}};
  if (names.tells_changes) {
    if (changes.empty()) return;
    data["changes"] = changes;
  }
  fire(std::string(names.event), data);
  if (kind == Kind::entities) follow_entity_update(id, changes);
}

void House::follow_entity_update(const std::string& id, const Json& changes) {
  const Json& row = *registry(Kind::entities).find(id);
  if (changes.contains("disabled_by")) {
    if (!member(row, "disabled_by").is_null()) {
      remove_state(id);
    } else if (since(2025, 1) && state(id) == nullptr) {
      // 2026.11 shows an enabled entity at once, 2024.3 only when its integration was reloaded.
      set_state(id, "unavailable", {{"restored", true}});
    }
  }
  const State* known = state(id);
  if (known == nullptr) return;
  Json attributes = known->attributes;
  // Home Assistant's entities write these three last, in this order.
  const Json& features = member(known->attributes, "supported_features");
  Json icon = member(attributes, "icon");
  Json name = member(attributes, "friendly_name");
  if (changes.contains("icon")) icon = member(row, "icon");
  if (changes.contains("name")) name = first_set(row, "name", "original_name");
  for (const auto& [key, value] :
       {std::pair("icon", icon), {"friendly_name", name}, {"supported_features", features}}) {
    attributes.erase(key);
    if (!value.is_null()) attributes[key] = value;
  }
  set_state(id, known->value, attributes);
}

void House::remove(Kind kind, const std::string& id) {
  const RegistryNames& names = names_of(kind);
  if (!registries_[static_cast<std::size_t>(kind)].erase(id)) {
    throw std::invalid_argument("no " + std::string(names.list) + " has " + id);
  }
  fire(std::string(names.event), {{"action", "remove"}, {std::string(names.data_key), id}});
  if (kind == Kind::entities) remove_state(id);
}

void House::add_entity(const Json& row, const std::string& value, const Json& attributes) {
  create(Kind::entities, row);
  set_state(row.at("entity_id").get<std::string>(), value, attributes);
}

void House::rename_entity(const std::string& id, const std::string& new_id, RenameOrder order) {
  if (!has(Kind::entities, id)) throw std::invalid_argument(id + " is not in the registry");
  registries_[static_cast<std::size_t>(Kind::entities)].rename(id, new_id);
  const auto tell_states = [&] {
    if (const State* known = state(id)) {
      const State before = *known;
      remove_state(id);
      set_state(new_id, before.value, before.attributes);
    }
  };
  if (order == RenameOrder::states_first) tell_states();
  fire("entity_registry_updated", {{"action", "update"},
                                   {"entity_id", new_id},
                                   {"changes", {{"entity_id", id}}},
                                   {"old_entity_id", id}});
  if (order == RenameOrder::registry_first) tell_states();
}

void House::set_core_state(CoreState state) {
  options_.core_state = state;
  if (state == CoreState::starting) {
    fire("core_config_updated", Json::object());
    fire("homeassistant_start", Json::object());
    write_restored();
  } else if (state == CoreState::running) {
    fire("core_config_updated", Json::object());
    fire("homeassistant_started", Json::object());
  }
}

void House::set_location_name(const std::string& name) {
  options_.location_name = name;
  fire("core_config_updated", {{"location_name", name}});
  if (const State* home = state("zone.home")) {
    Json attributes = home->attributes;
    attributes["friendly_name"] = name;
    set_state("zone.home", home->value, attributes);
  }
}

void House::write_restored() {
  std::unordered_map<std::string_view, const State*> kept;
  for (const auto& [id, state] : kept_) kept.emplace(id, &state);
  for (const Json& row : registry(Kind::entities).rows()) {
    const auto id = row.at("entity_id").get<std::string>();
    if (!member(row, "disabled_by").is_null() || state(id) != nullptr) continue;
    Json attributes{{"restored", true}};
    if (const auto found = kept.find(id); found != kept.end()) {
      for (const auto& [name, value] : found->second->attributes.items()) {
        if (is_capability(name)) attributes[name] = value;
      }
    }
    set_state(id, "unavailable", attributes);
  }
}

}  // namespace scripted_ha
