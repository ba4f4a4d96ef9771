// The instance as a device of its own on main: whether it is connected, what it does, and the tags
// that are scanned there.
#include "discovery/announce.hpp"
#include "discovery/identity.hpp"

namespace discovery {
namespace {

constexpr InstanceEntity entities[] = {
    {"connectivity", "binary_sensor"},
    {"published", "sensor"},
    {"refused", "sensor"},
    {"version", "sensor"},
    {"tag", "tag"},
};

Json device_map(const Topics& topics, std::string_view bridge_version) {
  return {{"identifiers", Json::array({instance_name(topics.instance())})},
          {"name", "Statebus " + topics.instance()},
          {"manufacturer", "statebus"},
          {"model", "Bridge"},
          {"sw_version", bridge_version}};
}

/// A count says that something was refused; what it was, and why, stands beside it.
void put_last_refused(Json& json, const Topics& topics) {
  json["json_attributes_topic"] = topics.info();
  json["json_attributes_template"] =
      "{{ value_json['last_refused'] | to_json if value_json is defined and "
      "value_json['last_refused'] is defined else '{}' }}";
}

void put_state(Json& json, const InstanceEntity& entity, const Topics& topics) {
  if (entity.object == "connectivity") {
    json["name"] = "Connectivity";
    json["state_topic"] = topics.status();
    json["device_class"] = "connectivity";
    json["payload_on"] = "online";
    json["payload_off"] = "offline";
    return;
  }
  json["state_topic"] = topics.info();
  json["availability"] = Json::array({Json{{"topic", topics.status()}}});
  json["value_template"] =
      "{{ value_json." + std::string(entity.object) + " if value_json is defined else 'None' }}";
  if (entity.object == "version") {
    json["name"] = "Version";
    json["icon"] = "mdi:tag";
  } else {
    const bool counts_up = entity.object == "refused";
    json["name"] = counts_up ? "Refused commands" : "Published entities";
    json["icon"] = counts_up ? "mdi:hand-back-left-off" : "mdi:upload-network";
    if (counts_up) put_last_refused(json, topics);
    json["state_class"] = counts_up ? "total_increasing" : "measurement";
  }
}

/// Each message is a scan; main fires its own tag_scanned for the id.
Json announce_tags(const Topics& topics, std::string_view bridge_version) {
  return {{"topic", topics.fired("tag_scanned")},
          {"value_template", "{{ value_json['data']['tag_id'] if value_json is defined }}"},
          {"origin", {{"name", "statebus"}}},
          {"qos", 0},
          {"device", device_map(topics, bridge_version)}};
}

}  // namespace

std::span<const InstanceEntity> instance_entities() { return entities; }

Json announce_instance(const InstanceEntity& entity, const Topics& topics, const Consumer& consumer,
                       std::string_view bridge_version) {
  if (entity.component == "tag") return announce_tags(topics, bridge_version);
  const std::string object = instance_name(topics.instance()) + "-" + std::string(entity.object);
  const std::string object_id = topics.instance() + "_" + std::string(entity.object);
  Json json{{"unique_id", object},
            {"origin", {{"name", "statebus"}}},
            {"qos", 0},
            {"entity_category", "diagnostic"},
            {"device", device_map(topics, bridge_version)}};
  if (consumer.version >= since::default_entity_id) {
    json["default_entity_id"] = std::string(entity.component) + "." + object_id;
  } else {
    json["object_id"] = object_id;
  }
  put_state(json, entity, topics);
  return json;
}

}  // namespace discovery
