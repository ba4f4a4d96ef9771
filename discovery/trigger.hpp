// Device triggers: what happens to a device and is no entity's state, such as the press of a remote
// control. Home Assistant lists them; main makes its own of what is announced here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/announce.hpp"

namespace discovery {

/// One trigger that belongs to no entity; main makes those of entities itself.
struct DeviceTrigger {
  std::string type;     // remote_button_short_press
  std::string subtype;  // button_1; of one without, its integration
  std::string json;     // as it is listed, and so as it is subscribed to

  std::string key() const;  // see identity.hpp
};

/// Reads the `result` of device_automation/trigger/list; nothing when it is no such list.
std::optional<std::vector<DeviceTrigger>> read_device_triggers(std::string_view list);

/// The component that triggers are announced as.
constexpr std::string_view trigger_component = "device_automation";

/// The discovery payload; the device must be there.
Json announce_trigger(const DeviceTrigger& trigger, const DeviceFacts& device,
                      const Consumer& consumer, const Topics& topics);

/// What is published when it fires.
std::string firing_of(const DeviceTrigger& trigger);

}  // namespace discovery
