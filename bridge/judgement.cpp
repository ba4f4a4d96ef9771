// Which entities are published, and as what: the filter's verdict on each and the identity that the
// registry gives it. What that takes away goes by removals.cpp, after a hold and never on doubt.
#include "bridge/publications.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

// Lists of the registries come one after the other, and what one of them lacks the next may tell.
constexpr Time told_hold{2'000};
// An entry that is merely not there any more.
constexpr Time absence_grace{60'000};

}  // namespace

void Publications::set_filter(std::vector<discovery::FilterRule> rules, bool facts_known, Now now) {
  const discovery::Filter before = std::exchange(filter_, discovery::Filter(std::move(rules)));
  if (!facts_known) return;
  const auto lets_through = [&](const discovery::Filter& filter, const discovery::Entity& entity) {
    return filter.judge(home_, entity) == discovery::Reason::published;
  };
  for (const auto& [id, entity] : home_.entities()) {
    if (!lets_through(before, entity) || lets_through(filter_, entity)) continue;
    const auto published = by_entity_.find(id);
    if (published != by_entity_.end()) leave(*published->second, now);
  }
}

void Publications::judge_all(Now now) {
  for (const auto& [id, entity] : home_.entities()) judge(*home_.find(id), now);
}

void Publications::judge(discovery::Entity& entity, Now now) {
  judge_one(entity, now);
  judge_vacated(now);
}

/// Whatever made a publication leave its entity id, another entity may have waited for that.
void Publications::judge_vacated(Now now) {
  while (!vacated_.empty()) {
    const std::string id = std::move(vacated_.back());
    vacated_.pop_back();
    if (discovery::Entity* const entity = home_.find(id)) judge_one(*entity, now);
  }
}

/// Its entity id is free, unless another one has taken that already.
void Publications::vacate(const Publication& publication) {
  const auto place = by_entity_.find(publication.entity_id);
  if (place == by_entity_.end() || place->second != &publication) return;
  vacated_.push_back(place->first);
  by_entity_.erase(place);
}

void Publications::judge_one(discovery::Entity& entity, Now now) {
  uncounted_ = true;
  const auto by_entity = by_entity_.find(entity.id);
  Publication* const current = by_entity == by_entity_.end() ? nullptr : by_entity->second;
  if (!entity.state && !entity.entry) {
    // The registry has forgotten an entity that has no state either.
    if (current != nullptr && current->leaves_at == never) {
      strike(*current, Going::unlisted, now.at + absence_grace);
    }
    return;
  }
  const discovery::Reason reason = filter_.judge(home_, entity);
  if (reason != discovery::Reason::published) {
    if (current == nullptr) return;
    // Rules may go by what the registries tell of devices, areas and labels, and lack just that.
    const bool told = reason == discovery::Reason::disabled || reason == discovery::Reason::mirror;
    return strike(*current, told ? Going::struck : Going::unlisted, now.at + told_hold);
  }
  const std::string object = discovery::object_name(topics_.instance(), entity);
  const auto by_object = by_object_.find(object);
  const bool known = by_object != by_object_.end();
  const bool other = current != nullptr && current->object != object;
  if (other && entity.entry) strike(*current, Going::struck, now.at + told_hold);
  if (other && !entity.entry) strike(*current, Going::unlisted, now.at + absence_grace);
  // While Home Assistant starts, an entity may be registered and have no state yet. One that has
  // had a state is as the registry tells it now: nothing judges it again when its state comes back.
  const bool early = settled_at_ == never && !(known && by_object->second->live);
  if (!entity.state && early) return;
  // Two of one entity id would get different ones on main: a new one comes when the old one has
  // gone. One that main has already, and that was renamed or is back, takes its topics at once.
  const bool must_be_known = other || !entity.state;
  if (must_be_known && !known && !hold_announced(entity, object)) return;
  if (other) give_up_topics(*current, now);
  publish(at(object), entity, now);
}

}  // namespace bridge
