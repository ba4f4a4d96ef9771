// Everything that an instance has on the bus because of its entities: which of them are published,
// under which topics, with what in them, and when something goes away.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"
#include "discovery/announce.hpp"
#include "discovery/description.hpp"
#include "discovery/domains.hpp"

namespace bridge {

/// One entity on the bus.
struct Publication {
  std::uint32_t number = 0;
  std::string object;     // statebus-hubs-9f3c…, for ever
  std::string entity_id;  // may change by a rename
  std::string device_id;  // of the source's registry; empty: none
  bool registered = false;
  bool live = false;  // Home Assistant has it; otherwise it is known from the broker alone
  discovery::Learned learned;
  // Null where there is no such topic.
  Record* description = nullptr;
  Record* document = nullptr;
  std::vector<Record*> views;      // but for the one below
  Record* availability = nullptr;  // the view that tells main whether the entity is there
  Record* announcement = nullptr;
  // When it goes, unless it comes back before; by absence when that was not told but only missed.
  Time leaves_at = never;
  bool absent = false;
  // The state was unavailable or unknown when it was last seen.
  bool silent = false;
  // Of an event entity: its last moment, so that none is fired twice.
  std::string last_moment;
};

class Publications {
 public:
  Publications(const Settings& settings, const discovery::Topics& topics, discovery::Home& home,
               Outbox& outbox);

  /// What a retained description told at the start.
  void hold(const discovery::HeldDescription& held, Now now);
  /// The user's rules from now on; `judge_all` puts them into force.
  void set_filter(std::vector<discovery::FilterRule> rules) {
    filter_ = discovery::Filter(std::move(rules));
  }
  /// The consumer's version and the source's own; everything is announced in that form from now on.
  void set_versions(discovery::Version consumer, discovery::Version source, Now now);

  /// The state of an entity was added, changed or removed, live or by a snapshot. True when it was
  /// added and is not published: it must be judged, and where its registry entry is not known the
  /// entity registry be asked before.
  bool state_changed(const discovery::StateChange& change, bool snapshot, Now now);
  /// Registry facts of an entity changed, or it is judged for the first time.
  void judge(discovery::Entity& entity, Now now);
  void judge_all(Now now);
  /// The publication of an entity keeps its place until the registry tells its new id.
  void renamed(const std::string& from);
  /// All states and registries are known, and Home Assistant has finished starting: what the broker
  /// holds and Home Assistant does not have begins to go.
  void settle(Now now);

  /// Removes what is due; nothing while `may_delete` is false.
  void tick(bool may_delete, Now now, Effects& effects);
  Time deadline(bool may_delete) const;

  /// Makes the payload of a device, description, document, view or announcement.
  void render(const Record& record, std::string& payload) const;

  const Publication* find(std::string_view entity_id) const;
  std::size_t count() const { return by_object_.size(); }

 private:
  struct DeviceUse {
    std::uint32_t number = 0;
    std::size_t users = 0;
  };

  Publication& at(const std::string& object);
  void publish(Publication& publication, discovery::Entity& entity, Now now);
  void take_topics(Publication& publication, Lane lane, Now now);
  void take_views(Publication& publication, const discovery::Facts& facts, Now now);
  void release_views(Publication& publication, Time at);
  void touch_state(Publication& publication, bool availability);
  void release(Record*& record, Time at);
  void leave_at(Publication& publication, Time at, bool absent = false);
  void leave(Publication& publication, Now now);
  void leave_due(Now now, Effects& effects);
  void sweep_due(Now now);
  void sweep_foreign(Now now);
  bool holds_mass_removal(Now now, Effects& effects);
  void touch_announcement(Publication& publication, Lane lane, Now now);
  void use_device(Publication& publication, const std::string& device_id, Now now);
  void fire(Publication& publication, const discovery::State& state, bool snapshot);
  bool is_claimed(const Record& record) const;
  discovery::Description description_of(const Publication& publication) const;
  void render_announcement(const Publication& publication, std::string& payload) const;
  void render_document(const Publication& publication, std::string& payload) const;

  const Settings& settings_;
  const discovery::Topics& topics_;
  discovery::Home& home_;
  Outbox& outbox_;
  discovery::Filter filter_;
  discovery::Consumer consumer_;
  discovery::Version source_;
  discovery::StringMap<std::unique_ptr<Publication>> by_object_;
  discovery::StringMap<Publication*> by_entity_;
  std::vector<Publication*> by_number_;
  discovery::StringMap<DeviceUse> devices_;
  std::vector<std::string> device_ids_;  // by number
  std::set<std::pair<Time, Publication*>> leaving_;
  std::multimap<Time, std::string> sweep_;  // topics to be cleared, by time
  bool foreign_to_sweep_ = false;
  Time settled_at_ = never;
  Time mass_removal_until_ = never;
};

}  // namespace bridge
