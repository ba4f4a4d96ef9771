// The model of one Home Assistant: its states, registries, core state and bus, without any I/O.
//
// Tests and the control lines of the program change it; each change fires the events that Home
// Assistant would fire, in its order. Connections listen to the bus (protocol.hpp).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/scripted_ha/event.hpp"
#include "tests/scripted_ha/registry.hpp"

namespace scripted_ha {

enum class CoreState { not_running, starting, running, stopping };
std::string_view name_of(CoreState state);
CoreState read_core_state(std::string_view name);

/// Whether a renamed entity's registry event comes before or after the two of its state. 2024.3.3
/// and 2026.11.0 were both seen to tell the registry first, for entities of any integration.
enum class RenameOrder { registry_first, states_first };

struct HouseOptions {
  std::string version = "2026.11.0";
  std::string location_name = "Home";
  std::string temperature_unit = "°C";
  CoreState core_state = CoreState::running;
  std::string token = "token";
  bool admin = true;
  bool recovery_mode = false;
  std::string user_id = "31ddb597e03147118cf8d2f8fbea5553";
  std::string pictures;  // a folder with those of cameras and images: camera.door.jpg
  std::set<std::string> unknown_commands;               // of integrations that are not loaded (yet)
  bool mqtt = false;                                    // its MQTT integration is loaded
  std::map<std::string, std::string> discovery_topics;  // by which it came to devices, by their ids
  std::map<std::string, Json> related;  // what automations and the like refer to, by its id
  std::function<Seconds()> clock = wall_clock;
};

/// Reads version, state, location_name, temperature_unit, token, user_id, admin and recovery_mode
/// of a house file; throws Json::exception on values of a wrong type.
HouseOptions read_options(const Json& file);

class House {
 public:
  explicit House(HouseOptions options = {});

  /// Puts in the registries and states of a house file, in silence. Throws Json::exception.
  void load(const Json& file);

  const HouseOptions& options() const { return options_; }
  HouseOptions& options() { return options_; }
  bool since(int year, int month) const { return version_ >= Version{year, month}; }
  Seconds now() const;
  Context new_context() const { return {new_ulid(now()), {}, {}}; }
  StateFormat format() const { return {since(2024, 4), since(2024, 9)}; }

  using Listener = std::function<void(const Event&)>;
  using ListenerId = std::uint64_t;
  ListenerId listen(Listener listener);
  /// Not to be called by a listener.
  void unlisten(ListenerId id) { listeners_.erase(id); }
  void fire(std::string type, const Json& data);
  void fire(std::string type, const Json& data, const Context& context);

  /// The device triggers of a device, in Home Assistant's words; nothing tells that they change.
  void set_triggers(const std::string& device_id, Json list) {
    triggers_[device_id] = std::move(list);
  }
  Json triggers(const std::string& device_id) const;
  /// How a subscription to a trigger is known.
  /// The same in whatever order its keys stand.
  static std::string name_of_trigger(const Json& trigger);
  /// Fires those of the device that have all fields of `fields`; false when there is none.
  bool fire_trigger(const std::string& device_id, const Json& fields);

  const State* state(const std::string& entity_id) const;
  State* mutable_state(const std::string& entity_id);
  /// All states in the order in which Home Assistant lists them.
  std::vector<std::pair<const std::string*, const State*>> states() const;

  /// Nothing is told when neither value nor attributes change, unless `force` is set. Without a
  /// context, or with one without id, the change gets a new one.
  void set_state(const std::string& entity_id, const std::string& value, const Json& attributes,
                 Context context = {}, bool force = false);
  bool remove_state(const std::string& entity_id);

  /// Notifiers that are services (notify.family) and no entities; a change of them is told.
  const std::set<std::string>& notifiers() const { return notifiers_; }
  void set_notifiers(std::set<std::string> names);

  /// What a device remembers by itself, such as the colour of a light that is off.
  Json& memory(const std::string& entity_id) { return memories_[entity_id]; }

  const Registry& registry(Kind kind) const { return registries_[static_cast<std::size_t>(kind)]; }
  bool has(Kind kind, const std::string& id) const { return registry(kind).find(id) != nullptr; }

  /// A fault: the registry lists nothing from now on, and no event tells of it.
  void lose(Kind kind) { registries_[static_cast<std::size_t>(kind)] = Registry(kind); }
  /// A new row and its event; a row of the same key is replaced.
  void create(Kind kind, const Json& row);
  /// Changes fields of a row. The event of entities and devices holds the OLD values, and there is
  /// none when nothing changes; areas, floors and labels always tell that they were updated. A
  /// disabled entity loses its state, a renamed one gets its new friendly_name.
  void update(Kind kind, const std::string& id, const Json& fields);
  /// The event of the removal, and for an entity the removal of its state after it.
  void remove(Kind kind, const std::string& id);

  /// The registry event and the first state of a new entity.
  void add_entity(const Json& row, const std::string& value, const Json& attributes);
  void rename_entity(const std::string& id, const std::string& new_id,
                     RenameOrder order = RenameOrder::registry_first);

  CoreState core_state() const { return options_.core_state; }
  /// To STARTING: core_config_updated, homeassistant_start, and `unavailable` with `restored` for
  /// each enabled registered entity without a state. To RUNNING: core_config_updated and
  /// homeassistant_started.
  void set_core_state(CoreState state);
  void set_location_name(const std::string& name);

  /// Home Assistant ends: the states are kept aside and cleared without an event.
  void stop();
  /// The integrations have started: the states kept aside come back, with new times.
  void load_states();

 private:
  void fire_state(const std::string& entity_id, const State* before, const State* after,
                  const Context& context);
  void write_restored();
  void follow_entity_update(const std::string& id, const Json& changes);

  HouseOptions options_;
  Version version_;
  std::unordered_map<std::string, State> states_;
  std::vector<std::pair<std::string, State>> kept_;
  std::unordered_map<std::string, Json> memories_;
  std::uint64_t states_made_ = 0;
  std::array<Registry, 5> registries_;
  std::set<std::string> notifiers_;
  std::map<std::string, Json> triggers_;
  std::map<ListenerId, Listener> listeners_;
  ListenerId listeners_made_ = 0;
};

}  // namespace scripted_ha
