// What waits before it becomes a call, and what does not: the order, the rate and the expiry of
// commands.
#include "tests/machines/desk_fixture.hpp"

using namespace bridge;
using machines::command;
using machines::DeskFixture;
using machines::Texts;

TEST_CASE("A scene of many commands runs within seconds, in their order, and none is lost") {
  DeskFixture fixture;
  Texts wanted;
  for (int i = 0; i < 60; ++i) {
    const std::string data = fmt::format(R"({{"code":"{}"}})", i);
    fixture.receive(i % 2 == 0 ? "lock.a" : "lock.b", command("unlock", data));
    wanted.push_back("lock.unlock " + data);
  }
  Texts calls = fixture.calls();
  CHECK(calls.size() == 20);
  for (int tenths = 0; tenths < 40; ++tenths) {
    fixture.pass(Time{100});
    for (const std::string& call : fixture.calls()) calls.push_back(call);
  }
  CHECK(calls == wanted);
  CHECK(fixture.refusals().empty());
}

TEST_CASE("Of a flood as many run and wait as may, and the rest is refused") {
  DeskFixture fixture({.commands_per_entity = 1000});
  for (int i = 0; i < 10'000; ++i) fixture.receive("lock.a", command("unlock"));
  std::size_t calls = fixture.calls().size();
  CHECK(calls == 20);
  CHECK(fixture.refused.count() == 9'900);
  CHECK(fixture.refusals().front() == "rate");
  for (int i = 0; i < 80; ++i) {
    CHECK(fixture.desk->deadline() == fixture.ha.now.at + Time{100});
    fixture.pass(Time{100});
    CHECK(fixture.calls().size() == 1);
  }
  CHECK(fixture.desk->deadline() == never);
  CHECK(fixture.refused.count() == 9'900);
}

TEST_CASE("A flood for one entity has its own rate, and others do not wait for it") {
  DeskFixture fixture;
  for (int i = 0; i < 1'000; ++i) fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().size() == 10);
  CHECK(fixture.refused.count() == 950);
  CHECK(fixture.refusals().front() == "rate");
  CHECK(fixture.desk->deadline() == fixture.ha.now.at + Time{200});
  fixture.receive("lock.b", command("lock"));
  CHECK(fixture.calls() == Texts{"lock.lock {}"});
  for (int i = 0; i < 40; ++i) {
    fixture.pass(Time{199});
    CHECK(fixture.calls().empty());
    fixture.pass(Time{1});
    CHECK(fixture.calls() == Texts{"lock.unlock {}"});
  }
  CHECK(fixture.desk->deadline() == never);
  CHECK(fixture.refused.count() == 950);
}

TEST_CASE("What has expired while it waited leaves its place to later commands of its entity") {
  DeskFixture fixture({.commands_per_entity = 1});
  const auto flood = [&](int count, std::uint32_t expiry_s) {
    const std::string topic = fixture.topics.command("lock.a");
    for (int i = 0; i < count; ++i) {
      fixture.receive({topic, command("unlock"), false, expiry_s, fixture.ha.now.at});
    }
  };
  flood(10, 1);
  CHECK(fixture.calls().size() == 2);
  CHECK(fixture.refused.count() == 0);
  fixture.pass(Time{1'000});
  CHECK(fixture.refused.count() == 8);
  flood(9, 60);
  CHECK(fixture.calls().size() == 1);
  CHECK(fixture.refused.count() == 8);
}

TEST_CASE("Commands that wait for the rate are refused at once when Home Assistant is lost") {
  DeskFixture fixture({.commands_per_second = 1});
  for (int i = 0; i < 5; ++i) fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().size() == 2);
  fixture.ha.session.closed("lost", 0, fixture.ha.now, fixture.ha.effects);
  fixture.pass(Time{1});
  CHECK(fixture.refusals() == Texts(3, "ha_unavailable"));
  CHECK(fixture.desk->deadline() == never);
}

TEST_CASE("What has expired when it is received is refused") {
  DeskFixture fixture;
  const std::string topic = fixture.topics.command("lock.a");
  const auto refused_after = [&](std::uint32_t expiry_s, Time waited) {
    fixture.receive({topic, command("unlock"), false, expiry_s, fixture.ha.now.at - waited});
    const bool ran = !fixture.calls().empty();
    const bool refused = fixture.refusals() == Texts{"expired"};
    CHECK(ran != refused);
    return refused;
  };
  CHECK_FALSE(refused_after(3, Time{2'999}));
  CHECK(refused_after(3, Time{3'000}));
  CHECK_FALSE(refused_after(60, Time{59'999}));
  // Without an expiry, ten seconds.
  CHECK_FALSE(refused_after(0, Time{9'999}));
  CHECK(refused_after(0, Time{10'000}));
}

TEST_CASE("What expires while it waits is refused, and at that moment") {
  DeskFixture fixture({.commands_per_second = 1});
  const Now begin = fixture.ha.now;
  SUBCASE("for an earlier call") {
    fixture.receive("climate.a", command("set_hvac_mode", R"({"hvac_mode":"heat"})"));
    fixture.receive({fixture.topics.command("climate.a"), command("turn_off"), false, 1, begin.at});
  }
  SUBCASE("for the rate") {
    for (int i = 0; i < 2; ++i) fixture.receive("lock.a", command("unlock"));
    fixture.receive({fixture.topics.command("lock.a"), command("lock"), false, 1, begin.at});
  }
  SUBCASE("behind what waits for an earlier call") {
    fixture.receive("climate.a", command("set_hvac_mode", R"({"hvac_mode":"heat"})"));
    fixture.receive("climate.a", command("turn_off"));
    fixture.receive({fixture.topics.command("climate.a"),
                     command("set_fan_mode", R"({"fan_mode":"low"})"), false, 1, begin.at});
  }
  const std::size_t calls = fixture.calls().size();
  CHECK(calls >= 1);
  CHECK(fixture.desk->deadline() <= begin.at + Time{1'000});
  fixture.pass(Time{1'000});
  CHECK(fixture.refusals() == Texts{"expired"});
  CHECK(fixture.calls().empty());
}

TEST_CASE("What is put together expires with its first part") {
  DeskFixture fixture({.commands_per_second = 1});
  for (int i = 0; i < 2; ++i) fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().size() == 2);
  const std::string topic = fixture.topics.command("fan.a");
  fixture.receive({topic, command("turn_on"), false, 60, fixture.ha.now.at});
  const std::string speed = command("set_percentage", R"({"percentage":40})");
  fixture.receive({topic, speed, false, 1, fixture.ha.now.at});
  fixture.pass(Time{60});
  fixture.pass(Time{940});
  CHECK(fixture.calls().empty());
  CHECK(fixture.refusals() == Texts{"expired"});
}

TEST_CASE("What is put together counts once") {
  DeskFixture fixture({.commands_per_second = 1});
  for (int i = 0; i < 2; ++i) {
    fixture.receive("fan.a", command("turn_on"));
    fixture.receive("fan.a", command("set_percentage", R"({"percentage":40})"));
    fixture.pass(Time{60});
  }
  CHECK(fixture.calls() == Texts(2, R"(fan.turn_on {"percentage":40})"));
}

TEST_CASE("A temperature waits until the mode before it is set, or two seconds") {
  DeskFixture fixture;
  const auto mode_and_temperature = [&] {
    fixture.receive("climate.a", command("set_hvac_mode", R"({"hvac_mode":"heat"})"));
    CHECK(fixture.calls().size() == 1);
    fixture.receive("climate.a", command("set_temperature", R"({"temperature":20})"));
    fixture.pass(Time{500});
    CHECK(fixture.calls().empty());
  };
  mode_and_temperature();
  fixture.answer(true);
  CHECK(fixture.calls() == Texts{R"(climate.set_temperature {"temperature":20})"});
  fixture.answer(true);
  mode_and_temperature();
  fixture.pass(Time{1499});
  CHECK(fixture.calls().empty());
  fixture.pass(Time{1});
  CHECK(fixture.calls().size() == 1);
}

TEST_CASE("Nothing of an entity overtakes what waits for an earlier call, and others do not wait") {
  DeskFixture fixture;
  fixture.receive("climate.a", command("set_hvac_mode", R"({"hvac_mode":"heat"})"));
  fixture.calls();
  const discovery::Json mode = fixture.last_frame;
  fixture.receive("climate.a", command("set_temperature", R"({"temperature":20})"));
  fixture.receive("climate.a", command("turn_off"));
  fixture.receive("climate.a", command("set_fan_mode", R"({"fan_mode":"low"})"));
  fixture.pass(Time{100});
  CHECK(fixture.calls().empty());
  fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls() == Texts{"lock.unlock {}"});
  fixture.answer_to(mode, true);
  CHECK(fixture.calls() == Texts{R"(climate.set_temperature {"temperature":20})"});
  fixture.answer(true);
  CHECK(fixture.calls() ==
        Texts{"climate.turn_off {}", R"(climate.set_fan_mode {"fan_mode":"low"})"});
}

TEST_CASE("A temperature still goes when the mode before it has failed, and the failure is told") {
  DeskFixture fixture;
  fixture.receive("climate.a", command("set_hvac_mode", R"({"hvac_mode":"dry"})"));
  fixture.calls();
  fixture.receive("climate.a", command("set_temperature", R"({"temperature":20})"));
  fixture.pass(Time{100});
  fixture.answer(false, "service_validation_error");
  CHECK(fixture.refusals() == Texts{"service_validation_error"});
  CHECK(fixture.calls().size() == 1);
}
