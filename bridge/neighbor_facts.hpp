// What other instances have on the bus of their registries, as far as following needs it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/home.hpp"

namespace bridge {

using Places = std::map<std::string, discovery::Place, std::less<>>;

/// Areas and labels go by the ids that they have at the source.
struct NeighborDevice {
  std::string area;
  std::vector<std::string> labels;

  friend bool operator==(const NeighborDevice&, const NeighborDevice&) = default;
};

struct NeighborEntity {
  std::string entity_id;  // light.kitchen
  std::string device;     // statebus-hubs-ab12…; empty: it has none
  std::string area;       // its own, or its device's
  std::vector<std::string> labels;
  bool hidden = false;
  std::vector<std::string> former_ids{};  // its entity ids until now, as far as this bridge heard

  /// Takes over what another fact of the same entity has seen.
  void follow_on(const NeighborEntity& earlier);

  friend bool operator==(const NeighborEntity&, const NeighborEntity&) = default;
};

/// One other instance.
struct Neighbor {
  std::string entity_id_prefix;
  std::int64_t epoch = 0;
  std::uint32_t index_buckets = 0;
  bool is_read = false;         // what the broker held has been read
  bool is_complete = false;     // and all that its index names came
  std::optional<Places> areas;  // nothing: not told
  std::optional<Places> floors;
  std::optional<Places> labels;
  discovery::StringMap<NeighborDevice> devices;   // by statebus-hubs-ab12…
  discovery::StringMap<NeighborEntity> entities;  // by statebus-hubs-9f3c…
  discovery::StringMap<std::string> objects;      // the same by light.kitchen

  /// Each takes a retained payload, an empty one as well; true when a fact is another one by it.
  bool take_places(std::optional<Places>& places, std::string_view payload);
  bool take_device(std::string_view object, std::string_view payload);
  bool take_entity(const std::string& entity_id, std::string_view payload);
};

/// What a bridge's info says of itself.
struct NeighborInfo {
  std::string entity_id_prefix;
  std::int64_t epoch = 0;
  std::uint32_t index_buckets = 0;             // of its index; 0: it does not say
  std::map<std::string, std::size_t> lacks{};  // what its Home Assistant lacks, by instance
};
std::optional<NeighborInfo> read_neighbor_info(std::string_view payload);

}  // namespace bridge
