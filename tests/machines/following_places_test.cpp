// Areas, floors and labels of the source: which of main's they are, made, renamed and deleted.
#include <doctest/doctest.h>

#include "tests/machines/following_fixture.hpp"

using namespace machines;
using scripted_ha::Kind;

namespace {

Json areas(const std::string& hall) {
  return Json::parse(R"([{"id":"k","name":"Kitchen"},{"id":"h","name":")" + hall + R"("}])");
}

/// The lamp is in the hall, whose area the bridge has made on main.
struct InHall : FollowingHome {
  explicit InHall(const std::string& version = "2026.11.0") : FollowingHome(version) {
    source_moves("h");
    REQUIRE(device().at("area_id") == "hall");
  }
  void rename_hall(const std::string& name) {
    edge.tell("areas", areas(name));
    settle();
  }
  void delete_hall() {
    edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"}])"));
    source_moves("");
  }
};

}  // namespace

TEST_CASE("An area that was made for the source is renamed with it") {
  InHall home;
  home.rename_hall("Vestibule");
  CHECK(home.area("hall").at("name") == "Vestibule");
  CHECK(home.device().at("area_id") == "hall");
  home.rename_hall("VESTIBULE");
  CHECK(home.area("hall").at("name") == "VESTIBULE");
  // What the user calls it stays.
  home.house().update(Kind::areas, "hall", {{"name", "Mine"}});
  home.settle();
  home.rename_hall("Lobby");
  CHECK(home.area("hall").at("name") == "Mine");
  CHECK(home.device().at("area_id") == "hall");
  home.restart_bridge();
  CHECK(home.area("hall").at("name") == "Mine");
  CHECK(home.area("lobby").is_null());
}

TEST_CASE("An area that main had before is not renamed: the things move to one of the new name") {
  FollowingHome home;
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Scullery"}])"));
  home.settle();
  CHECK(home.area("kitchen").at("name") == "Kitchen");
  CHECK(home.device().at("area_id") == "scullery");
}

TEST_CASE("An area that others use, too, keeps its name") {
  SUBCASE("main's own things") {
    InHall home;
    home.house().create(Kind::devices, {{"id", "own"}, {"name", "Own"}, {"area_id", "hall"}});
    home.settle();
    home.rename_hall("Lobby");
    CHECK(home.area("hall").at("name") == "Hall");
    CHECK(home.device().at("area_id") == "lobby");
  }
  SUBCASE("another instance") {
    InHall home;
    OnBus attic(home, "attic");
    attic.tell("areas", Json::parse(R"([{"id":"x","name":"Hall"}])"));
    attic.tell("device/a1", {{"id", "a1"}, {"area", "x"}});
    attic.start();
    home.mirror("a1", "statebus-attic-a1", "hall");
    home.settle();
    home.rename_hall("Lobby");
    CHECK(home.area("hall").at("name") == "Hall");
    CHECK(home.device().at("area_id") == "lobby");
    CHECK(home.device("a1").at("area_id") == "hall");
    // It is the other's from now on, and goes with it.
    attic.tell("areas", Json::array());
    attic.tell("device/a1", {{"id", "a1"}});
    home.settle();
    home.restart_bridge();
    CHECK(home.area("hall").is_null());
  }
}

TEST_CASE("A name that main has already takes the things, and what they leave goes") {
  InHall home;
  home.house().create(Kind::areas, {{"area_id", "lobby"}, {"name", "Lobby"}});
  home.settle();
  home.rename_hall("Lobby");
  CHECK(home.device().at("area_id") == "lobby");
  home.restart_bridge();
  CHECK(home.area("hall").is_null());
  CHECK(home.followed("area/~hall").is_null());
}

TEST_CASE("What the source deletes goes from main if it was made for it and nothing uses it") {
  SUBCASE("unused") {
    InHall home;
    home.delete_hall();
    CHECK(home.area("hall").is_null());
    CHECK(home.followed("area/h").is_null());
    // What was there before stays.
    home.edge.tell("areas", Json::array());
    home.settle();
    CHECK_FALSE(home.area("kitchen").is_null());
  }
  SUBCASE("with something of main's own in it") {
    InHall home;
    home.house().create(Kind::devices, {{"id", "own"}, {"name", "Own"}, {"area_id", "hall"}});
    home.delete_hall();
    CHECK_FALSE(home.area("hall").is_null());
    home.house().update(Kind::devices, "own", {{"area_id", nullptr}});
    home.settle();
    CHECK(home.area("hall").is_null());
  }
  SUBCASE("named by an automation") {
    InHall home;
    home.house().options().related["hall"] = {{"automation", {"automation.light"}}};
    home.delete_hall();
    CHECK_FALSE(home.area("hall").is_null());
  }
  SUBCASE("where what names it cannot be asked for") {
    InHall home;
    home.house().options().unknown_commands.insert("search/related");
    home.delete_hall();
    CHECK_FALSE(home.area("hall").is_null());
    CHECK_FALSE(home.has_logged("does not follow"));
  }
  SUBCASE("renamed by the user") {
    InHall home;
    home.house().update(Kind::areas, "hall", {{"name", "Mine"}});
    home.delete_hall();
    CHECK_FALSE(home.area("hall").is_null());
    CHECK(home.device().at("area_id").is_null());
  }
}

TEST_CASE("A source of which a part is lacking has nothing deleted") {
  InHall home;
  home.kill_bridge();
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"}])"));
  home.edge.change("device/d1", {{"area", ""}});
  home.broker().publish("", {.topic = "statebus/edge/entity/light/lamp", .retain = true});
  home.start_bridge();
  home.settle();
  CHECK_FALSE(home.area("hall").is_null());
}

TEST_CASE("A source that is not online has nothing deleted: its index may be growing still") {
  InHall home;
  home.edge.change("entity/light/lamp", {{"hidden", true}});
  home.settle();
  home.kill_bridge();
  home.publish("statebus/edge/status", "offline", true);
  home.edge.clear("entity/light/lamp");
  home.edge.clear("device/d1");
  home.edge.tell("areas", Json::array());
  home.start_bridge();
  home.settle();
  CHECK_FALSE(home.followed("entity/r1").is_null());
  home.house().update(Kind::devices, "m1", {{"area_id", nullptr}});
  home.settle();
  CHECK_FALSE(home.area("hall").is_null());
  home.publish("statebus/edge/status", "online", true);
  home.settle();
  CHECK(home.followed("entity/r1").is_null());
  CHECK(home.area("hall").is_null());
}

TEST_CASE("An area that Home Assistant made for an announcement counts as made") {
  FollowingHome home;
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"},{"id":"b","name":"Bath"}])"));
  home.edge.tell("device/d2", {{"id", "d2"}, {"area", "b"}});
  home.house().create(Kind::areas, {{"area_id", "bath"}, {"name", "Bath"}});
  home.mirror("m2", "statebus-edge-d2", "bath");
  home.settle();
  CHECK(home.followed("area/b").at("made") == true);
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"},{"id":"b","name":"Spa"}])"));
  home.settle();
  CHECK(home.area("bath").at("name") == "Spa");
  CHECK(home.writes() == 1);
}

TEST_CASE("An area that a user made stays, whatever is in it and wherever it came from") {
  FollowingHome home;
  home.house().create(Kind::areas, {{"area_id", "hall"}, {"name", "Hall"}});
  SUBCASE("alone, and mirrored things were moved to it") {
    home.settle();
    home.user_moves("hall");
    home.source_moves("h");
  }
  SUBCASE("alone, and a new device came to it later") {
    home.settle();
    home.edge.tell("device/d2", {{"id", "d2"}, {"area", "h"}});
    home.mirror("m2", "statebus-edge-d2", "hall");
    home.settle();
    home.house().update(Kind::devices, "m2", {{"area_id", nullptr}});
    home.edge.clear("device/d2");
  }
  SUBCASE("while the bridge had no connection to Home Assistant") {
    home.mirror("m2", "statebus-edge-d2", "hall");
    home.cut_ha();
    home.edge.tell("device/d2", {{"id", "d2"}, {"area", "h"}});
    home.settle();
    home.house().update(Kind::devices, "m2", {{"area_id", nullptr}});
    home.edge.clear("device/d2");
  }
  home.settle();
  CHECK_FALSE(home.followed("area/h").contains("made"));
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"}])"));
  home.source_moves("k");
  CHECK_FALSE(home.area("hall").is_null());
}

TEST_CASE("Names are compared as Home Assistant does") {
  FollowingHome home;
  home.house().create(Kind::areas, {{"area_id", "bad"}, {"name", "Großes  bad"}});
  home.edge.tell("areas", Json::parse(R"([{"id":"b","name":"GROSSES Bad"}])"));
  home.source_moves("b");
  CHECK(home.device().at("area_id") == "bad");
  CHECK(home.writes() == 1);
}

TEST_CASE("Floors are made with their areas and follow") {
  FollowingHome home;
  home.edge.tell("floors", Json::parse(R"([{"id":"u","name":"Upstairs","level":1}])"));
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"},
    {"id":"h","name":"Hall","floor":"u","icon":"mdi:door","aliases":["Lobby"]}])"));
  home.source_moves("h");
  CHECK(home.row(Kind::floors, "upstairs").at("level") == 1);
  CHECK(home.area("hall").at("floor_id") == "upstairs");
  CHECK(home.area("hall").at("icon") == "mdi:door");
  CHECK(home.area("hall").at("aliases") == Json::array({"Lobby"}));
  CHECK(home.writes() == 3);
  // An area that main had takes the floor, too, where it has none.
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen","floor":"u","icon":"mdi:pot"},
    {"id":"h","name":"Hall"}])"));
  home.source_moves("k");
  home.source_moves("h");
  CHECK(home.area("kitchen").at("floor_id") == "upstairs");
  CHECK(home.area("kitchen").at("icon").is_null());
  CHECK(home.area("hall").at("floor_id").is_null());
  CHECK(home.area("hall").at("icon").is_null());
  home.edge.tell("floors", Json::parse(R"([{"id":"u","name":"First","level":2}])"));
  home.settle();
  CHECK(home.row(Kind::floors, "upstairs").at("name") == "First");
  CHECK(home.row(Kind::floors, "upstairs").at("level") == 2);
  home.edge.tell("areas", areas("Hall"));
  home.edge.tell("floors", Json::array());
  home.settle();
  CHECK(home.row(Kind::floors, "upstairs").is_null());
}

TEST_CASE("A release without floors and labels is not asked for any") {
  FollowingHome home("2024.3.3");
  home.edge.tell("floors", Json::parse(R"([{"id":"u","name":"Upstairs","level":1}])"));
  home.edge.tell("labels", Json::parse(R"([{"id":"s","name":"Share"}])"));
  home.edge.tell("areas", Json::parse(R"([{"id":"k","name":"Kitchen"},
    {"id":"h","name":"Hall","floor":"u","labels":["s"]}])"));
  home.edge.change("device/d1", {{"labels", {"s"}}});
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "hall");
  CHECK(home.writes() == 2);
  CHECK_FALSE(home.has_logged("does not follow"));
}

TEST_CASE("Two sources that want a new area at once share one") {
  FollowingHome home;
  OnBus attic(home, "attic");
  home.mirror("a1", "statebus-attic-a1", nullptr);
  attic.tell("areas", Json::parse(R"([{"id":"x","name":"Hall"}])"));
  attic.tell("device/a1", {{"id", "a1"}, {"area", "x"}});
  attic.start();
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "hall");
  CHECK(home.device("a1").at("area_id") == "hall");
  CHECK(home.writes() == 3);
  CHECK_FALSE(home.has_logged("does not follow"));
}

TEST_CASE("An instance that is not taken from is not followed") {
  FollowingHome home;
  home.settings().consume.from = {"hubs*"};
  home.restart_bridge();
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "kitchen");
}
