// The description: registry facts and capabilities of one entity, all that an announcement is made
// of.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/attributes.hpp"
#include "discovery/home.hpp"
#include "discovery/json.hpp"

namespace discovery {

struct Domain;

/// What a state has taught, the greater the more urgent.
enum class News : std::uint8_t {
  nothing,
  details,      // its looks, or an attribute that is new or has its first value
  capabilities  // what it can do; main must know before it reads the next state
};

/// What was learned of an entity while it was live. An unavailable entity lacks many attributes or
/// has empty ones, and what is announced must not shrink with it; so this is kept, also over a
/// restart of the bridge, in the retained description.
struct Learned {
  Attributes capabilities;  // of the kind's list, as last seen: supported_features, options
  std::vector<std::string> reported;  // sorted; those of the kind's list that ever had a value
  std::vector<std::string> extra;     // sorted; attributes that main may take from the document

  /// Takes in a state.
  News learn(const Domain& domain, const State& state);

  /// Whether a change of one of these attributes may teach something.
  bool concerns(const Domain& domain, std::span<const std::string_view> attributes) const;

  /// Takes in what an earlier run had learned; of a `silent` entity also the capabilities that it
  /// does not tell at present. True when something changed by it.
  bool merge(const Learned& earlier, bool silent);

  bool has_reported(std::string_view name) const;
};

/// Every field that is empty is left out of the JSON.
struct Description {
  std::string object;     // statebus-hubs-9f3c…, see identity.hpp
  std::string entity_id;  // light.kitchen
  std::string registry_id;
  std::string unique_id;  // the integration's own
  std::string platform;   // hue
  std::string device;     // statebus-hubs-ab12…
  std::string area;       // area id: the entity's own or its device's
  std::string name;       // as shown: attribute friendly_name
  std::string category;   // config or diagnostic
  std::vector<std::string> labels;
  bool hidden = false;
  std::optional<int> display_precision;
  std::string speaks_on;  // of a voice: the media player at which it is heard
  std::string image;  // the type of its picture at image/D/O: image/jpeg; empty: none is published
  std::vector<std::string> deleted_under;  // prefixes where a user has deleted it
  Learned learned;

  std::string_view domain() const {
    return std::string_view(entity_id).substr(0, entity_id.find('.'));
  }
  std::string_view object_id() const {
    return std::string_view(entity_id).substr(entity_id.find('.') + 1);
  }

  /// The text of a capability; empty when there is none or it is no text.
  std::string text(std::string_view capability) const;
  /// The JSON of a capability; null when there is none, or what should be a list of words, a
  /// number or a regular expression is none: main would refuse the entity for it.
  Json value(std::string_view capability) const;
  /// The bits of `supported_features`, 0 when unknown.
  std::uint32_t features() const;
};

/// The description of an entity that is live or was learned before.
Description describe(const Home& home, std::string_view instance, const Entity& entity,
                     const Learned& learned);

Json to_json(const Description& description);

/// What a retained description says to a bridge that has just started; nothing when it is none.
struct HeldDescription {
  std::string object;
  std::string entity_id;
  std::string registry_id;
  std::string image;
  std::vector<std::string> deleted_under;
  Learned learned;
};
std::optional<HeldDescription> read_description(std::string_view payload);

/// A device's registry facts, for `device/ID` and for what is announced of it.
Json describe_device(const Home& home, std::string_view instance, const DeviceEntry& device);

/// The lists of areas, floors and labels.
Json describe_places(const std::map<std::string, Place, std::less<>>& places);

}  // namespace discovery
