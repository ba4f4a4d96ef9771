// How things go away: after a hold, in an order that main's Home Assistant bears, and never on
// doubt.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/publications.hpp"
#include "discovery/identity.hpp"
#include "discovery/trigger.hpp"

namespace bridge {
namespace {

// A rename first removes the old entity id; so a removal waits whether it is one.
constexpr Time rename_hold{2'000};
// Integrations may come up long after Home Assistant calls itself started.
constexpr Time absence_grace{60'000};
// When so many, and more than half of all, are merely missing, something else is likely wrong; they
// stay until Home Assistant has been running without them for this long.
constexpr std::size_t mass_removal_count = 10;
constexpr Time mass_removal_wait{10 * 60'000};

// What others leave at the own topics, again and again perhaps, is looked at together.
constexpr Time sweep_pace{1'000};

/// Whether nobody has said that it is gone: it only is not there.
bool is_absent(Going going) { return going == Going::state_missing || going == Going::unlisted; }

/// Whether the registries decide on it, and no state that comes or goes.
bool is_judged(Going going) { return going == Going::struck || going == Going::unlisted; }

}  // namespace

void Publications::leave_at(Publication& publication, Time at, Going going) {
  leaving_.erase({publication.leaves_at, &publication});
  publication.leaves_at = at;
  publication.going = going;
  if (at != never) leaving_.emplace(at, &publication);
}

/// The registries no longer let it be. The same verdict given again begins no new hold.
void Publications::strike(Publication& publication, Going going, Time at) {
  if (publication.leaves_at == never || publication.going != going) {
    leave_at(publication, at, going);
  }
}

void Publications::state_gone(Publication& publication, bool snapshot, Now now) {
  if (publication.leaves_at != never && is_judged(publication.going)) return;
  if (snapshot) {
    leave_at(publication, now.at + absence_grace, Going::state_missing);
  } else {
    leave_at(publication, now.at + rename_hold, Going::state_removed);
  }
}

void Publications::state_came(Publication& publication) {
  if (!is_judged(publication.going)) leave_at(publication, never);
}

void Publications::leave(Publication& publication, Now now) {
  uncounted_ = true;
  leave_at(publication, never);
  if (!publication.live) sweep_foreign_at_ = Time{};
  for (Record* announcement : publication.announcements) outbox_.drop(*announcement);
  give_up_topics(publication, now);
  use_device(publication, "", now);
  vacate(publication);
  by_number_[publication.number] = nullptr;
  by_object_.erase(by_object_.find(publication.object));
}

void Publications::settle(Now now) {
  settled_at_ = now.at;
  // Registered entities without a state were passed over until now, and may have been renamed.
  for (const auto& [id, entity] : home_.entities()) {
    if (entity.entry && !entity.state) judge(*home_.find(id), now);
  }
  std::vector<Publication*> unknown;
  std::vector<Publication*> early;  // what was missed before Home Assistant knew itself
  for (auto& [object, publication] : by_object_) {
    // One that went while Home Assistant could not tell is in no list, and no change tells of it.
    const bool known = publication->live && home_.find(publication->entity_id) != nullptr;
    if (!known && publication->leaves_at == never) unknown.push_back(publication.get());
    const bool absent = publication->leaves_at != never && is_absent(publication->going);
    if (absent && publication->leaves_at < now.at + taking_in) early.push_back(publication.get());
  }
  for (Publication* publication : early) {
    leave_at(*publication, now.at + taking_in, publication->going);
  }
  for (Publication* publication : unknown) {
    discovery::Entity* entity = home_.find(publication->entity_id);
    if (entity != nullptr && entity->entry && find(entity->id) == publication) {
      judge(*entity, now);
    } else {
      // The registry is complete from the start; entities without an entry may come late.
      leave_at(*publication, now.at + (publication->registered ? taking_in : absence_grace),
               Going::state_missing);
    }
  }
  sweep_foreign_at_ = Time{};
}

bool Publications::is_own_announcement(std::string_view topic) const {
  return discovery::instance_of(discovery::announced_object(topic)) == topics_.instance();
}

void Publications::left_behind(const Message& message, Now now) {
  const bool is_own = topics_.parse(message.topic) || is_own_announcement(message.topic);
  if (!is_own || message.payload.empty()) return;
  outbox_.held(message.topic, message.payload);
  // However many come, each look at all that is there is for many of them.
  sweep_foreign_at_ = std::min(sweep_foreign_at_, now.at + sweep_pace);
}

/// What else was read under the instance and nobody claims, such as announcements under an old
/// prefix.
void Publications::sweep_foreign(Now now) {
  sweep_foreign_at_ = never;
  outbox_.each([&](const Record& record) {
    const bool left_over = record.what == What::foreign && !record.wanted && record.held != 0;
    if (!left_over || is_claimed(record)) return;
    const bool is_announcement = !topics_.parse(record.topic);
    sweep_.emplace(now.at + (is_announcement ? Time{} : taking_in), record.topic);
  });
}

/// Whether a topic from before belongs to a publication that is still to be decided on.
bool Publications::is_claimed(const Record& record) const {
  if (const auto parts = topics_.parse(record.topic)) {
    using Kind = discovery::TopicParts::Kind;
    if (parts->instance != topics_.instance()) return true;
    if (parts->kind == Kind::device) return uses_device(parts->object);
    const bool of_entity = parts->kind == Kind::entity || parts->kind == Kind::state ||
                           parts->kind == Kind::view || parts->kind == Kind::image;
    if (!of_entity) return true;
    const Publication* owner = find(std::string(parts->domain) + "." + std::string(parts->object));
    return owner != nullptr && !owner->live;
  }
  if (is_trigger(record.topic)) return true;
  const auto owner = by_object_.find(discovery::announced_object(record.topic));
  return owner != by_object_.end() && !owner->second->live;
}

bool Publications::is_trigger(std::string_view topic) const {
  if (!settings_.device_triggers) return false;
  const discovery::Consumer* const consumer = consumers_.at(topic);
  if (consumer == nullptr) return false;
  const auto parts = topics_.parse_announcement(consumer->prefix, topic);
  return parts && parts->domain == discovery::trigger_component &&
         !discovery::device_of_trigger(topics_.instance(), parts->object).empty();
}

std::size_t Publications::absent_count() const {
  return static_cast<std::size_t>(std::count_if(
      leaving_.begin(), leaving_.end(), [](const auto& l) { return is_absent(l.second->going); }));
}

bool Publications::is_mass_removal() const {
  const std::size_t absent = absent_count();
  return absent > mass_removal_count && absent * 2 > by_object_.size();
}

/// Whether what is absent must stay for now; the wait begins when that is first found, however long
/// Home Assistant has been running then.
bool Publications::holds_mass_removal(Now now, Effects& effects) {
  if (!is_mass_removal()) return false;
  if (mass_removal_until_ == never) {
    mass_removal_until_ = now.at + mass_removal_wait;
    effects.say(
        Level::error,
        fmt::format(
            "{} of {} published entities are missing from Home Assistant, or its registries "
            "no longer let them through the filter, although it runs; they stay on the bus "
            "for 10 minutes more. Check whether Home Assistant has loaded its integrations",
            absent_count(), by_object_.size()));
  }
  return now.at < mass_removal_until_;
}

void Publications::leave_due(Now now, Effects& effects) {
  if (mass_removal_until_ != never && !is_mass_removal()) mass_removal_until_ = never;
  std::vector<std::string> due;
  for (const auto& [at, publication] : leaving_) {
    if (at > now.at) break;
    due.push_back(publication->object);
  }
  if (due.empty()) return;
  const bool held_back = holds_mass_removal(now, effects);
  for (const std::string& object : due) {
    // One that goes may make room for another, or take it along.
    const auto found = by_object_.find(object);
    if (found == by_object_.end() || found->second->leaves_at > now.at) continue;
    Publication& publication = *found->second;
    if (held_back && is_absent(publication.going)) {
      leave_at(publication, mass_removal_until_, publication.going);
    } else {
      leave_or_stay(publication, now);
    }
  }
  if (!held_back) mass_removal_until_ = never;
}

/// Whether an entity is still, or again, what was published as this.
bool Publications::is_its_own(const Publication& publication,
                              const discovery::Entity& entity) const {
  return filter_.judge(home_, entity) == discovery::Reason::published &&
         discovery::object_name(topics_.instance(), entity) == publication.object;
}

void Publications::leave_or_stay(Publication& publication, Now now) {
  const discovery::Entity* const entity = home_.find(publication.entity_id);
  if (entity == nullptr || !entity->entry || !is_its_own(publication, *entity)) {
    leave(publication, now);
    // The entity may be there under another name.
    return judge_vacated(now);
  }
  // It is registered and enabled, and only has no state: main shows it as unavailable.
  leave_at(publication, never);
  publication.silent = true;
  if (publication.document != nullptr) touch_state(publication, true);
}

void Publications::sweep_due(Now now) {
  const bool is_due = !sweep_.empty() && sweep_.begin()->first <= now.at;
  if (is_due && outbox_.announces()) {
    // What main reads by announcements of before stays until it has had the new ones for as long.
    // An announcement still goes before what is read by it, with the same time between them; what
    // has waited through an outage puts off nothing else by so much.
    std::multimap<Time, std::string> later;
    Time before = sweep_.begin()->first;
    Time next = now.at + taking_in;
    for (auto& [at, topic] : sweep_) {
      next = std::max(at, next + std::min(at - std::exchange(before, at), taking_in));
      later.emplace(next, std::move(topic));
    }
    return sweep_.swap(later);
  }
  while (!sweep_.empty() && sweep_.begin()->first <= now.at) {
    Record* const record = outbox_.find(sweep_.begin()->second);
    sweep_.erase(sweep_.begin());
    if (record == nullptr) continue;
    if (record->owner == nobody || (record->what == What::foreign && !record->wanted)) {
      outbox_.drop(*record);
    }
  }
}

void Publications::tick(bool may_delete, Now now, Effects& effects) {
  tell_again(now);
  if (!may_delete) return;
  leave_due(now, effects);
  if (now.at >= sweep_foreign_at_) sweep_foreign(now);
  sweep_due(now);
  count_reasons(now, effects);
}

Time Publications::deadline(bool may_delete) const {
  Time next = tell_again_.empty() ? never : tell_again_.begin()->first;
  if (!may_delete) return next;
  if (!leaving_.empty()) next = std::min(next, leaving_.begin()->first);
  if (!sweep_.empty()) next = std::min(next, sweep_.begin()->first);
  if (uncounted_ || rejections_ != outbox_.rejections()) next = std::min(next, count_at_);
  return std::min(next, sweep_foreign_at_);
}

}  // namespace bridge
