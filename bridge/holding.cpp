// What an earlier process has left at the broker and this one goes on with. Of an entity without a
// state nothing else tells that it was published, and what main needs to know of it.
#include <algorithm>
#include <utility>

#include "bridge/publications.hpp"

namespace bridge {

void Publications::hold(const discovery::HeldDescription& held, Now now) {
  if (const auto known = by_object_.find(held.object); known != by_object_.end()) {
    return learn_held(*known->second, held, now);
  }
  Publication& publication = at(held.object);
  publication.entity_id = held.entity_id;
  publication.registered = !held.registry_id.empty();
  publication.learned = held.learned;
  publication.image_type = held.image;
  publication.deleted_under = held.deleted_under;
  deleted_prefixes_.insert(held.deleted_under.begin(), held.deleted_under.end());
  // A broker may come back with what it had when its entity id was not yet another one's. What
  // stands at its topics belongs to it from now on, or to that one; nothing of it is wanted yet.
  if (by_entity_.try_emplace(held.entity_id, &publication).second) {
    const auto claim = [&](const std::string& topic, What what) {
      return outbox_.find(topic) == nullptr ? nullptr
                                            : &outbox_.record(topic, what, publication.number);
    };
    publication.description = claim(topics_.entity(held.entity_id), What::description);
    publication.document = claim(topics_.state(held.entity_id), What::document);
  }
  claim_announcements(publication);
}

/// A description of one that is known already.
void Publications::learn_held(Publication& publication, const discovery::HeldDescription& held,
                              Now now) {
  bool changed = publication.learned.merge(held.learned, publication.silent);
  if (publication.image_type.empty() && !held.image.empty()) {
    publication.image_type = held.image;
    changed = true;
  }
  for (const std::string& prefix : held.deleted_under) {
    if (is_deleted(publication, prefix)) continue;
    publication.deleted_under.push_back(prefix);
    deleted_prefixes_.insert(prefix);
    changed = true;
  }
  if (!changed || !publication.live) return;
  if (publication.description == nullptr) return;
  outbox_.touch(*publication.description);
  touch_announcements(publication, Lane::paced, now);
}

/// Whether main has this entity by an announcement alone. A bridge that was killed while it filled
/// an emptied broker may leave one without its description; and one that went during an outage of
/// the broker and is back still has its own, which is not cleared then.
bool Publications::hold_announced(const discovery::Entity& entity, const std::string& object) {
  Publication publication{.object = object, .entity_id = entity.id};
  std::vector<Record*> left = announced(publication);
  std::erase_if(left, [](const Record* r) { return r->held == 0 || r->in_flight; });
  if (left.empty()) return false;
  at(object).entity_id = entity.id;
  for (Record* left_there : left) outbox_.release(*left_there);
  claim_announcements(at(object));
  return true;
}

void Publications::claim_announcements(Publication& publication) {
  for (const Record* held : announced(publication)) {
    publication.announcements.push_back(
        &outbox_.record(held->topic, What::announcement, publication.number));
  }
}

/// What was found where its announcements would stand.
std::vector<Record*> Publications::announced(const Publication& publication) const {
  discovery::Description description;
  description.entity_id = publication.entity_id;
  description.learned = publication.learned;
  description.image = image_of(publication);
  std::vector<Record*> found;
  for (const discovery::Consumer& consumer : consumers_.asked()) {
    const auto facts = discovery::facts_of(description, consumer, consumers_.source());
    Record* const record = outbox_.find(
        topics_.announcement(consumer.prefix, facts.domain.component, publication.object));
    if (record != nullptr) found.push_back(record);
  }
  return found;
}

}  // namespace bridge
