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
  // One whose entity id belonged to another, which has been renamed only after it was judged.
  for (const auto& [id, entity] : home_.entities()) {
    if (!by_entity_.contains(id)) judge(*home_.find(id), now);
  }
}

void Publications::judge(discovery::Entity& entity, Now now) {
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
  const bool known = by_object_.contains(object);
  const bool other = current != nullptr && current->object != object;
  if (other && entity.entry) strike(*current, Going::struck, now.at + told_hold);
  if (other && !entity.entry) strike(*current, Going::unlisted, now.at + absence_grace);
  // While Home Assistant starts, an entity may be registered and have no state yet.
  if (!entity.state && (!known || settled_at_ == never)) return;
  // Two of one entity id would get different ones on main: a new one comes when the old one has
  // gone. One that is there already and was renamed takes its topics at once.
  if (other && !known) return;
  if (other) give_up_topics(*current, now);
  publish(at(object), entity, now);
}

}  // namespace bridge
