// How things go away: after a hold, in an order that main's Home Assistant bears, and never on
// doubt.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/publications.hpp"

namespace bridge {
namespace {

constexpr Time sweep_delay{5'000};
constexpr Time absence_grace{60'000};
// When so many, and more than half of all, are merely missing, something else is likely wrong; they
// stay until Home Assistant has been running without them for this long.
constexpr std::size_t mass_removal_count = 10;
constexpr Time mass_removal_wait{10 * 60'000};

}  // namespace

/// The topic is cleared at `at`, unless somebody takes it before.
void Publications::release(Record*& record, Time at) {
  if (record == nullptr) return;
  outbox_.release(*record);
  sweep_.emplace(at, record->topic);
  record = nullptr;
}

void Publications::leave_at(Publication& publication, Time at, bool absent) {
  leaving_.erase({publication.leaves_at, &publication});
  publication.leaves_at = at;
  publication.absent = absent;
  if (at != never) leaving_.emplace(at, &publication);
}

void Publications::leave(Publication& publication, Now now) {
  leave_at(publication, never);
  foreign_to_sweep_ = foreign_to_sweep_ || !publication.live;
  const auto own = [&](Record*& record) {
    if (record != nullptr && record->owner == publication.number)
      release(record, now.at + sweep_delay);
  };
  if (publication.document != nullptr) publication.document->after = nullptr;
  if (publication.announcement != nullptr) outbox_.drop(*publication.announcement);
  own(publication.description);
  own(publication.document);
  for (Record*& view : publication.views) own(view);
  own(publication.availability);
  use_device(publication, "", now);
  const auto by_entity = by_entity_.find(publication.entity_id);
  if (by_entity != by_entity_.end() && by_entity->second == &publication)
    by_entity_.erase(by_entity);
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
  for (auto& [object, publication] : by_object_) {
    // One that went while Home Assistant could not tell is in no list, and no change tells of it.
    const bool known = publication->live && home_.find(publication->entity_id) != nullptr;
    if (!known && publication->leaves_at == never) unknown.push_back(publication.get());
  }
  for (Publication* publication : unknown) {
    discovery::Entity* entity = home_.find(publication->entity_id);
    if (entity != nullptr && entity->entry) {
      judge(*entity, now);
    } else {
      // The registry is complete from the start; entities without an entry may come late.
      leave_at(*publication, now.at + (publication->registered ? sweep_delay : absence_grace),
               true);
    }
  }
  foreign_to_sweep_ = true;
}

/// What else was read under the instance and nobody claims, such as announcements under an old
/// prefix.
void Publications::sweep_foreign(Now now) {
  outbox_.each([&](const Record& record) {
    const bool left_over = record.what == What::foreign && !record.wanted && record.held != 0;
    if (!left_over || is_claimed(record)) return;
    const bool is_announcement = !topics_.parse(record.topic);
    sweep_.emplace(now.at + (is_announcement ? Time{} : sweep_delay), record.topic);
  });
}

/// Whether a topic from before belongs to a publication that is still to be decided on.
bool Publications::is_claimed(const Record& record) const {
  if (const auto parts = topics_.parse(record.topic)) {
    using Kind = discovery::TopicParts::Kind;
    if (parts->instance != topics_.instance()) return true;
    if (parts->kind == Kind::device) return devices_.contains(parts->object);
    const bool of_entity =
        parts->kind == Kind::entity || parts->kind == Kind::state || parts->kind == Kind::view;
    if (!of_entity) return true;
    const Publication* owner = find(std::string(parts->domain) + "." + std::string(parts->object));
    return owner != nullptr && !owner->live;
  }
  const auto owner = by_object_.find(discovery::announced_object(record.topic));
  return owner != by_object_.end() && !owner->second->live;
}

bool Publications::holds_mass_removal(Now now, Effects& effects) {
  const auto missing = static_cast<std::size_t>(std::count_if(
      leaving_.begin(), leaving_.end(), [](const auto& l) { return l.second->absent; }));
  if (missing <= mass_removal_count || missing * 2 <= by_object_.size()) return false;
  if (now.at >= settled_at_ + mass_removal_wait) return false;
  if (mass_removal_until_ == never) {
    effects.say(
        Level::error,
        fmt::format("{} of {} published entities are missing from Home Assistant although it runs; "
                    "they stay on the bus for 10 minutes more. Check whether Home Assistant has "
                    "loaded its integrations",
                    missing, by_object_.size()));
  }
  mass_removal_until_ = settled_at_ + mass_removal_wait;
  return true;
}

void Publications::leave_due(Now now, Effects& effects) {
  std::vector<Publication*> due;
  for (const auto& [at, publication] : leaving_) {
    if (at <= now.at) due.push_back(publication);
  }
  if (due.empty()) return;
  const bool held_back = holds_mass_removal(now, effects);
  for (Publication* publication : due) {
    if (publication->absent && held_back) {
      leave_at(*publication, mass_removal_until_, true);
      continue;
    }
    const discovery::Entity* entity = home_.find(publication->entity_id);
    if (entity == nullptr || !entity->entry) {
      leave(*publication, now);
      continue;
    }
    // It is registered and enabled, and only has no state: main shows it as unavailable.
    leave_at(*publication, never);
    publication->silent = true;
    if (publication->document != nullptr) touch_state(*publication, true);
  }
  if (!held_back) mass_removal_until_ = never;
}

void Publications::sweep_due(Now now) {
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
  if (!may_delete) return;
  leave_due(now, effects);
  if (std::exchange(foreign_to_sweep_, false)) sweep_foreign(now);
  sweep_due(now);
}

Time Publications::deadline(bool may_delete) const {
  if (!may_delete) return never;
  Time next = leaving_.empty() ? never : leaving_.begin()->first;
  if (!sweep_.empty()) next = std::min(next, sweep_.begin()->first);
  return foreign_to_sweep_ ? Time{} : next;
}

}  // namespace bridge
