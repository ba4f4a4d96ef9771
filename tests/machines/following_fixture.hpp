// A bridge that consumes and follows, before a source that stands on the broker: instance `edge`.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/machines/simulation.hpp"

namespace machines {

/// Another instance's facts, as its bridge would publish them.
class OnBus {
 public:
  OnBus(Simulation& simulation, std::string instance)
      : simulation_(simulation), base_("statebus/" + std::move(instance) + "/") {}

  void tell(const std::string& rest, const Json& fact) {
    facts_[rest] = fact;
    simulation_.publish(base_ + rest, fact.dump(), true);
    list();
  }
  void change(const std::string& rest, const Json& fields) {
    Json fact = facts_.at(rest);
    fact.update(fields);
    tell(rest, fact);
  }
  void clear(const std::string& rest) {
    facts_.erase(rest);
    simulation_.publish(base_ + rest, "", true);
    list();
  }
  void start(int epoch = 1, const std::string& prefix = "") {
    tell("info", {{"epoch", epoch}, {"index_buckets", 1}, {"entity_id_prefix", prefix}});
    simulation_.publish(base_ + "status", "online", true);
    beat();
  }
  void beat() { simulation_.publish(base_ + "heartbeat", "{}", true); }

 private:
  void list() {
    Json names = Json::array();
    for (const auto& [rest, fact] : facts_) {
      if (rest.find('/') != std::string::npos) names.push_back(base_ + rest);
    }
    simulation_.publish(base_ + "index/0", names.dump(), true);
  }

  Simulation& simulation_;
  std::string base_;
  std::map<std::string, Json> facts_;
};

/// Main has what an announcement made of a lamp of `edge`, in the area Kitchen.
struct FollowingHome : Simulation {
  OnBus edge{*this, "edge"};

  explicit FollowingHome(const std::string& version = "2026.11.0",
                         bridge::FollowSettings follow = {})
      : Simulation({.house = main_house(version), .settings = consuming(follow)}) {
    edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"},{"id":"h","name":"Hall"}])"));
    edge.tell("floors", Json::array());
    edge.tell("labels", Json::array());
    edge.tell("device/d1", {{"id", "d1"}, {"object", "statebus-edge-d1"}, {"area", "k"}});
    edge.tell("entity/light/lamp", {{"object", "statebus-edge-r1"},
                                    {"entity_id", "light.lamp"},
                                    {"device", "statebus-edge-d1"},
                                    {"area", "k"}});
    edge.start();
    start_bridge();
    settle();
  }

  /// All comes to rest, while the sources live on.
  void settle() {
    for (const char* instance : {"edge", "attic"}) OnBus(*this, instance).beat();
    run(30s);
  }

  static bridge::Settings consuming(bridge::FollowSettings follow) {
    bridge::Settings settings;
    settings.consume.prefix = "homeassistant";
    settings.consume.follow = follow;
    return settings;
  }
  static Json main_house(const std::string& version) {
    Json house = Json::parse(R"({
      "entities": [{"entity_id": "light.lamp", "id": "e1", "unique_id": "statebus-edge-r1",
                    "platform": "mqtt", "device_id": "m1", "original_name": "Lamp"}],
      "devices": [{"id": "m1", "name": "Lamp", "area_id": "kitchen",
                   "identifiers": [["mqtt", "statebus-edge-d1"]]}],
      "areas": [{"area_id": "kitchen", "name": "Kitchen"}],
      "states": {"light.lamp": {"state": "off", "attributes": {}}}})");
    house["version"] = version;
    return house;
  }

  const Json& row(scripted_ha::Kind kind, const std::string& id) {
    static const Json none;
    const Json* found = house().registry(kind).find(id);
    return found == nullptr ? none : *found;
  }
  const Json& device(const std::string& id = "m1") { return row(scripted_ha::Kind::devices, id); }
  const Json& entity(const std::string& id = "light.lamp") {
    return row(scripted_ha::Kind::entities, id);
  }
  const Json& area(const std::string& id) { return row(scripted_ha::Kind::areas, id); }
  /// What an announcement makes of a device.
  void mirror(const std::string& id, const std::string& object, const Json& area_id) {
    house().create(scripted_ha::Kind::devices,
                   {{"id", id},
                    {"name", id},
                    {"area_id", area_id},
                    {"identifiers", Json::array({Json::array({"mqtt", object})})}});
  }
  /// What the user does on main.
  void user_moves(const Json& area_id) {
    house().update(scripted_ha::Kind::devices, "m1", {{"area_id", area_id}});
    settle();
  }
  void source_moves(const std::string& area_id) {
    edge.change("device/d1", {{"area", area_id}});
    edge.change("entity/light/lamp", {{"area", area_id}});
    settle();
  }
  /// The source renames its entity: its new topic comes, and the old one is cleared 5 s later.
  void source_renames(const std::string& from, const std::string& to) {
    Json fact{{"object", "statebus-edge-r1"}, {"device", "statebus-edge-d1"}, {"area", "k"}};
    fact["entity_id"] = to;
    const auto topic = [](std::string id) { return "entity/" + id.replace(id.find('.'), 1, "/"); };
    edge.tell(topic(to), fact);
    run(5s);
    edge.clear(topic(from));
    settle();
  }
  Json followed(const std::string& rest) {
    const auto& retained = broker().retained();
    const std::string topic = "statebus/hubs/followed/edge/" + rest;
    return retained.contains(topic) ? Json::parse(broker().at(topic)) : Json();
  }
  /// How often something was asked to be written since the bridge's first start.
  std::size_t writes() {
    std::size_t count = 0;
    for (const char* name : {"area", "floor", "label", "device", "entity"}) {
      for (const char* what : {"create", "update", "delete"}) {
        count += transcript().count_asked("config/" + std::string(name) + "_registry/" + what);
      }
    }
    return count;
  }
  void restart_bridge() {
    kill_bridge();
    start_bridge();
    settle();
  }
};

}  // namespace machines
