// Home Assistant's registries: what it knows of entities, devices, areas, floors and labels apart
// from their states.
//
// Only `entity_id` and `id` can be relied on: 2026.11 gives child devices without most fields and
// entities without `has_entity_name`, 2024.3 has no labels. A missing field is an empty one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "discovery/frame.hpp"

namespace discovery {

/// One row of `config/entity_registry/list`.
struct EntityEntry {
  std::string registry_id;  // 9f3c…, 32 hex digits; the same for ever, also over renames
  std::string entity_id;    // light.kitchen
  std::string unique_id;    // 00:17:88:01:02:03, the integration's own name for it
  std::string platform;     // hue, the integration
  std::string device_id;
  std::string area_id;  // the entity's own; empty: its device's
  std::string name;     // the user's
  std::string original_name;
  std::string icon;             // the user's
  std::string entity_category;  // config, diagnostic or empty
  std::string disabled_by;      // user, integration, …; empty: enabled
  std::string hidden_by;        // user, integration; empty: shown
  std::vector<std::string> labels;
  std::optional<int> display_precision;  // decimals, for sensors

  friend bool operator==(const EntityEntry&, const EntityEntry&) = default;
};

/// One row of `config/device_registry/list`.
struct DeviceEntry {
  std::string id;
  std::string name;  // the user's, else the integration's
  std::string manufacturer;
  std::string model;
  std::string model_id;
  std::string sw_version;
  std::string hw_version;
  std::string serial_number;
  std::string configuration_url;
  std::string entry_type;  // service or empty
  std::string area_id;
  std::string via_device_id;
  std::string parent_device_id;  // 2026.9 and later
  std::vector<std::string> labels;
  std::vector<std::string> identifiers;  // demo:light_1, domain and identifier

  friend bool operator==(const DeviceEntry&, const DeviceEntry&) = default;
};

/// One row of the area, floor or label registry, which only differ in what they leave empty.
struct Place {
  std::string id;
  std::string name;
  std::string icon;
  std::string floor_id;      // areas
  std::string color;         // labels
  std::optional<int> level;  // floors
  std::vector<std::string> aliases;
  std::vector<std::string> labels;  // areas

  friend bool operator==(const Place&, const Place&) = default;
};

/// Each reads the `result` of the list command of that registry; nothing when it is no such list.
std::optional<std::vector<EntityEntry>> read_entities(PaddedJson list);
std::optional<std::vector<DeviceEntry>> read_devices(PaddedJson list);
/// `id_key` is area_id, floor_id or label_id.
std::optional<std::vector<Place>> read_places(PaddedJson list, std::string_view id_key);

/// Reads the `result` of `get_services`: the names of those notifiers that are services and no
/// entities (`notify.mobile_app_phone`). What every Home Assistant has, and the nameless one that
/// stands for any other, is left out.
std::optional<std::vector<std::string>> read_notifiers(PaddedJson services);

}  // namespace discovery
