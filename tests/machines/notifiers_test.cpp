// Notifiers that are services and no entities, agents and voices: what takes a message on main.
#include "tests/machines/desk_fixture.hpp"
#include "tests/machines/published.hpp"

using namespace machines;

namespace {

const std::string document = "statebus/hubs/state/notify/family";
const std::string announcement = "homeassistant/notify/hubs/statebus-hubs-notify-family/config";

Json house_with_notifier() {
  Json house = one_light();
  house["notifiers"] = {"family"};
  return house;
}

std::string message(const char* key) {
  return command("send_message", fmt::format(R"({{"{}":"hello"}})", key));
}

}  // namespace

TEST_CASE("A notifier that is a service is called by its name, without a target") {
  DeskFixture fixture;
  fixture.receive("notify.family", message("message"));
  CHECK(fixture.calls() == Texts{R"(notify.family {"message":"hello"})"});
  CHECK(fixture.last_frame.at("target").empty());
}

TEST_CASE("An agent is asked by its name, for its service takes no target") {
  DeskFixture fixture;
  fixture.receive("conversation.a", command("process", R"({"text":"hello","agent_id":"other"})"));
  CHECK(fixture.calls() ==
        Texts{R"(conversation.process {"agent_id":"conversation.a","text":"hello"})"});
  CHECK(fixture.last_frame.at("target").empty());
}

TEST_CASE("A voice is heard at the player that the configuration names, whatever main asks for") {
  DeskFixture fixture({.speaks_on = "media_player.kitchen"});
  const char* data = R"({"message":"hello","media_player_entity_id":"media_player.bedroom"})";
  fixture.receive("tts.a", command("speak", data));
  CHECK(fixture.calls() ==
        Texts{R"(tts.speak {"media_player_entity_id":"media_player.kitchen","message":"hello"})"});
  CHECK(fixture.last_frame.at("target").at("entity_id") == "tts.a");
}

TEST_CASE(
    "A notifier that is a service is announced, takes messages, and goes when it is removed") {
  Published published(house_with_notifier());
  CHECK(published.broker().at(document).find(R"("state":"unknown")") != std::string::npos);
  CHECK_FALSE(published.broker().at(announcement).empty());
  published.say("Another one is registered");
  published.house().set_notifiers({"family", "printer"});
  published.run(2s);
  CHECK_FALSE(published.broker().at("statebus/hubs/state/notify/printer").empty());
  published.say("The first one is removed");
  published.house().set_notifiers({"printer"});
  published.run(30s);
  CHECK(published.broker().at(announcement).empty());
  CHECK(published.broker().at(document).empty());
}

TEST_CASE("A restart of Home Assistant, which registers its notifiers late, takes none away") {
  Published published(house_with_notifier());
  const auto held = published.held();
  published.house().set_notifiers({});
  published.restart_ha(5s, 5s, 1s);
  published.house().set_notifiers({"family"});
  published.run(30s);
  CHECK(published.broker().at(announcement) == held.at(announcement));
  CHECK(published.transcript().count("clear", "homeassistant/") == 0);
}

TEST_CASE("An entity at the id of a notifier takes its place") {
  Published published(house_with_notifier());
  published.house().set_state("notify.family", "2026-11-24T09:00:00+00:00", Json::object());
  published.run(2s);
  CHECK(published.broker().at(document).find("2026-11-24T09:00:00") != std::string::npos);
  published.house().set_notifiers({});
  published.run(120s);
  CHECK_FALSE(published.broker().at(document).empty());
}
