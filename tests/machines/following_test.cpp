// Devices and entities follow their source, as far as main's user has not changed them.
#include <doctest/doctest.h>

#include "tests/machines/following_fixture.hpp"

using namespace machines;
using scripted_ha::Kind;

TEST_CASE("What main has as the source does is noted, and nothing is written") {
  FollowingHome home;
  CHECK(home.writes() == 0);
  CHECK(home.followed("device/d1") == Json{{"area", "kitchen"}, {"of", "m1"}});
  CHECK(home.followed("area/k") == Json{{"name", "Kitchen"}, {"of", "kitchen"}});
  // An entity that has nothing of its own needs no record.
  CHECK(home.followed("entity/r1").is_null());
  home.restart_bridge();
  CHECK(home.writes() == 0);
}

TEST_CASE("A device that moves at the source moves on main, to an area that is made for it") {
  FollowingHome home;
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "hall");
  CHECK(home.area("hall").at("name") == "Hall");
  CHECK(home.writes() == 2);
  CHECK(home.followed("device/d1").at("area") == "hall");
  CHECK(home.followed("area/h") == Json{{"made", true}, {"name", "Hall"}, {"of", "hall"}});
  // Out of all areas as well.
  home.source_moves("");
  CHECK(home.device().at("area_id").is_null());
  CHECK(home.followed("device/d1").is_null());
  CHECK(home.writes() == 3);
  home.restart_bridge();
  home.source_moves("k");
  CHECK(home.device().at("area_id") == "kitchen");
}

TEST_CASE("What happened while the bridge was away follows when it is back") {
  FollowingHome home;
  home.kill_bridge();
  home.source_moves("h");
  home.start_bridge();
  home.settle();
  CHECK(home.device().at("area_id") == "hall");
}

TEST_CASE("What main's user changed stays, until both are the same by themselves") {
  FollowingHome home;
  home.house().create(Kind::areas, {{"area_id", "attic"}, {"name", "Attic"}});
  home.user_moves("attic");
  CHECK(home.followed("device/d1").at("kept") == Json::array({"area"}));
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "attic");
  home.restart_bridge();
  CHECK(home.device().at("area_id") == "attic");
  // Back where it was is the user's choice, too.
  home.user_moves("kitchen");
  CHECK(home.device().at("area_id") == "kitchen");
  CHECK(home.writes() == 0);
  home.source_moves("k");
  CHECK_FALSE(home.followed("device/d1").contains("kept"));
  home.source_moves("h");
  CHECK(home.device().at("area_id") == "hall");
}

TEST_CASE("What the user takes out of an area stays out of it, and what he deletes is not made") {
  FollowingHome home;
  home.source_moves("h");
  home.house().update(Kind::devices, "m1", {{"area_id", nullptr}});
  home.house().remove(Kind::areas, "hall");
  home.settle();
  home.edge.start(2);
  home.settle();
  CHECK(home.device().at("area_id").is_null());
  CHECK(home.area("hall").is_null());
}

TEST_CASE("An entity of another area than its device has it on main, too") {
  FollowingHome home;
  home.edge.change("entity/light/lamp", {{"area", "h"}});
  home.settle();
  CHECK(home.device().at("area_id") == "kitchen");
  CHECK(home.entity().at("area_id") == "hall");
  CHECK(home.followed("entity/r1") == Json{{"area", "hall"}, {"of", "e1"}});
  home.edge.change("entity/light/lamp", {{"area", "k"}});
  home.settle();
  CHECK(home.entity().at("area_id").is_null());
}

TEST_CASE("An entity without a name of its own gives its area to its device") {
  for (const std::string version : {"2026.11.0", "2024.3.3"}) {
    CAPTURE(version);
    FollowingHome home(version);
    home.house().update(Kind::entities, "light.lamp", {{"original_name", nullptr}});
    home.edge.tell("device/d1", {{"id", "d1"}, {"object", "statebus-edge-d1"}});
    home.edge.change("entity/light/lamp", {{"area", "h"}});
    home.settle();
    const bool by_name = version == "2026.11.0";
    CHECK(home.device().at("area_id") == (by_name ? Json("hall") : Json()));
    CHECK(home.entity().at("area_id") == (by_name ? Json() : Json("hall")));
    CHECK_FALSE(home.has_logged("does not follow"));
    // Where the device has an area of its own at the source, main's release has no other.
    home.edge.change("device/d1", {{"area", "k"}});
    home.settle();
    CHECK(home.device().at("area_id") == "kitchen");
    CHECK(home.has_logged("light.lamp of edge stays in the area of its device") == by_name);
  }
}

TEST_CASE("An entity that is hidden at the source is hidden on main") {
  FollowingHome home;
  home.edge.change("entity/light/lamp", {{"hidden", true}});
  home.settle();
  CHECK(home.entity().at("hidden_by") == "user");
  CHECK(home.followed("entity/r1") == Json{{"hidden", true}, {"of", "e1"}});
  home.house().update(Kind::entities, "light.lamp", {{"hidden_by", nullptr}});
  home.settle();
  CHECK(home.entity().at("hidden_by").is_null());
  home.restart_bridge();
  CHECK(home.entity().at("hidden_by").is_null());
}

TEST_CASE("Labels come and go with the source's, and the user's stay") {
  FollowingHome home;
  home.edge.tell("labels", Json::parse(R"([{"id":"s","name":"Share","color":"red"}])"));
  home.edge.change("device/d1", {{"labels", {"s"}}});
  home.edge.change("entity/light/lamp", {{"labels", {"s"}}});
  home.settle();
  CHECK(home.device().at("labels") == Json::array({"share"}));
  CHECK(home.entity().at("labels") == Json::array({"share"}));
  CHECK(home.row(Kind::labels, "share").at("color") == "red");
  CHECK(home.followed("device/d1").at("labels") == Json::array({"share"}));
  home.house().create(Kind::labels, {{"label_id", "own"}, {"name", "Own"}});
  home.house().update(Kind::devices, "m1", {{"labels", {"own", "share"}}});
  home.house().update(Kind::entities, "light.lamp", {{"labels", Json::array()}});
  home.settle();
  // What the user took off stays off, what he added stays on.
  home.restart_bridge();
  CHECK(home.entity().at("labels") == Json::array());
  home.edge.change("device/d1", {{"labels", Json::array()}});
  home.settle();
  CHECK(home.device().at("labels") == Json::array({"own"}));
}

TEST_CASE("An entity id follows while it is the one that was given") {
  FollowingHome home;
  home.source_renames("light.lamp", "light.ceiling");
  CHECK(home.entity("light.ceiling").at("id") == "e1");
  CHECK(home.entity("light.lamp").is_null());
  // Read anew it is the same.
  home.edge.start(2);
  home.settle();
  home.source_renames("light.ceiling", "light.lamp");
  CHECK(home.entity("light.lamp").at("id") == "e1");
  home.house().rename_entity("light.lamp", "light.mine");
  home.settle();
  home.source_renames("light.lamp", "light.ceiling");
  CHECK(home.entity("light.mine").at("id") == "e1");
  CHECK(home.writes() == 2);
}

TEST_CASE("An entity id that is taken on main is left, and said once") {
  FollowingHome home;
  home.house().add_entity({{"entity_id", "light.ceiling"}, {"id", "other"}}, "on", Json::object());
  home.settle();
  home.source_renames("light.lamp", "light.ceiling");
  home.edge.start(2);
  home.settle();
  CHECK(home.entity("light.lamp").at("id") == "e1");
  const auto& log = home.log();
  CHECK(std::count_if(log.begin(), log.end(), [](const auto& line) {
          return line.text.find("light.lamp keeps its id") != std::string::npos;
        }) == 1);
  // Another name, later, is taken all the same.
  home.source_renames("light.ceiling", "light.desk");
  CHECK(home.entity("light.desk").at("id") == "e1");
}

TEST_CASE("The prefix of the source's ids and the kind on main belong to the id") {
  FollowingHome home;
  home.house().rename_entity("light.lamp", "sensor.edge_media_player_tv");
  home.edge.start(2, "edge_");
  home.source_renames("light.lamp", "media_player.tv");
  home.source_renames("media_player.tv", "media_player.screen");
  CHECK(home.entity("sensor.edge_media_player_screen").at("id") == "e1");
}

TEST_CASE("While the broker is away nothing is lost, and nothing is deleted") {
  FollowingHome home;
  home.set_broker_down(true);
  home.cut_broker();
  home.run(20s);
  home.edge.tell("areas", Json::parse(R"([{"id":"h","name":"Hall"}])"));
  home.edge.change("device/d1", {{"area", "h"}});
  home.edge.change("entity/light/lamp", {{"area", "h"}});
  home.run(20s);
  CHECK(home.device().at("area_id") == "kitchen");
  home.set_broker_down(false);
  home.settle();
  home.settle();
  CHECK(home.device().at("area_id") == "hall");
  CHECK(home.followed("device/d1").at("area") == "hall");
  CHECK_FALSE(home.area("kitchen").is_null());
}

TEST_CASE("A thing that comes anew on main, under another registry id, is untouched") {
  FollowingHome home;
  home.edge.change("entity/light/lamp", {{"hidden", true}});
  home.settle();
  home.house().remove(Kind::entities, "light.lamp");
  home.settle();
  home.house().add_entity({{"entity_id", "light.lamp"},
                           {"id", "e2"},
                           {"unique_id", "statebus-edge-r1"},
                           {"platform", "mqtt"},
                           {"device_id", "m1"},
                           {"original_name", "Lamp"}},
                          "on", Json::object());
  home.settle();
  CHECK(home.entity().at("hidden_by") == "user");
}

TEST_CASE("Records go with what they are about, and stay while something is only lacking") {
  FollowingHome home;
  home.edge.change("entity/light/lamp", {{"hidden", true}});
  home.settle();
  REQUIRE_FALSE(home.followed("entity/r1").is_null());
  // The index names it, and the broker does not hold it.
  home.kill_bridge();
  home.broker().publish("", {.topic = "statebus/edge/entity/light/lamp", .retain = true});
  home.start_bridge();
  home.settle();
  CHECK_FALSE(home.followed("entity/r1").is_null());
  home.edge.clear("entity/light/lamp");
  home.edge.start(2);
  home.settle();
  CHECK(home.followed("entity/r1").is_null());
}

TEST_CASE("Without an administrator's token nothing follows, and that is said once") {
  FollowingHome home;
  home.house().options().admin = false;
  home.source_moves("h");
  home.source_moves("k");
  home.source_moves("h");
  CHECK(home.writes() == 1);
  CHECK(home.has_logged("Make the user of home_assistant.token_file an administrator"));
  home.house().options().admin = true;
  home.cut_ha();
  home.settle();
  CHECK(home.device().at("area_id") == "hall");
}

TEST_CASE("What is not to follow is left alone") {
  FollowingHome home("2026.11.0",
                     {.areas = false, .labels = false, .names = false, .hidden = false});
  home.source_moves("h");
  CHECK(home.writes() == 0);
  CHECK_FALSE(home.broker().retained().contains("statebus/hubs/followed/edge/device/d1"));
  FollowingHome hidden_alone("2026.11.0", {.areas = false, .labels = false, .names = false});
  hidden_alone.edge.change("entity/light/lamp", {{"hidden", true}, {"area", "h"}});
  hidden_alone.settle();
  CHECK(hidden_alone.writes() == 1);
}

TEST_CASE("A flood of changes is paced, and a restart of Home Assistant loses none of it") {
  FollowingHome home;
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) {
    const std::string name = "s" + std::to_string(i);
    home.house().add_entity({{"entity_id", "sensor." + name},
                             {"id", "e" + name},
                             {"unique_id", "statebus-edge-" + name},
                             {"platform", "mqtt"},
                             {"original_name", name}},
                            "1", Json::object());
    home.edge.tell(
        "entity/sensor/" + name,
        {{"object", "statebus-edge-" + name}, {"entity_id", "sensor." + name}, {"hidden", true}});
  }
  home.run(4s);
  CHECK(home.writes() > 50);
  CHECK(home.writes() < 250);
  home.cut_ha();
  home.settle();
  for (int i = 0; i < count; ++i) {
    CHECK(home.entity("sensor.s" + std::to_string(i)).at("hidden_by") == "user");
  }
  CHECK(home.writes() <= count + 20);
}
