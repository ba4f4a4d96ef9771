// Following: areas, floors, labels, hidden flags and entity ids of mirrored things are carried from
// their source into the registries of this instance's Home Assistant.
//
// Three values decide on each fact: the source's, the one here, and the one that was last applied.
// What differs here from the last is a user's, and stays. Names and icons need none of this: they
// come with the announcement, and Home Assistant prefers the user's by itself.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bridge/followed.hpp"
#include "bridge/ha_facts.hpp"
#include "bridge/neighbors.hpp"
#include "bridge/registry_desk.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"

namespace bridge {

/// Areas, floors and labels, in Home Assistant's words.
struct PlaceKind {
  std::string_view name;    // area, of records and commands
  std::string_view id_key;  // area_id
  Registry registry;
  const Places& (discovery::Home::*here)() const;
  std::optional<Places> Neighbor::*there;

  std::string command(std::string_view what) const;  // config/area_registry/create
  std::string row(std::string_view id) const;        // what a write to it goes by: area kitchen
};

/// The comparison of one row with its source.
struct Change {
  Applied now;                                       // what is applied as it is
  Applied then;                                      // and once the write has been taken
  discovery::Json data = discovery::Json::object();  // of the write; empty: there is none

  enum class Verdict { equal, write, kept };
  Verdict judge(std::string_view fact, const discovery::Json& source, const discovery::Json& here);
  void write(std::string_view fact, const discovery::Json& source, const char* key,
             discovery::Json value);
  /// Of a set only what has come or gone at the source comes or goes here.
  void follow_labels(const std::set<std::string>& source, const std::vector<std::string>& here);
};

/// What the last lists of a registry have had that the ones before had not.
class Newcomers {
 public:
  void listed(std::set<std::string, std::less<>> ids, Now now);
  /// A list after a login tells nothing of when something came.
  void forget();
  /// Whether it came just now.
  bool contains(std::string_view id, Now now) const;

 private:
  std::optional<std::set<std::string, std::less<>>> known_;  // of the last list
  std::map<std::string, Time, std::less<>> came_;
};

class Following {
 public:
  Following(const FollowSettings& settings, const discovery::Home& home, const Neighbors& neighbors,
            Followed& followed, RegistryDesk& desk);

  void ha_config(const HaConfig& config) { version_ = config.version; }
  void listed(Registry registry, Now now);
  /// An answer to a write may have made room for the next.
  void answered(Now now);
  void ha_connected();

  /// `ready`: Home Assistant and the broker have told all that they have.
  void tick(bool ready, Now now, Effects& effects);
  Time deadline() const { return was_ready_ ? due_at_ : never; }

 private:
  /// Where a place of the source is here.
  struct Target {
    enum class State { unknown, lacking, there };
    State state = State::unknown;
    std::string id;  // empty: no place at all
  };
  struct Source {
    const std::string& instance;
    const Neighbor& facts;
  };
  using Users = std::map<std::string, std::set<std::string>, std::less<>>;
  /// One walk through all that there is.
  struct Pass {
    Now now;
    Effects& effects;
    std::map<std::string_view, const discovery::EntityEntry*> entities{};  // mirrored, by object
    std::map<std::string_view, const discovery::DeviceEntry*> devices{};
    // Who uses an area or label: instances, or empty for things of this Home Assistant's own.
    Users areas{};
    Users labels{};
    // Devices that take the area of an entity that has no name of its own.
    std::map<std::string, std::string, std::less<>> areas_by_entity{};
  };

  void wake(Time at);
  void pass(Now now, Effects& effects);
  void note_newborn(Registry registry, Now now);
  void look_around(Pass& pass) const;
  void forget_gone(const Source& source);
  bool has_labels() const;

  // following_places.cpp
  static const PlaceKind& kind_of(Registry registry);
  Target find_place(const PlaceKind& kind, const Source& source, const std::string& id, Pass& pass);
  bool rename_place(const PlaceKind& kind, const Source& source, const discovery::Place& there,
                    const discovery::Place& here, Pass& pass);
  void make_place(const PlaceKind& kind, const Source& source, const std::string& id, Pass& pass);
  bool fill_area(const Source& source, const discovery::Place& there, discovery::Json& data,
                 Applied& applied, Pass& pass);
  void follow_places(const PlaceKind& kind, const Source& source, Pass& pass);
  void follow_looks(const PlaceKind& kind, const Source& source, const discovery::Place& there,
                    const Applied& applied, Pass& pass);

  // following_uses.cpp
  void remove_place(const PlaceKind& kind, const Source& source, const std::string& id,
                    const Applied& applied, Pass& pass);
  bool pass_on(const PlaceKind& kind, const Source& source, const Applied& applied);
  bool is_used_by_others(const PlaceKind& kind, const Source& source, const std::string& id,
                         const Pass& pass) const;
  bool is_used(const PlaceKind& kind, const std::string& id, const Pass& pass) const;
  bool is_newborn(const PlaceKind& kind, const discovery::Place& here, const Pass& pass) const;

  // following_things.cpp
  void follow_device(const Source& source, std::string_view object,
                     const discovery::DeviceEntry& device, Pass& pass);
  void follow_entity(const Source& source, std::string_view object,
                     const discovery::EntityEntry& entry, Pass& pass);
  void follow_area(Change& change, const Source& source, const std::string& area,
                   const std::string& here, Pass& pass);
  void follow_labels(Change& change, const Source& source, const std::vector<std::string>& labels,
                     const std::vector<std::string>& here, Pass& pass);
  std::optional<std::string> own_area(const Source& source, const NeighborEntity& fact,
                                      const discovery::EntityEntry& entry, Pass& pass);
  void follow_entity_id(const Source& source, const NeighborEntity& fact,
                        const discovery::EntityEntry& entry, Pass& pass);
  /// Keeps what was found, and writes what differs.
  void settle(const FollowedKey& key, Change change,
              const std::function<RegistryWrite()>& begin_write, Pass& pass);

  const FollowSettings& settings_;
  const discovery::Home& home_;
  const Neighbors& neighbors_;
  Followed& followed_;
  RegistryDesk& desk_;
  discovery::Version version_;
  bool was_ready_ = false;
  Time due_at_ = never;
  Time unsettled_since_ = never;  // sources tell one change in several messages
  std::uint64_t neighbor_changes_ = 0;
  Newcomers areas_;
  Newcomers devices_;                           // mirrored ones
  std::set<std::string, std::less<>> newborn_;  // areas that came with one of these
  std::set<std::string> told_;                  // what the log was told, once
  // Rows of places that go unless something refers to them, and whether nothing does.
  std::map<std::string, bool> unused_;
};

}  // namespace bridge
