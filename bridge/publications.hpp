// Everything that an instance has on the bus because of its entities: which of them are published,
// under which topics, with what in them, and when something goes away.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bridge/consumers.hpp"
#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"
#include "discovery/announce.hpp"
#include "discovery/description.hpp"
#include "discovery/domains.hpp"

namespace bridge {

/// So long main may need to take in an announcement or its removal; an acknowledgement of the
/// broker says nothing about main.
constexpr Time taking_in{5'000};

/// Why something is about to go.
enum class Going : std::uint8_t {
  state_removed,  // Home Assistant has said that its state is gone
  state_missing,  // a snapshot lacks it
  struck,         // the registry says that it is disabled, or that its entity id is another one's
  unlisted        // the registries lack what made it what it is, or what let it through the filter
};

/// One entity on the bus.
struct Publication {
  std::uint32_t number = 0;
  std::string object;     // statebus-hubs-9f3c…, for ever
  std::string entity_id;  // may change by a rename
  std::string device_id;  // of the source's registry; empty: none
  bool registered = false;
  bool live = false;  // Home Assistant has it; otherwise it is known from the broker alone
  std::shared_ptr<const discovery::EntityEntry> entry;  // as it was when it was last judged
  discovery::Learned learned;
  // Null where there is no such topic.
  Record* description = nullptr;
  Record* document = nullptr;
  std::vector<Record*> views;          // but for those below
  std::vector<Record*> availability;   // the views that tell main whether the entity is there
  std::vector<Record*> announcements;  // one for each consumer that can be told
  Record* image = nullptr;
  std::string image_type;                  // of its last picture: image/png; empty: there was none
  std::vector<std::string> deleted_under;  // prefixes; a user has deleted it there
  // When it goes, unless it comes back before, and why.
  Time leaves_at = never;
  Going going = Going::state_removed;
  // The state was unavailable or unknown when it was last seen.
  bool silent = false;
  // Of an event entity: its last moment, so that none is fired twice.
  std::string last_moment;
};

/// Its kind at the source, whatever it is on main.
const discovery::Domain& kind_of(const Publication& publication);

/// Whether a user has deleted it where the consumer of that prefix is.
bool is_deleted(const Publication& publication, const std::string& prefix);

/// The topics that are read with one reason: all that it has but its picture.
std::vector<Record*> records_of(const Publication& publication);

class Publications {
 public:
  Publications(const Settings& settings, const discovery::Topics& topics, discovery::Home& home,
               const Consumers& consumers, Outbox& outbox);

  /// What a retained description told at the start.
  void hold(const discovery::HeldDescription& held, Now now);
  /// The user's rules from now on; `judge_all` puts them into force. Once the facts are known, what
  /// was let through until now and is no longer goes at once: nobody but the user asks for that.
  void set_filter(std::vector<discovery::FilterRule> rules, bool facts_known, Now now);
  /// Everything is announced for the consumers that there are now, and for no other.
  void consumers_changed(Now now);

  /// The state of an entity was added, changed or removed, live or by a snapshot. True when it was
  /// added and is not published, or not as what it is now: it must be judged, and where its
  /// registry entry is not known the entity registry be asked before.
  bool state_changed(const discovery::StateChange& change, bool snapshot, Now now);
  /// Registry facts of an entity changed, or it is judged for the first time.
  void judge(discovery::Entity& entity, Now now);
  void judge_all(Now now);
  /// The publication of an entity keeps its place until the registry tells its new id.
  void renamed(const std::string& from);
  /// All states and registries are known, and Home Assistant has finished starting: what the broker
  /// holds and Home Assistant does not have begins to go.
  void settle(Now now);

  /// A picture of the entity, of this type, waits to be sent.
  void image_came(std::string_view entity_id, const std::string& type, Now now);

  /// Somebody has written where nothing is wanted, as a broker does that is joined with this one
  /// and holds what is gone by now: it goes as what an earlier run has left.
  void left_behind(const Message& message, Now now);

  /// A user has deleted the entity on a consumer: it stays away there until it is restored.
  void deleted(const Record& announcement, Now now, Effects& effects);
  /// It is announced again where it was deleted; the prefixes of those places.
  std::vector<std::string> restore(std::string_view entity_id, Now now);
  /// Whether all entities of a device were deleted there.
  bool is_device_deleted(std::string_view device_id, const std::string& prefix) const;

  /// Removes what is due; nothing while `may_delete` is false.
  void tick(bool may_delete, Now now, Effects& effects);
  Time deadline(bool may_delete) const;

  /// Whose record it is, of what belongs to an entity.
  const Publication& owner_of(const Record& record) const { return *by_number_.at(record.owner); }
  /// Makes the payload of a device, description, document, view or announcement.
  void render(const Record& record, std::string& payload) const;

  const Publication* find(std::string_view entity_id) const;
  /// Why an entity that Home Assistant has is not on the bus, or main lacks it or a part of it.
  /// Clashes are looked for among all: see below.
  discovery::Reason reason_of(const discovery::Entity& entity) const;
  /// Why the consumer of an announcement has a stand-in; `published`: it has its like.
  discovery::Reason why_stand_in(const Record& announcement) const;
  /// What the entity is there; empty when nobody asks for the announcement any more.
  std::string_view component_of(const Record& announcement) const;
  /// The entity ids that the first consumer is asked for more than once, with the entities that
  /// ask.
  std::map<std::string, std::vector<std::string>> clashes() const;
  /// How many entities have each reason, as last counted.
  const discovery::ReasonCounts& reasons() const { return reasons_; }
  std::size_t count() const { return by_object_.size(); }

  /// The devices of what is published, sorted, and how often one came or went.
  std::deque<std::string> devices() const;
  bool uses_device(std::string_view id) const;
  std::uint64_t device_changes() const { return device_changes_; }
  /// Whether a topic is an announcement of this instance. Other software may announce under a node
  /// of its name; its objects bear no mark of ours.
  bool is_own_announcement(std::string_view topic) const;
  /// Whether a topic is the announcement of a device trigger, which triggers.cpp decides on.
  bool is_trigger(std::string_view topic) const;

 private:
  /// Of two that go at the same time the older one goes first, and not the one that lies lower in
  /// memory: the same events make the same messages.
  struct LeavesBefore {
    using Leaving = std::pair<Time, Publication*>;
    bool operator()(const Leaving& a, const Leaving& b) const {
      return a.first != b.first ? a.first < b.first : a.second->number < b.second->number;
    }
  };
  struct DeviceUse {
    std::uint32_t number = 0;
    std::size_t users = 0;
  };

  Publication& at(const std::string& object);
  void learn_held(Publication& publication, const discovery::HeldDescription& held, Now now);
  bool hold_announced(const discovery::Entity& entity, const std::string& object);
  void claim_announcements(Publication& publication);
  std::vector<Record*> announced(const Publication& publication) const;
  void judge_one(discovery::Entity& entity, Now now);
  void vacate(const Publication& publication);
  void judge_vacated(Now now);
  void publish(Publication& publication, discovery::Entity& entity, Now now);
  void take_topics(Publication& publication, Lane lane, Now now);
  void take_views(Publication& publication, const std::set<std::string_view>& slots,
                  bool keep_others, Now now);
  void touch_state(Publication& publication, bool availability);
  void release(Record*& record, Time at);
  void give_up_topics(Publication& publication, Now now);
  void leave_at(Publication& publication, Time at, Going going = Going::state_removed);
  void strike(Publication& publication, Going going, Time at);
  void state_gone(Publication& publication, bool snapshot, Now now);
  void state_came(Publication& publication);
  void leave(Publication& publication, Now now);
  void leave_due(Now now, Effects& effects);
  void leave_or_stay(Publication& publication, Now now);
  bool is_its_own(const Publication& publication, const discovery::Entity& entity) const;
  std::size_t absent_count() const;
  bool is_mass_removal() const;
  void sweep_due(Now now);
  void tell_again(Now now);
  void sweep_foreign(Now now);
  bool holds_mass_removal(Now now, Effects& effects);
  void touch_announcements(Publication& publication, Lane lane, Now now);
  void use_device(Publication& publication, const std::string& device_id, Now now);
  void fire(Publication& publication, const discovery::State& state, bool snapshot);
  bool is_claimed(const Record& record) const;
  std::string image_of(const Publication& publication) const;
  discovery::Reason reason_of(const Publication& publication) const;
  void count_reasons(Now now, Effects& effects);
  discovery::Description description_of(const Publication& publication) const;
  void render_announcement(const Record& record, std::string& payload) const;
  void render_document(const Publication& publication, std::string& payload) const;

  const Settings& settings_;
  const discovery::Topics& topics_;
  discovery::Home& home_;
  const Consumers& consumers_;
  Outbox& outbox_;
  discovery::Filter filter_;
  discovery::StringMap<std::unique_ptr<Publication>> by_object_;
  discovery::StringMap<Publication*> by_entity_;
  std::vector<std::string> vacated_;  // entity ids that publications have left
  std::vector<Publication*> by_number_;
  discovery::StringMap<DeviceUse> devices_;
  std::vector<std::string> device_ids_;  // by number
  std::uint64_t device_changes_ = 0;
  std::set<std::pair<Time, Publication*>, LeavesBefore> leaving_;
  std::multimap<Time, std::string> sweep_;         // topics to be cleared, by time
  std::multimap<Time, std::uint32_t> tell_again_;  // numbers of publications, by time
  std::set<std::string> deleted_prefixes_;         // something was or is deleted there
  Time sweep_foreign_at_ = never;                  // to look for what nobody claims
  Time settled_at_ = never;
  Time mass_removal_until_ = never;
  discovery::ReasonCounts reasons_{};
  std::map<std::string, discovery::Reason, std::less<>> reasons_told_;  // in the log
  std::set<std::string> clashes_told_;                                  // likewise
  bool uncounted_ = false;        // some entity may have another reason now
  std::uint64_t rejections_ = 0;  // of the outbox, when the reasons were last looked at
  Time count_at_{};               // not before
};

}  // namespace bridge
