#include "bridge/command_desk.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/machines/session_fixture.hpp"

using namespace bridge;
using machines::SessionFixture;
using Texts = std::vector<std::string>;

namespace {

/// A desk before a Home Assistant with a climate, a fan, a lock and a light that is unavailable.
struct DeskFixture {
  Settings settings;
  discovery::Topics topics{"statebus", "hubs"};
  discovery::Home home;
  SessionFixture ha;
  Outbox outbox{topics, [this](const Record& r, std::string& p) { publications.render(r, p); }};
  Publications publications{settings, topics, home, outbox};
  std::unique_ptr<CommandDesk> desk;

  explicit DeskFixture(Settings given = {}) : settings(std::move(given)) {
    ha.log_in();
    home.apply_snapshot(
        tests::Padded(
            R"({"a":{"climate.a":{"s":"heat","a":{"hvac_modes":["off","heat"],)"
            R"("target_temp_low":18,"target_temp_high":24,"supported_features":2}},)"
            R"("fan.a":{"s":"off","a":{"supported_features":49}},"lock.a":{"s":"locked","a":{}},)"
            R"("light.gone":{"s":"unavailable","a":{}}}})"),
        true, [](const discovery::StateChange&) {});
    publications.set_versions(tests::newest, tests::newest, {});
    publications.judge_all(ha.now);
    desk = std::make_unique<CommandDesk>(settings, topics, home, publications, ha.session, outbox);
    outbox.open(100, 0);
    ha.frames.clear();
  }

  void receive(const std::string& entity_id, const std::string& payload, bool retained = false) {
    const Message message{topics.command(entity_id), payload, retained};
    desk->received(*topics.parse(message.topic), message, ha.now, ha.effects);
  }

  void pass(Time time) {
    ha.now.at += time;
    desk->tick(ha.now, ha.effects);
  }

  /// Home Assistant answers the call of a frame, or the last one.
  void answer_to(const discovery::Json& frame, bool ok, const std::string& code = {}) {
    desk->call_done({frame.at("id").get<std::uint64_t>(), ok, code, "a sentence"}, ha.now,
                    ha.effects);
  }
  void answer(bool ok, const std::string& code = {}) { answer_to(last_frame, ok, code); }

  /// The calls since the last look: `climate.set_temperature {"temperature":20}`.
  Texts calls() {
    ha.collect();
    Texts calls;
    for (const std::string& frame : std::exchange(ha.frames, {})) {
      const auto json = discovery::Json::parse(frame);
      const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
      calls.push_back(text("domain") + "." + text("service") + " " +
                      json.at("service_data").dump());
      last_frame = json;
    }
    return calls;
  }

  /// The codes of the refusals since the last look.
  Texts refusals() {
    Texts codes;
    Effects sent;
    outbox.pump(ha.now, sent);
    for (const BrokerEffect& effect : sent.broker) {
      const auto& message = std::get<Publish>(effect);
      outbox.acknowledged(message.token, true, ha.now, sent);
      if (message.topic != topics.refused()) continue;
      CHECK_FALSE(message.retain);
      codes.push_back(discovery::Json::parse(message.payload).at("code"));
    }
    return codes;
  }

  discovery::Json last_frame;
};

std::string command(const std::string& service, const std::string& data = "{}",
                    const std::string& id = {}) {
  return fmt::format(R"({{"service":"{}","data":{}{}}})", service, data,
                     id.empty() ? "" : fmt::format(R"(,"id":"{}")", id));
}

}  // namespace

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
  CHECK(fixture.desk->refused() == 7);
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

TEST_CASE("Too many commands are refused, and the rate is allowed again later") {
  DeskFixture fixture({.commands_per_second = 5});
  for (int i = 0; i < 15; ++i) fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().size() == 10);
  CHECK(fixture.refusals() == Texts(5, "rate"));
  fixture.pass(Time{1000});
  for (int i = 0; i < 6; ++i) fixture.receive("lock.a", command("unlock"));
  CHECK(fixture.calls().size() == 5);
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
