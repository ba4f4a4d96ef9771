// What an old Home Assistant keeps of entities that nobody announces any more.
#include <doctest/doctest.h>

#include "tests/machines/following_fixture.hpp"

using namespace machines;
using scripted_ha::Kind;

namespace {

/// Main has a second lamp of `edge`, whose index does not name an announcement of it.
struct LeftBehindHome : FollowingHome {
  explicit LeftBehindHome(const Json& disabled_by, int index_buckets = 1) {
    edge.tell("info", {{"epoch", 2}, {"index_buckets", index_buckets}});
    house().add_entity({{"entity_id", "light.old"},
                        {"id", "e2"},
                        {"unique_id", "statebus-edge-r2"},
                        {"platform", "mqtt"},
                        {"disabled_by", disabled_by}},
                       "off", Json::object());
    // Heartbeats keep the instance online.
    for (int i = 0; i < 3; ++i) settle();
  }
  bool is_there() { return !entity("light.old").is_null(); }
  void wait() {
    for (int i = 0; i < 3; ++i) settle();
  }
};

}  // namespace

TEST_CASE("A disabled entity that nobody announces any more is removed when two looks agree") {
  LeftBehindHome home("user");
  CHECK(home.is_there());
  home.wait();
  CHECK_FALSE(home.is_there());
  CHECK_FALSE(home.entity("light.lamp").is_null());
}

TEST_CASE("An enabled entity is Home Assistant's own matter") {
  LeftBehindHome home(nullptr);
  home.wait();
  home.wait();
  CHECK(home.is_there());
}

TEST_CASE("A part of an index says nothing of what it lacks") {
  LeftBehindHome home("user", 2);
  home.wait();
  home.wait();
  CHECK(home.is_there());
}

TEST_CASE("What its instance still has is not removed, though it announces it no more") {
  LeftBehindHome home("user");
  home.edge.tell("entity/light/old", {{"object", "statebus-edge-r2"}, {"entity_id", "light.old"}});
  home.wait();
  home.wait();
  CHECK(home.is_there());
}

TEST_CASE("A bridge that shall not write the registries removes nothing") {
  LeftBehindHome home("user");
  home.house().options().admin = false;
  home.wait();
  CHECK(home.is_there());
}

TEST_CASE("An index whose last version never came is read again") {
  FollowingHome home;
  const std::string index = "statebus/edge/index/0";
  const Json before = Json::parse(home.broker().at(index));
  Json more = before;
  more.push_back("homeassistant/light/edge/statebus-edge-r2/config");
  home.publish(index, more.dump(), true);
  home.house().add_entity({{"entity_id", "light.old"},
                           {"id", "e2"},
                           {"unique_id", "statebus-edge-r2"},
                           {"platform", "mqtt"},
                           {"disabled_by", "user"}},
                          "off", Json::object());
  const auto wait = [&](int minutes) {
    for (int i = 0; i < 2 * minutes; ++i) home.settle();
  };
  wait(5);
  // A broker with small queues drops it.
  home.broker().put(index, before.dump());
  wait(5);
  CHECK_FALSE(home.entity("light.old").is_null());
  wait(35);
  CHECK(home.entity("light.old").is_null());
}
