#include "bridge/publications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "discovery/blocked.hpp"
#include "discovery/document.hpp"
#include "discovery/view.hpp"

namespace bridge {
Publications::Publications(const Settings& settings, const discovery::Topics& topics,
                           discovery::Home& home, const Consumers& consumers, Outbox& outbox)
    : settings_(settings),
      topics_(topics),
      home_(home),
      consumers_(consumers),
      outbox_(outbox),
      filter_(settings.filter) {}

Publication& Publications::at(const std::string& object) {
  std::unique_ptr<Publication>& place = by_object_[object];
  if (place == nullptr) {
    place = std::make_unique<Publication>();
    place->object = object;
    place->number = static_cast<std::uint32_t>(by_number_.size());
    by_number_.push_back(place.get());
  }
  return *place;
}

const Publication* Publications::find(std::string_view entity_id) const {
  const auto found = by_entity_.find(entity_id);
  return found == by_entity_.end() ? nullptr : found->second;
}

void Publications::publish(Publication& publication, discovery::Entity& entity, Now now) {
  const bool renamed = !publication.entity_id.empty() && publication.entity_id != entity.id;
  // What it had at the broker before and has no longer, such as a view, was not swept while it was
  // not known whether it comes back.
  if (!publication.entity_id.empty() && !publication.live) sweep_foreign_at_ = Time{};
  if (renamed) {
    vacate(publication);
    give_up_topics(publication, now);
  }
  publication.entity_id = entity.id;
  by_entity_[entity.id] = &publication;
  publication.registered = entity.entry != nullptr;
  publication.entry = entity.entry;
  publication.live = true;
  leave_at(publication, never);
  if (entity.state) {
    publication.learned.learn(discovery::domain_of(entity.domain()), *entity.state);
    publication.silent = discovery::is_silent(*entity.state);
    if (discovery::domain_of(entity.domain()).fires) fire(publication, *entity.state, true);
  }
  use_device(publication, entity.entry ? entity.entry->device_id : "", now);
  // After a rename main is told at once where the state is now; else an announcement may wait.
  take_topics(publication, renamed ? Lane::now : Lane::paced, now);
}

void Publications::image_came(std::string_view entity_id, const std::string& type, Now now) {
  const auto found = by_entity_.find(entity_id);
  if (found == by_entity_.end() || found->second->image == nullptr) return;
  Publication& publication = *found->second;
  if (std::exchange(publication.image_type, type) != type) {
    outbox_.touch(*publication.description);
    touch_announcements(publication, Lane::paced, now);
  }
  outbox_.touch(*publication.image);
}

void Publications::use_device(Publication& publication, const std::string& device_id, Now now) {
  const std::string wanted = home_.device(device_id) == nullptr ? "" : device_id;
  if (publication.device_id != wanted) {
    if (const auto old = devices_.find(publication.device_id); old != devices_.end()) {
      if (--old->second.users == 0) {
        ++device_changes_;
        Record* record = outbox_.find(topics_.device(old->first));
        if (record != nullptr) release(record, now.at + taking_in);
      }
    }
    publication.device_id = wanted;
    if (!wanted.empty() && devices_[wanted].users++ == 0) ++device_changes_;
  }
  if (wanted.empty()) return;
  DeviceUse& use = devices_[wanted];
  if (use.number == 0) {
    if (device_ids_.empty()) device_ids_.emplace_back();  // number 0 is none
    use.number = static_cast<std::uint32_t>(device_ids_.size());
    device_ids_.push_back(wanted);
  }
  outbox_.touch(outbox_.record(topics_.device(wanted), What::device, use.number));
}

std::deque<std::string> Publications::devices() const {
  std::deque<std::string> ids;
  for (const auto& [id, use] : devices_) {
    if (use.users > 0) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool Publications::uses_device(std::string_view id) const {
  const auto found = devices_.find(id);
  return found != devices_.end() && found->second.users > 0;
}

bool Publications::state_changed(const discovery::StateChange& change, bool snapshot, Now now) {
  const auto found = by_entity_.find(change.entity.id);
  Publication* const publication = found == by_entity_.end() ? nullptr : found->second;
  if (change.kind != discovery::StateChange::Kind::changed) uncounted_ = true;
  if (change.kind == discovery::StateChange::Kind::removed) {
    if (publication == nullptr) return false;
    state_gone(*publication, snapshot, now);
    return false;
  }
  const bool added = change.kind == discovery::StateChange::Kind::added;
  if (publication == nullptr || !publication->live) return added;
  const discovery::State& state = *change.entity.state;
  const discovery::Domain& domain = discovery::domain_of(change.entity.domain());
  state_came(*publication);
  const bool was_silent = std::exchange(publication->silent, discovery::is_silent(state));
  if (added || was_silent || publication->learned.concerns(domain, change.attributes)) {
    const discovery::News news = publication->learned.learn(domain, state);
    if (news != discovery::News::nothing) {
      outbox_.touch(*publication->description);
      // Many may tell a new attribute at once, and main drops what comes faster than it reads.
      touch_announcements(*publication,
                          news == discovery::News::capabilities ? Lane::now : Lane::paced, now);
    }
  }
  touch_state(*publication, added || was_silent || publication->silent);
  if (domain.fires) fire(*publication, state, snapshot);
  // It may be another one than the one that went, which was registered, or was not.
  return added && publication->registered != (change.entity.entry != nullptr);
}

void Publications::fire(Publication& publication, const discovery::State& state, bool snapshot) {
  if (state.value == "unavailable") return;
  // "unknown" means that the event never fired; the first moment after it is a firing. After a
  // silence the same moment comes again, and after a restart the last one does; those are none.
  const std::string before = std::exchange(publication.last_moment, state.value);
  if (snapshot || before.empty() || before == state.value || state.value == "unknown") return;
  std::string payload = "{";
  for (const discovery::Attribute& attribute : state.attributes) {
    const bool extra = discovery::may_be_taken("event", attribute.name);
    if (!extra && attribute.name != "event_type") continue;
    if (payload.size() > 1) payload += ',';
    discovery::append_json_string(payload, attribute.name);
    (payload += ':') += attribute.json;
  }
  const std::string& id = publication.entity_id;
  outbox_.send(topics_.event(std::string_view(id).substr(id.find('.') + 1)), payload + "}");
}

void Publications::renamed(const std::string& from) {
  const auto found = by_entity_.find(from);
  if (found == by_entity_.end()) return;
  // Not of one that has left this entity id before, as the registry has told already.
  const discovery::Entity* const entity = home_.find(from);
  const bool is_listed = entity != nullptr && entity->entry && is_its_own(*found->second, *entity);
  if (is_listed) state_came(*found->second);
}

}  // namespace bridge
