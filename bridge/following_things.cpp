// Following, as far as devices and entities are concerned.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/following.hpp"
#include "discovery/announce.hpp"
#include "discovery/consumer.hpp"
#include "discovery/identity.hpp"
#include "discovery/topic_form.hpp"

namespace bridge {
namespace {

using discovery::Json;
using Verdict = Change::Verdict;

/// The id in statebus-hubs-ab12….
std::string_view id_of(const std::string& instance, std::string_view object) {
  return object.substr(discovery::mirror_mark.size() + instance.size() + 1);
}

/// What was applied of a row. One that has come anew, under another registry id, is untouched.
Change begin(const Followed& followed, const FollowedKey& key, const std::string& registry_id) {
  const Applied* const applied = followed.find(key);
  const Applied base =
      applied != nullptr && applied->of == registry_id ? *applied : Applied{.of = registry_id};
  return {base, base};
}

}  // namespace

void Following::settle(const FollowedKey& key, Change change,
                       const std::function<RegistryWrite()>& begin_write, Pass& pass) {
  const Applied* const known = followed_.find(key);
  if (known == nullptr || *known != change.now) followed_.store(key, std::move(change.now));
  if (change.data.empty()) return;
  RegistryWrite write = begin_write();
  write.data.update(change.data);
  write.done = [this, source = std::string(key.source), kind = std::string(key.kind),
                id = std::string(key.id), then = std::move(change.then)](const Json&) {
    followed_.store({source, kind, id}, then);
  };
  desk_.offer(std::move(write), pass.now, pass.effects);
}

void Following::follow_area(Change& change, const Source& source, const std::string& area,
                            const std::string& here, Pass& pass) {
  const PlaceKind& kind = kind_of(Registry::areas);
  const Target target =
      area.empty() ? Target{Target::State::there, ""} : find_place(kind, source, area, pass);
  if (target.state == Target::State::unknown) return;
  const bool is_there = target.state == Target::State::there;
  // Null is no area that there can be here.
  const Json wanted = is_there ? Json(target.id) : Json();
  if (change.judge("area", wanted, here) != Verdict::write) return;
  if (!is_there) return make_place(kind, source, area, pass);
  change.write("area", wanted, "area_id", target.id.empty() ? Json() : wanted);
}

void Following::follow_labels(Change& change, const Source& source,
                              const std::vector<std::string>& labels,
                              const std::vector<std::string>& here, Pass& pass) {
  const PlaceKind& kind = kind_of(Registry::labels);
  const Json* const base = change.now.value("labels");
  std::set<std::string> wanted;
  for (const std::string& label : labels) {
    const Target target = find_place(kind, source, label, pass);
    if (target.state == Target::State::unknown) return;
    if (target.state == Target::State::there) {
      wanted.insert(target.id);
      continue;
    }
    const Applied* const known = followed_.find({source.instance, kind.name, label});
    const bool was_deleted_here = known != nullptr && base != nullptr &&
                                  std::find(base->begin(), base->end(), known->of) != base->end();
    if (!was_deleted_here) return make_place(kind, source, label, pass);
    wanted.insert(known->of);
  }
  change.follow_labels(wanted, here);
}

void Following::follow_device(const Source& source, std::string_view object,
                              const discovery::DeviceEntry& device, Pass& pass) {
  const auto found = source.facts.devices.find(object);
  const std::string_view id = id_of(source.instance, object);
  const std::string row = "device " + device.id;
  if (found == source.facts.devices.end() || !discovery::valid_topic_level(id) ||
      desk_.is_busy(row))
    return;
  const FollowedKey key{source.instance, "device", id};
  Change change = begin(followed_, key, device.id);
  if (settings_.areas) {
    const auto by_entity = pass.areas_by_entity.find(object);
    const bool takes_entitys = by_entity != pass.areas_by_entity.end();
    follow_area(change, source, takes_entitys ? by_entity->second : found->second.area,
                device.area_id, pass);
  }
  if (settings_.labels && has_labels()) {
    follow_labels(change, source, found->second.labels, device.labels, pass);
  }
  const auto write = [&] {
    return RegistryWrite{.key = row,
                         .command = "config/device_registry/update",
                         .data = {{"device_id", device.id}},
                         .registry = Registry::devices,
                         .about = fmt::format("the device {} of {}", device.name, source.instance)};
  };
  settle(key, std::move(change), write, pass);
}

/// The area that an entity has apart from its device's; nothing: that cannot be told.
std::optional<std::string> Following::own_area(const Source& source, const NeighborEntity& fact,
                                               const discovery::EntityEntry& entry, Pass& pass) {
  if (fact.device.empty() || fact.area.empty()) return fact.area;
  const auto device = source.facts.devices.find(fact.device);
  if (device == source.facts.devices.end()) return std::nullopt;
  const auto by_entity = pass.areas_by_entity.find(fact.device);
  const bool takes_entitys = by_entity != pass.areas_by_entity.end();
  if (fact.area == (takes_entitys ? by_entity->second : device->second.area)) return "";
  const bool has_name = !entry.name.empty() || !entry.original_name.empty();
  if (has_name || version_ < discovery::since::area_by_name) return fact.area;
  if (told_.insert("area " + entry.registry_id).second) {
    pass.effects.say(Level::info,
                     fmt::format("{} of {} stays in the area of its device: Home Assistant gives "
                                 "an entity without a name of its own no other",
                                 entry.entity_id, source.instance));
  }
  return "";
}

void Following::follow_entity(const Source& source, std::string_view object,
                              const discovery::EntityEntry& entry, Pass& pass) {
  const auto found = source.facts.entities.find(object);
  const std::string_view id = id_of(source.instance, object);
  const std::string row = "entity " + entry.registry_id;
  if (found == source.facts.entities.end() || !discovery::valid_topic_level(id) ||
      desk_.is_busy(row))
    return;
  const NeighborEntity& fact = found->second;
  const FollowedKey key{source.instance, "entity", id};
  const auto area = settings_.areas ? own_area(source, fact, entry, pass) : std::nullopt;
  // Most of a large house is this, and costs no more than finding that out.
  const bool is_plain = area.value_or("").empty() && entry.area_id.empty() && !fact.hidden &&
                        entry.hidden_by.empty() && fact.labels.empty() && entry.labels.empty();
  if (!is_plain || followed_.find(key) != nullptr) {
    Change change = begin(followed_, key, entry.registry_id);
    if (area) follow_area(change, source, *area, entry.area_id, pass);
    if (settings_.labels && has_labels()) {
      follow_labels(change, source, fact.labels, entry.labels, pass);
    }
    if (settings_.hidden &&
        change.judge("hidden", fact.hidden, !entry.hidden_by.empty()) == Verdict::write) {
      change.write("hidden", fact.hidden, "hidden_by", fact.hidden ? Json("user") : Json());
    }
    const auto write = [&] {
      return RegistryWrite{.key = row,
                           .command = "config/entity_registry/update",
                           .data = {{"entity_id", entry.entity_id}},
                           .registry = Registry::entities,
                           .about = fmt::format("{} of {}", entry.entity_id, source.instance)};
    };
    settle(key, std::move(change), write, pass);
  }
  if (settings_.names) follow_entity_id(source, fact, entry, pass);
}

/// Main's id follows while it is one that was given: the source had an id of which it was made.
void Following::follow_entity_id(const Source& source, const NeighborEntity& fact,
                                 const discovery::EntityEntry& entry, Pass& pass) {
  if (fact.former_ids.empty()) return;
  const std::string component = entry.entity_id.substr(0, entry.entity_id.find('.'));
  const auto id_here = [&](const std::string& id) {
    return discovery::wanted_entity_id(component, id, source.facts.entity_id_prefix);
  };
  const std::string wanted = id_here(fact.entity_id);
  const std::string row = "entity " + entry.registry_id;
  const bool was_given =
      std::any_of(fact.former_ids.begin(), fact.former_ids.end(),
                  [&](const auto& id) { return id_here(id) == entry.entity_id; });
  if (wanted == entry.entity_id || !was_given || desk_.is_busy(row)) return;
  if (!discovery::valid_entity_id(wanted)) return;
  if (home_.entities().contains(wanted)) {
    if (told_.insert("id " + entry.registry_id + " " + wanted).second) {
      pass.effects.say(Level::warning,
                       fmt::format("{} keeps its id: at {} it is {} now, and there is another {} "
                                   "here. Rename one of them",
                                   entry.entity_id, source.instance, fact.entity_id, wanted));
    }
    return;
  }
  desk_.offer({.key = row,
               .command = "config/entity_registry/update",
               .data = {{"entity_id", entry.entity_id}, {"new_entity_id", wanted}},
               .registry = Registry::entities,
               .about = fmt::format("the id of {} of {}", entry.entity_id, source.instance),
               .news = fmt::format("{} is {} now, as {} calls it {}", entry.entity_id, wanted,
                                   source.instance, fact.entity_id)},
              pass.now, pass.effects);
}

}  // namespace bridge
