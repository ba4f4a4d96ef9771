// What the desk makes of a command: calls, parts put together, refusals.
#include "tests/machines/desk_fixture.hpp"

using namespace bridge;
using machines::command;
using machines::DeskFixture;
using machines::Texts;

TEST_CASE("A command becomes one call, for the entity of its topic") {
  DeskFixture fixture;
  fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls() == Texts{"lock.unlock {}"});
  CHECK(fixture.last_frame.at("target").at("entity_id") == "lock.a");
  fixture.answer(true);
  CHECK(fixture.refusals().empty());
}

TEST_CASE("What is refused never becomes a call, and says why") {
  DeskFixture fixture({.deny = {"lock.*"}});
  const auto refused = [&](const std::string& id, const std::string& payload, bool retained) {
    fixture.receive(id, payload, retained);
    fixture.pass(Time{1000});
    CHECK(fixture.calls().empty());
    const Texts codes = fixture.refusals();
    return codes.size() == 1 ? codes[0] : "";
  };
  CHECK(refused("climate.a", command("turn_on"), true) == "retained");
  CHECK(refused("lock.a", command("unlock"), false) == "denied");
  CHECK(refused("switch.unknown", command("turn_on"), false) == "not_published");
  CHECK(refused("light.gone", command("turn_on"), false) == "unavailable");
  CHECK(refused("climate.a", command("reload"), false) == "unknown_service");
  CHECK(refused("climate.a", "no JSON", false) == "malformed");
  CHECK(refused("climate.a", command("turn_on", R"({"area_id":"kitchen"})"), false) ==
        "target_not_allowed");
  CHECK(fixture.refused.count() == 7);
}

TEST_CASE("A read-only bridge takes no command") {
  DeskFixture fixture({.read_only = true});
  fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().empty());
  CHECK(fixture.refusals() == Texts{"read_only"});
}

TEST_CASE("The clearing of a retained command is no command and no refusal") {
  DeskFixture fixture;
  fixture.receive("lock.a", "");
  fixture.receive("lock.a", "", true);
  CHECK(fixture.calls().empty());
  CHECK(fixture.refusals().empty());
}

TEST_CASE("A command with an id that was seen runs once") {
  DeskFixture fixture;
  for (int i = 0; i < 3; ++i) fixture.receive("lock.a", command("unlock", "{}", "7"));
  CHECK(fixture.calls().size() == 1);
  fixture.receive("lock.a", command("unlock", "{}", "8"));
  CHECK(fixture.calls().size() == 1);
}

TEST_CASE("An id belongs to its entity") {
  DeskFixture fixture;
  fixture.receive("lock.a", command("unlock", "{}", "1"));
  fixture.receive("lock.b", command("unlock", "{}", "1"));
  CHECK(fixture.calls().size() == 2);
}

TEST_CASE("The id of a command that Home Assistant has refused may come again") {
  DeskFixture fixture;
  for (int i = 0; i < 2; ++i) {
    fixture.receive("lock.a", command("unlock", "{}", "1"));
    CHECK(fixture.calls().size() == 1);
    fixture.answer(false, "home_assistant_error");
    CHECK(fixture.refusals() == Texts{"home_assistant_error"});
  }
}

TEST_CASE("A refused command may be sent again with its id, and is answered each time") {
  DeskFixture fixture;
  fixture.ha.session.closed("lost", 0, fixture.ha.now, fixture.ha.effects);
  for (int i = 0; i < 2; ++i) {
    fixture.receive("lock.a", command("unlock", "{}", "1"));
    CHECK(fixture.refusals() == Texts{"ha_unavailable"});
  }
  fixture.ha.pass(Time{2'000});
  fixture.ha.log_in();
  fixture.ha.frames.clear();
  fixture.receive("lock.a", command("unlock", "{}", "1"));
  CHECK(fixture.calls().size() == 1);
}

TEST_CASE("A second command that is refused for itself does not let the first run again") {
  DeskFixture fixture;
  fixture.receive("lock.a", command("unlock", "{}", "1"));
  CHECK(fixture.calls().size() == 1);
  fixture.receive("lock.a", command("unlock", "{}", "1"), true);
  CHECK(fixture.refusals() == Texts{"retained"});
  fixture.receive("lock.a", command("unlock", "{}", "1"));
  CHECK(fixture.calls().empty());
}

TEST_CASE("An id is remembered for ten minutes, and ten thousand of them") {
  CommandIds ids;
  Now now;
  CHECK(ids.add("lock.a", "0", now));
  now.at = Time{10 * 60'000 - 1};
  CHECK_FALSE(ids.add("lock.a", "0", now));
  now.at += Time{1};
  CHECK(ids.add("lock.a", "0", now));
  for (int i = 1; i < 10'000; ++i) CHECK(ids.add("lock.a", std::to_string(i), now));
  CHECK_FALSE(ids.add("lock.a", "0", now));
  CHECK(ids.add("lock.a", "10000", now));
  CHECK(ids.add("lock.a", "0", now));
}

TEST_CASE("An id that was forgotten and came again is remembered from then on") {
  CommandIds ids;
  Now now;
  CHECK(ids.add("lock.a", "0", now));
  ids.forget("lock.a", "0");
  now.at = Time{1'000};
  CHECK(ids.add("lock.a", "0", now));
  now.at = Time{10 * 60'000};
  CHECK_FALSE(ids.add("lock.a", "0", now));
}

TEST_CASE("The parts of a range that come within the window become one call") {
  DeskFixture fixture;
  fixture.receive("climate.a", command("set_temperature", R"({"target_temp_low":19})"));
  CHECK(fixture.desk->deadline() == fixture.ha.now.at + Time{60});
  fixture.pass(Time{59});
  fixture.receive("climate.a", command("set_temperature", R"({"target_temp_high":23})"));
  CHECK(fixture.calls().empty());
  fixture.pass(Time{1});
  CHECK(fixture.calls() ==
        Texts{R"(climate.set_temperature {"target_temp_high":23,"target_temp_low":19})"});
  CHECK(fixture.desk->deadline() == never);
}

TEST_CASE("Half a range is completed with what the entity holds") {
  DeskFixture fixture;
  fixture.receive("climate.a", command("set_temperature", R"({"target_temp_low":19})"));
  fixture.pass(Time{60});
  CHECK(fixture.calls() ==
        Texts{R"(climate.set_temperature {"target_temp_high":24,"target_temp_low":19})"});
}

TEST_CASE("A fan that is turned on with a speed is turned on once") {
  DeskFixture fixture;
  fixture.receive("fan.a", command("turn_on"));
  fixture.receive("fan.a", command("set_percentage", R"({"percentage":40})"));
  fixture.pass(Time{60});
  CHECK(fixture.calls() == Texts{R"(fan.turn_on {"percentage":40})"});
}

TEST_CASE("A command that is no part of the one that waits comes after it, and neither is lost") {
  DeskFixture fixture;
  fixture.receive("fan.a", command("turn_on"));
  fixture.receive("fan.a", command("turn_off"));
  fixture.pass(Time{60});
  CHECK(fixture.calls() == Texts{"fan.turn_on {}", "fan.turn_off {}"});
}

TEST_CASE("Without Home Assistant a command is refused at once and not kept") {
  DeskFixture fixture;
  fixture.ha.session.closed("lost", 0, fixture.ha.now, fixture.ha.effects);
  fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.refusals() == Texts{"ha_unavailable"});
  fixture.ha.now.at += Time{2000};
  fixture.ha.log_in();
  fixture.ha.frames.clear();
  fixture.pass(Time{1000});
  CHECK(fixture.calls().empty());
}
