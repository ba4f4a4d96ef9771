// The topics that a publication has: its description and document, an announcement for each
// consumer, and the views that those name.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/publications.hpp"
#include "discovery/view.hpp"

namespace bridge {

std::vector<Record*> records_of(const Publication& publication) {
  std::vector<Record*> records = publication.announcements;
  records.insert(records.end(), {publication.description, publication.document});
  for (const auto* views : {&publication.availability, &publication.views}) {
    records.insert(records.end(), views->begin(), views->end());
  }
  std::erase(records, nullptr);
  return records;
}

bool is_deleted(const Publication& publication, const std::string& prefix) {
  const auto& under = publication.deleted_under;
  return std::find(under.begin(), under.end(), prefix) != under.end();
}

void Publications::consumers_changed(Now now) {
  for (auto& [object, publication] : by_object_) {
    // One that waits to go may have given its topics to another already.
    const bool has_topics = publication->live && publication->description != nullptr;
    if (has_topics) touch_announcements(*publication, Lane::paced, now);
  }
}

void Publications::take_topics(Publication& publication, Lane lane, Now now) {
  const std::string& id = publication.entity_id;
  publication.description =
      &outbox_.record(topics_.entity(id), What::description, publication.number);
  outbox_.touch(*publication.description);
  publication.document = &outbox_.record(topics_.state(id), What::document, publication.number);
  if (!image_of(publication).empty()) {
    publication.image = &outbox_.record(topics_.image(id), What::image, publication.number);
  }
  touch_state(publication, true);
  touch_announcements(publication, lane, now);
}

/// The views that the announcements name. Others go, because nobody reads them any more, unless
/// `keep_others`.
void Publications::take_views(Publication& publication, const std::set<std::string_view>& slots,
                              bool keep_others, Now now) {
  std::vector<Record*> views;
  std::vector<Record*> availability;
  std::vector<Record*> new_availability;
  const auto take = [](std::vector<Record*>& before, Record* view) {
    return std::erase(before, view) != 0;
  };
  for (const std::string_view slot : slots) {
    Record* const view =
        &outbox_.record(topics_.view(publication.entity_id, slot), What::view, publication.number);
    const bool was_there = take(publication.views, view) || take(publication.availability, view);
    const bool tells_availability = discovery::tells_availability(slot);
    (tells_availability ? availability : views).push_back(view);
    if (was_there) continue;
    if (tells_availability) {
      new_availability.push_back(view);
    } else {
      outbox_.touch(*view);
    }
  }
  // An entity is there once all is told of it.
  for (Record* view : new_availability) outbox_.touch(*view);
  std::swap(publication.views, views);
  std::swap(publication.availability, availability);
  if (keep_others) {
    publication.views.insert(publication.views.end(), views.begin(), views.end());
    publication.availability.insert(publication.availability.end(), availability.begin(),
                                    availability.end());
    return;
  }
  for (Record* view : views) release(view, now.at + taking_in);
  for (Record* view : availability) release(view, now.at + taking_in);
}

/// Marks what tells the state. What becomes unavailable is called so first, and what comes back
/// last, so that main never shows a state that is none.
void Publications::touch_state(Publication& publication, bool availability) {
  const auto touch_availability = [&] {
    for (Record* view : publication.availability) outbox_.touch(*view);
  };
  if (availability && publication.silent) touch_availability();
  outbox_.touch(*publication.document);
  for (Record* view : publication.views) outbox_.touch(*view);
  if (availability && !publication.silent) touch_availability();
  if (publication.image != nullptr) outbox_.touch(*publication.image);
}

void Publications::touch_announcements(Publication& publication, Lane lane, Now now) {
  uncounted_ = true;
  const discovery::Description description = description_of(publication);
  std::vector<Record*> wanted;
  std::vector<Record*> told;
  std::set<std::string_view> slots;
  for (const discovery::Consumer& consumer : consumers_.asked()) {
    const bool gets_none =
        consumer.prefix == consumers_.own() || is_deleted(publication, consumer.prefix);
    if (gets_none) continue;
    const auto facts = discovery::facts_of(description, consumer, consumers_.source());
    if (!consumers_.is_proven(consumer.prefix) || !discovery::can_announce(facts)) {
      // What stands there was true, and will be again.
      for (Record* record : publication.announcements) {
        const discovery::Consumer* const asks = consumers_.at(record->topic);
        const bool is_its = asks != nullptr && asks->prefix == consumer.prefix;
        if (is_its) wanted.push_back(record);
      }
      continue;
    }
    for (const std::string_view slot : discovery::view_slots(facts)) slots.insert(slot);
    told.push_back(&outbox_.record(
        topics_.announcement(consumer.prefix, facts.domain.component, publication.object),
        What::announcement, publication.number));
  }
  const bool some_stay = !wanted.empty();
  wanted.insert(wanted.end(), told.begin(), told.end());
  // It may be announced as something else than before, or for fewer.
  outbox_.replace(publication.announcements, std::move(wanted));
  take_views(publication, slots, some_stay, now);
  for (Record* record : told) outbox_.touch(*record, lane);
  // All of them go before the document.
  Record* after = nullptr;
  for (Record* record : publication.announcements) record->after = std::exchange(after, record);
  publication.document->after = after;
}

void Publications::deleted(const Record& announcement, Now now, Effects& effects) {
  const discovery::Consumer* const consumer = consumers_.at(announcement.topic);
  if (consumer == nullptr || announcement.owner == nobody) return;
  Publication& publication = *by_number_.at(announcement.owner);
  if (publication.description == nullptr) return;
  publication.deleted_under.push_back(consumer->prefix);
  deleted_prefixes_.insert(consumer->prefix);
  effects.say(Level::warning,
              fmt::format("{0} was deleted on main (prefix {1}) and stays away there; `statebus "
                          "restore {0}` brings it back",
                          publication.entity_id, consumer->prefix));
  outbox_.touch(*publication.description);
  touch_announcements(publication, Lane::now, now);
}

std::vector<std::string> Publications::restore(std::string_view entity_id, Now now) {
  const auto found = by_entity_.find(entity_id);
  if (found == by_entity_.end() || found->second->description == nullptr) return {};
  Publication& publication = *found->second;
  std::vector<std::string> prefixes = std::exchange(publication.deleted_under, {});
  if (prefixes.empty() || !publication.live) return prefixes;
  outbox_.touch(*publication.description);
  touch_announcements(publication, Lane::now, now);
  return prefixes;
}

bool Publications::is_device_deleted(std::string_view device_id, const std::string& prefix) const {
  if (!deleted_prefixes_.contains(prefix)) return false;
  bool any = false;
  for (const auto& [object, publication] : by_object_) {
    if (publication->device_id != device_id) continue;
    if (!is_deleted(*publication, prefix)) return false;
    any = true;
  }
  return any;
}

/// The topic is cleared at `at`, unless somebody takes it before.
void Publications::release(Record*& record, Time at) {
  if (record == nullptr) return;
  outbox_.release(*record);
  sweep_.emplace(at, record->topic);
  record = nullptr;
}

/// The topics that bear its entity id, but for those that another publication has taken already.
void Publications::give_up_topics(Publication& publication, Now now) {
  const auto give_up = [&](Record*& record) {
    const bool own = record != nullptr && record->owner == publication.number;
    if (own) release(record, now.at + taking_in);
    record = nullptr;
  };
  give_up(publication.description);
  give_up(publication.document);
  for (auto* views : {&publication.views, &publication.availability}) {
    for (Record* view : std::exchange(*views, {})) give_up(view);
  }
  give_up(publication.image);
}

/// Some platforms of main forget a part of what they have read when their announcement changes: a
/// climate its preset, a humidifier its mode, a siren its state (_setup_from_config in
/// home-assistant/core components/mqtt). They read it again only when it comes again.
void Publications::tell_again(Now now) {
  for (const std::uint32_t number : outbox_.take_replaced()) {
    tell_again_.emplace(now.at + taking_in, number);
  }
  while (!tell_again_.empty() && tell_again_.begin()->first <= now.at) {
    const Publication* const publication = by_number_.at(tell_again_.begin()->second);
    tell_again_.erase(tell_again_.begin());
    if (publication == nullptr || publication->document == nullptr) continue;
    outbox_.repeat(*publication->document);
    for (Record* view : publication->views) outbox_.repeat(*view);
  }
}

}  // namespace bridge
