// What follows other instances in the registries of this instance's Home Assistant: wires the
// machines that know what the others have, what was last applied of it, and what is to be written.
#pragma once

#include <algorithm>
#include <utility>

#include "bridge/followed.hpp"
#include "bridge/following.hpp"
#include "bridge/neighbors.hpp"
#include "bridge/registry_desk.hpp"
#include "discovery/home.hpp"
#include "discovery/identity.hpp"

namespace bridge {

class FollowRole {
 public:
  FollowRole(const FollowSettings& settings, const discovery::Topics& topics,
             const discovery::Home& home, Neighbors::Takes takes, HaSession& session,
             Outbox& outbox)
      : home_(home),
        neighbors_(topics, std::move(takes)),
        followed_(topics, outbox),
        desk_(session),
        following_(settings, home, neighbors_, followed_, desk_) {}

  Neighbors& neighbors() { return neighbors_; }
  Followed& followed() { return followed_; }

  /// The info of an instance was cleared: it is no more, and what was applied of it is no base.
  void purged(std::string_view instance) {
    if (!neighbors_.is_online(instance)) followed_.forget_all(instance);
  }

  void ha_connected() {
    desk_.connected();
    following_.ha_connected();
  }
  void ha_lost() { desk_.lost(); }
  void ha_config(const HaConfig& config) { following_.ha_config(config); }
  void ha_listed(Registry registry, Now now) { following_.listed(registry, now); }
  void ha_heard(const discovery::HaMessage& message, Now now, Effects& effects) {
    if (desk_.heard(message, now, effects)) following_.answered(now);
  }

  /// Removes what nobody announces any more from the entity registry, if its instance, all of which
  /// is known, has no such entity.
  void remove(const std::string& entity_id, Now now, Effects& effects) {
    const auto found = home_.entities().find(entity_id);
    if (found == home_.entities().end() || !found->second.entry) return;
    const std::string& object = found->second.entry->unique_id;
    const auto source = neighbors_.all().find(discovery::instance_of(object));
    if (source == neighbors_.all().end() || !source->second.is_complete) return;
    if (source->second.entities.contains(object)) return;
    desk_.offer({.key = "left behind " + entity_id,
                 .command = "config/entity_registry/remove",
                 .data = {{"entity_id", entity_id}},
                 .registry = Registry::entities,
                 .about = entity_id + ", which its instance has no more"},
                now, effects);
  }

  void tick(bool knows_all, Now now, Effects& effects) {
    neighbors_.tick(now, effects);
    following_.tick(knows_all, now, effects);
  }
  Time deadline() const { return std::min(neighbors_.deadline(), following_.deadline()); }

 private:
  const discovery::Home& home_;
  Neighbors neighbors_;
  Followed followed_;
  RegistryDesk desk_;
  Following following_;
};

}  // namespace bridge
