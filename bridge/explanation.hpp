// What a bridge of this configuration would have on the bus of one entity, and why, against what
// the broker holds. The bridge's own machines decide on it, only that nothing is ever sent.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/consumers.hpp"
#include "bridge/ha_facts.hpp"
#include "bridge/settings.hpp"
#include "discovery/home.hpp"
#include "discovery/reason.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// One retained topic of the entity.
struct ExplainedTopic {
  std::string_view what;  // announcement, description, document, view
  std::string topic;
  std::string wanted;  // the payload; empty: none
  std::string held;    // by the broker; empty: none
};

/// What a consumer is told of it.
struct ExplainedConsumer {
  discovery::Consumer consumer;
  std::string component;  // what it is there
  std::string wanted_id;  // the entity id that is asked for
  discovery::Reason stand_in = discovery::Reason::published;
};

struct Explanation {
  std::string entity_id;
  bool in_home = false;
  std::string state;  // the entity's at the source
  discovery::Reason reason = discovery::Reason::published;
  std::string detail;  // which rule, which attributes, which other entity; empty: none
  std::vector<ExplainedConsumer> consumers;  // none: it is not announced
  std::vector<std::string_view> services;
  std::string no_commands;  // the key of the configuration that refuses them; empty: none
  std::vector<ExplainedTopic> topics;
  // How many entities of this instance, whichever, are lacking on the Home Assistants of others.
  std::map<std::string, std::size_t> lacking_at;
};

/// Retained topics and their payloads.
using Retained = std::map<std::string, std::string>;

/// What must be read of the broker before. `infos`, those of all instances, tell who consumes.
std::vector<std::string> topics_to_read(const Settings& settings, discovery::Home& home,
                                        const HaConfig& config, const std::string& entity_id,
                                        const Retained& infos);

Explanation explain(const Settings& settings, discovery::Home& home, const HaConfig& config,
                    const std::string& entity_id, const Retained& held,
                    std::uint32_t packet_bytes_max);

/// The entity ids that are most like a text that is none, at most three.
std::vector<std::string> similar_ids(const discovery::Home& home, const std::string& text);

}  // namespace bridge
