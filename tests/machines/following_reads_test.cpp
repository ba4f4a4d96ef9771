// What following takes for all that a source has, and what it keeps of a source that is no more.
#include <doctest/doctest.h>

#include "tests/machines/following_fixture.hpp"

using namespace machines;
using scripted_ha::Kind;

namespace {

/// The lamp is hidden, of which there is a record; a part of what `edge` has changes while the
/// bridge is away.
struct HiddenLamp : FollowingHome {
  HiddenLamp() {
    edge.change("entity/light/lamp", {{"hidden", true}});
    settle();
    REQUIRE(has_record());
    kill_bridge();
  }
  bool has_record() { return !followed("entity/r1").is_null(); }
  void start() {
    start_bridge();
    settle();
  }
};

}  // namespace

TEST_CASE("A read that lacked something is repeated, more and more seldom") {
  HiddenLamp home;
  home.broker().publish("", {.topic = "statebus/edge/entity/light/lamp", .retain = true});
  home.start();
  CHECK(home.has_record());
  // The index names it no more, of which no live message tells: only a read does.
  home.edge.clear("entity/light/lamp");
  home.settle();
  home.settle();
  CHECK_FALSE(home.has_record());
}

TEST_CASE("What is lost for good is asked for once an hour in the end") {
  HiddenLamp home;
  home.broker().publish("", {.topic = "statebus/edge/entity/light/lamp", .retain = true});
  home.start();
  // Each read lacks the same, so that it has as many markers.
  std::size_t markers = 0;
  home.broker().connect("watcher", "", [&](const bridge::Message&) { ++markers; });
  home.broker().subscribe("watcher", {.filter = "statebus/hubs/reply/read"});
  const auto markers_in = [&](int minutes) {
    for (int i = 0; i < 2 * minutes; ++i) home.settle();
    return std::exchange(markers, 0);
  };
  const std::size_t first_hour = markers_in(60);
  markers_in(60);
  const std::size_t four_hours = markers_in(240);
  CHECK(first_hour > four_hours);
  CHECK(four_hours >= 4);
  CHECK(home.has_record());
}

TEST_CASE("Without the number of its buckets no index is whole") {
  HiddenLamp home;
  home.edge.tell("info", {{"epoch", 2}});
  home.edge.clear("entity/light/lamp");
  home.start();
  CHECK(home.has_record());
  // Once it is told, the index is read.
  home.edge.tell("info", {{"epoch", 2}, {"index_buckets", 1}});
  home.settle();
  CHECK_FALSE(home.has_record());
}

TEST_CASE("What goes at a source that is offline goes from main when it is online without it") {
  FollowingHome home;
  home.source_moves("h");
  REQUIRE_FALSE(home.area("hall").is_null());
  home.publish("statebus/edge/status", "offline", true);
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"}])"));
  home.source_moves("");
  CHECK_FALSE(home.area("hall").is_null());
  home.publish("statebus/edge/status", "online", true);
  home.settle();
  CHECK(home.area("hall").is_null());
}

TEST_CASE("Of an instance that is purged no record stays, and what it has brought does") {
  FollowingHome home;
  home.source_moves("h");
  home.edge.change("entity/light/lamp", {{"hidden", true}});
  home.settle();
  const auto records = [&] {
    const auto& held = home.broker().retained();
    return std::count_if(held.begin(), held.end(), [](const auto& each) {
      return each.first.starts_with("statebus/hubs/followed/edge/");
    });
  };
  REQUIRE(records() == 4);
  // The info of one that lives may be lost at the broker.
  home.edge.clear("info");
  home.settle();
  CHECK(records() == 4);
  home.edge.start(2);
  home.settle();
  home.publish("statebus/edge/status", "offline", true);
  home.edge.clear("info");
  home.settle();
  CHECK(records() == 0);
  CHECK(home.device().at("area_id") == "hall");
  CHECK(home.entity().at("hidden_by") == "user");
  home.restart_bridge();
  CHECK(records() == 0);
}
