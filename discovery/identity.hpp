// Who is who on the bus: the names that make an entity or device of one instance unique in the
// home.
//
// The scheme is frozen (tests/unit/identity_test.cpp): changing it would double every entity on
// every main. `-` occurs in no part, so no two things can share a name.
#pragma once

#include <string>
#include <string_view>

#include "discovery/home.hpp"

namespace discovery {

/// What the names of all mirrored things begin with; an entity or device that bears it is never
/// published again, so that no mesh of instances can recurse.
constexpr std::string_view mirror_mark = "statebus-";

/// statebus-I-<registry id>, or statebus-I-D-O for an entity without a registry entry. It is the
/// announcement's object id and the `unique_id` on main.
std::string object_name(std::string_view instance, const Entity& entity);

/// statebus-I-<device id>.
std::string device_name(std::string_view instance, std::string_view device_id);

/// What a device trigger is known by on its device: its type and subtype, which may be any text, as
/// the 16 hex digits of FNV-1a (64 bits) over both with a zero byte between them.
std::string trigger_key(std::string_view type, std::string_view subtype);

/// statebus-I-trigger-<device id>-<key>.
std::string trigger_name(std::string_view instance, std::string_view device_id,
                         std::string_view key);

/// The device id in the name of a trigger; empty when it is none of this instance.
std::string_view device_of_trigger(std::string_view instance, std::string_view name);

/// statebus-I: the instance as a device.
std::string instance_name(std::string_view instance);

/// The instance in the name of one of its entities, devices or triggers; empty when it is none of
/// any instance, or an instance's own device.
std::string_view instance_of(std::string_view name);

/// Whether the entity came from a bus itself, by its unique id or its device's identifiers.
bool is_mirror(const Home& home, const Entity& entity);
bool is_mirror(const DeviceEntry& device);

}  // namespace discovery
