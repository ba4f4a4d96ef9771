// What one Home Assistant has told: the states of its entities and its registries.
//
// Frames go in, and the caller hears which entities changed and in what. Nothing is decided here:
// what leaves the house is the filter's matter, what is published the bridge's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "discovery/attributes.hpp"
#include "discovery/registry.hpp"
#include "discovery/time.hpp"

namespace discovery {

struct State {
  std::string value;  // on, 21.5, unavailable
  Attributes attributes;
  Microseconds last_changed = 0;
  Microseconds last_updated = 0;
};

/// An entity is known by its state, by its registry entry, or by both.
struct Entity {
  std::string id;  // light.kitchen
  std::optional<State> state;
  std::shared_ptr<const EntityEntry> entry;  // never changed: another one takes its place
  std::uint32_t snapshot = 0;  // the number of the last snapshot that had a state for it
  bool is_service = false;     // there is no entity but a notifier of this name, a service

  std::string_view domain() const { return std::string_view(id).substr(0, id.find('.')); }
  std::string_view object_id() const { return std::string_view(id).substr(id.find('.') + 1); }
};

/// Whether Home Assistant could have given this entity id: `domain.object`, lower case, digits and
/// single underscores (its core.py VALID_ENTITY_ID). Anything else never becomes part of a topic.
bool valid_entity_id(std::string_view id);

/// Whether Home Assistant could have made this id for a row of a registry, and it can be a part of
/// a topic and of a name: 1 to 64 letters, digits and underscores.
bool valid_registry_id(std::string_view id);

/// What could not be taken of all that was told: how often, and the first of it in words.
struct NotTaken {
  std::size_t count = 0;
  std::string first;

  /// `words` gives the sentence, which only the first needs.
  template <typename Words>
  void add(Words words) {
    if (count++ == 0) first = words();
  }
};

/// What one entry of a `subscribe_entities` event did.
struct StateChange {
  enum class Kind { added, changed, removed };
  Entity& entity;
  Kind kind;
  bool value_changed;  // the state itself, not only attributes or times
  std::span<const std::string_view>
      attributes;  // of a change: names set to another text, or erased
};

/// Heterogeneous look-up: a view finds a string without a copy.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <typename T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

class Home {
 public:
  Home();
  ~Home();

  using OnChange = std::function<void(const StateChange&)>;
  enum class Applied { ok, malformed, unknown_entity };

  /// Applies the `event` of a `subscribe_entities` message and tells each change. What stood before
  /// a fault is applied. `unknown_entity`: a difference for an entity without a state, so something
  /// was lost and the subscription must be made anew.
  Applied apply_states(PaddedJson event, const OnChange& on_change);

  /// Applies the first event of a new subscription. When it is `complete`, because Home Assistant
  /// has finished starting, entities that it does not name lose their state and are told as
  /// removed; otherwise they keep what they had.
  Applied apply_snapshot(PaddedJson event, bool complete, const OnChange& on_change);

  /// Whether the event applied last may have brought attributes whose value is null without naming
  /// them, as releases before since::null_attributes do. Only a new snapshot tells.
  bool may_hide_nulls() const;
  /// Of an event that was malformed: the entity whose part of it could not be read; empty when it
  /// was none of an entity.
  const std::string& malformed_at() const;

  /// What was left out since it was last taken: attributes that are no JSON, ids that are none.
  const NotTaken& not_taken() const { return not_taken_; }
  NotTaken take_not_taken() { return std::exchange(not_taken_, {}); }

  /// Replaces a registry and tells the ids of the entities whose facts changed by it.
  using OnEntity = std::function<void(Entity&)>;
  void set_entities(std::vector<EntityEntry> entries, const OnEntity& on_change);
  void set_devices(std::vector<DeviceEntry> devices, const OnEntity& on_change);
  void set_areas(std::vector<Place> areas, const OnEntity& on_change);
  /// Notifiers that are services go for entities whose state is unknown since ever, unless there is
  /// an entity at that id. Those that a `complete` list lacks are gone.
  void set_notifiers(const std::vector<std::string>& names, bool complete,
                     const OnChange& on_change);
  void set_floors(std::vector<Place> floors) { floors_ = keyed(std::move(floors)); }
  /// True when something changed by it; filters may name labels.
  bool set_labels(std::vector<Place> labels);

  /// What `get_config` tells of the whole home: the unit of all its climates, such as °C.
  void set_temperature_unit(std::string unit) { temperature_unit_ = std::move(unit); }
  const std::string& temperature_unit() const { return temperature_unit_; }

  Entity* find(std::string_view entity_id);
  const DeviceEntry* device(std::string_view id) const;
  /// The area of an entity: its own, else its device's, else that of the device's parent.
  const Place* area_of(const Entity& entity) const;
  const Place* area_of(const DeviceEntry& device) const;

  const StringMap<Entity>& entities() const { return entities_; }
  const StringMap<DeviceEntry>& devices() const { return devices_; }
  const std::map<std::string, Place, std::less<>>& areas() const { return areas_; }
  const std::map<std::string, Place, std::less<>>& floors() const { return floors_; }
  const std::map<std::string, Place, std::less<>>& labels() const { return labels_; }

 private:
  using Places = std::map<std::string, Place, std::less<>>;
  static Places keyed(std::vector<Place> places);
  const Place* area(std::string_view id) const;
  Entity& entity(std::string_view id);
  void remove_state(std::string_view id, const OnChange& on_change);

  struct Folding;  // home_states.cpp

  StringMap<Entity> entities_;
  StringMap<DeviceEntry> devices_;
  Places areas_;
  Places floors_;
  Places labels_;
  std::string temperature_unit_;
  NotTaken not_taken_;
  std::unique_ptr<Folding> folding_;
};

}  // namespace discovery
