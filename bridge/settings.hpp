// What a publishing bridge is told by its configuration; docs/configuration.md explains each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/effects.hpp"
#include "discovery/filter.hpp"
#include "discovery/version.hpp"

namespace bridge {

/// Whose pictures are published, and how large and often at most.
struct ImageSettings {
  std::vector<std::string> include;  // globs of entity ids, of cameras and images
  int max_bytes = 500'000;
  Time every{10'000};  // for each entity
};

/// Which facts of mirrored things are carried into the registries of the instance's Home Assistant.
struct FollowSettings {
  bool areas = true;  // and floors
  bool labels = true;
  bool names = true;  // and entity ids
  bool hidden = true;
};

/// What the instance wants of others, whose bridges read it in its info.
struct ConsumeSettings {
  std::string prefix;                  // that its Home Assistant listens on; empty: nothing
  std::vector<std::string> from{"*"};  // globs of instances
  FollowSettings follow;
  bool follows() const {
    return !prefix.empty() && (follow.areas || follow.labels || follow.names || follow.hidden);
  }
  bool events = true;            // fires forwarded events and refusals on its Home Assistant
  bool notify_refusals = false;  // and shows refusals as notifications
};

struct Settings {
  std::string root = "statebus";
  std::string instance;
  std::string bridge_version;
  std::string ha_url;      // for messages alone
  std::string broker_url;  // likewise; several with commas between them
  bool has_reserve_broker = false;
  Time keepalive{10'000};
  bool publish = true;  // false: it only consumes; then the filter excludes all
  std::vector<discovery::FilterRule> filter;
  std::string entity_id_prefix;
  std::vector<std::string> events;  // types of events that are forwarded
  bool device_triggers = false;
  ImageSettings images;
  std::string announce_prefix = "homeassistant";
  std::optional<discovery::Version> announce_version;  // default: that of the bridge's own HA
  ConsumeSettings consume;
  bool read_only = false;
  std::vector<std::string> deny;  // globs of entity ids that take no commands
  std::string speaks_on;          // the media player at which voices (tts) are heard; empty: none
  int commands_per_second = 10;
  int commands_per_entity = 5;  // a second, of these
  Time call_timeout{60'000};
  std::vector<std::string> calls_allow;  // globs of services that need no published target
  std::uint64_t seed = 1;                // of the noise in waiting times
};

}  // namespace bridge
