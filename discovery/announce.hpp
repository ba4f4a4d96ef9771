// The announcement: the MQTT discovery payload that makes main's own Home Assistant create the
// entity.
//
// It depends on description, device and consumer alone, never on the state, so that it cannot
// change because an entity is unavailable. docs/architecture.md tells the rules that it keeps.
#pragma once

#include <string>
#include <string_view>

#include "discovery/domain.hpp"
#include "discovery/topic.hpp"

namespace discovery {

/// The device of an entity and the area that it is in; null where there is none.
struct DeviceFacts {
  const DeviceEntry* device = nullptr;
  const Place* area = nullptr;
};

/// What main is told of a device that is there.
Json device_map(const DeviceFacts& device, const Consumer& consumer, const Topics& topics);

/// The facts of an entity as what it is announced as on this consumer.
Facts facts_of(const Description& entity, const Consumer& consumer, Version source);

/// Whether a field stands on this entity and consumer.
bool holds(const When& when, const Facts& facts);

/// The slot of the view that tells main how available the entity is.
std::string_view availability_slot(const Facts& facts);

/// Whether main would take an attribute that its platform does not make itself.
bool takes_attributes(const Facts& facts);

/// Whether all is known that an announcement of this kind needs.
bool can_announce(const Facts& facts);

/// The discovery payload. `entity_id_prefix` goes before the object id that main is asked to use.
Json announce(const Facts& facts, const DeviceFacts& device, const Topics& topics,
              std::string_view entity_id_prefix);

/// The entity id that main is asked to use: the source's own, or for a stand-in the component, then
/// the source's domain and object id: sensor.media_player_living_room.
std::string wanted_entity_id(const Facts& facts, std::string_view entity_id_prefix);

/// The same for an entity that is announced as `component`.
std::string wanted_entity_id(std::string_view component, std::string_view entity_id,
                             std::string_view entity_id_prefix);

/// One entity of the instance's own device: its state topic is the instance's status or info.
struct InstanceEntity {
  std::string_view object;  // connectivity; its unique id is statebus-I-connectivity
  std::string_view component;
};
std::span<const InstanceEntity> instance_entities();

/// The announcement of one of them. `ha_version` is the version of the instance's Home Assistant.
Json announce_instance(const InstanceEntity& entity, const Topics& topics, const Consumer& consumer,
                       std::string_view bridge_version);

}  // namespace discovery
