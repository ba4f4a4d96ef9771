// Why an entity is not on the bus, not on main, or only as a stand-in: asked for one, and now and
// then counted for all.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/publications.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

using discovery::Reason;

// All entities are looked at then, and most changes of their reasons come by the hundred.
constexpr Time counting_pace{10'000};

std::string off_the_bus(const discovery::ReasonCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (counts[i] == 0 || !keeps_off_the_bus(reason)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[i], to_text(reason));
  }
  return text;
}

}  // namespace

Reason Publications::reason_of(const discovery::Entity& entity) const {
  const Publication* const publication = find(entity.id);
  const bool stays = publication != nullptr && publication->live && publication->leaves_at == never;
  if (stays) return reason_of(*publication);
  const Reason reason = filter_.judge(home_, entity);
  if (reason != Reason::published) return reason;
  const bool goes_on = publication != nullptr && publication->live &&
                       publication->object == discovery::object_name(topics_.instance(), entity);
  if (goes_on) return reason_of(*publication);
  return entity.state ? Reason::pending : Reason::no_state;
}

Reason Publications::reason_of(const Publication& publication) const {
  const std::vector<Record*> records = records_of(publication);
  const auto any = [&](bool Record::*flag) {
    return std::any_of(records.begin(), records.end(), [&](const Record* r) { return r->*flag; });
  };
  if (any(&Record::refused)) return Reason::not_allowed;
  if (any(&Record::too_large)) return Reason::too_large;
  if (consumers_.asked().empty()) return Reason::no_consumer;
  if (consumers_.all().empty()) {
    // Whose Home Assistant it is that asks, a few seconds will tell.
    return consumers_.own().empty() ? Reason::published : Reason::own_prefix;
  }
  if (!publication.announcements.empty()) return Reason::published;
  return publication.deleted_under.empty() ? Reason::incomplete : Reason::deleted;
}

std::string_view Publications::component_of(const Record& announcement) const {
  const discovery::Consumer* const consumer = consumers_.at(announcement.topic);
  if (consumer == nullptr) return {};
  const auto parts = topics_.parse_announcement(consumer->prefix, announcement.topic);
  return parts ? parts->domain : std::string_view();
}

Reason Publications::why_stand_in(const Record& announcement) const {
  const Publication& publication = owner_of(announcement);
  const discovery::Domain& kind = kind_of(publication);
  // Describing costs more than this, and most are what their kind says.
  if (!kind.name.empty() && kind.component == component_of(announcement)) return Reason::published;
  const discovery::Consumer* const consumer = consumers_.at(announcement.topic);
  if (consumer == nullptr) return Reason::published;
  return discovery::why_stand_in(
      discovery::facts_of(description_of(publication), *consumer, consumers_.source()));
}

std::map<std::string, std::vector<std::string>> Publications::clashes() const {
  std::map<std::string, std::vector<std::string>> by_wanted_id;
  for (const auto& [object, publication] : by_object_) {
    if (!publication->live || publication->announcements.empty()) continue;
    const std::string_view component = component_of(*publication->announcements.front());
    by_wanted_id[discovery::wanted_entity_id(component, publication->entity_id,
                                             settings_.entity_id_prefix)]
        .push_back(publication->entity_id);
  }
  std::erase_if(by_wanted_id, [](const auto& wanted) { return wanted.second.size() < 2; });
  for (auto& [wanted, ids] : by_wanted_id) std::sort(ids.begin(), ids.end());
  return by_wanted_id;
}

void Publications::count_reasons(Now now, Effects& effects) {
  if (std::exchange(rejections_, outbox_.rejections()) != outbox_.rejections()) uncounted_ = true;
  if (!uncounted_ || now.at < count_at_) return;
  uncounted_ = false;
  const bool first = count_at_ == Time{};
  count_at_ = now.at + counting_pace;
  std::map<std::string, std::vector<std::string>> clashing;
  for (const auto& [wanted, ids] : clashes()) {
    for (const std::string& id : ids) clashing[id] = ids;
    if (clashes_told_.insert(wanted).second) {
      effects.say(Level::warning,
                  fmt::format("{} each ask main for the entity id {} (clash), and main gives the "
                              "later ones a _2; rename one of them",
                              fmt::join(ids, ", "), wanted));
    }
  }
  reasons_ = {};
  std::map<std::string, Reason, std::less<>> told;
  for (const auto& [id, entity] : home_.entities()) {
    if (!entity.state && !entity.entry) continue;
    Reason reason = reason_of(entity);
    if (reason == Reason::published && clashing.contains(id)) reason = Reason::clash;
    const Publication* const publication = find(id);
    if (publication != nullptr && publication->live && !publication->announcements.empty()) {
      const Reason stands_in = why_stand_in(*publication->announcements.front());
      if (stands_in != Reason::published) ++reasons_[static_cast<std::size_t>(stands_in)];
    }
    if (reason == Reason::published) continue;
    ++reasons_[static_cast<std::size_t>(reason)];
    const auto before = reasons_told_.find(id);
    if (before == reasons_told_.end() || before->second != reason) {
      effects.say(Level::debug,
                  fmt::format("{}: {}: {}", id, to_text(reason), discovery::about(reason).why));
    }
    told.emplace(id, reason);
  }
  reasons_told_ = std::move(told);
  const std::string off = off_the_bus(reasons_);
  if (!first || off.empty()) return;
  effects.say(Level::info,
              fmt::format("not on the bus: {}; `statebus explain ENTITY` says why", off));
}

}  // namespace bridge
