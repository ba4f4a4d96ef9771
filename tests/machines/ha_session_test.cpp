#include "bridge/ha_session.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/machines/session_fixture.hpp"

using namespace bridge;
using machines::SessionFixture;

TEST_CASE("The session logs in, asks for everything, and the lists after the states") {
  SessionFixture fixture;
  fixture.log_in();
  CHECK(fixture.session.is_live());
  CHECK(fixture.heard == std::vector<std::string>{"connected 2026.11.0"});
  const auto place = [&](const std::string& type) { return fixture.asked_at(type); };
  CHECK(place("auth") == 0);
  CHECK(place("subscribe_events") < place("get_config"));
  CHECK(place("get_config") < place("subscribe_entities"));
  for (const char* registry : {"entity", "device", "area", "floor", "label"}) {
    CHECK(place("subscribe_entities") < place(fmt::format("config/{}_registry/list", registry)));
  }
}

TEST_CASE("A refused token is not tried again for 15 minutes") {
  SessionFixture fixture;
  fixture.open();
  fixture.receive(R"({"type":"auth_required","ha_version":"2026.11.0"})");
  fixture.receive(R"({"type":"auth_invalid","message":"Invalid access token or password"})");
  CHECK(fixture.closes == 1);
  // The shell tells the end of the connection as well; that must not shorten the wait.
  fixture.session.closed("it closed the connection", 0, fixture.now, fixture.effects);
  CHECK(fixture.session.deadline() == fixture.now.at + Time{15 * 60'000});
  CHECK(fixture.logged("statebus token"));
  fixture.pass(Time{15 * 60'000 - 1});
  CHECK(fixture.opens == 1);
  fixture.pass(Time{1});
  CHECK(fixture.opens == 2);
}

TEST_CASE("Without a token there is no login, and the next attempt is in 15 minutes") {
  SessionFixture fixture;
  fixture.token_problem = "ha.token is empty";
  fixture.open();
  fixture.receive(R"({"type":"auth_required","ha_version":"2026.11.0"})");
  CHECK(fixture.frames.empty());
  CHECK(fixture.closes == 1);
  CHECK(fixture.logged("does not log in: ha.token is empty"));
  fixture.session.token_may_be_new(fixture.now);
  fixture.pass(Time{15 * 60'000 - 1});
  CHECK(fixture.opens == 1);
  fixture.pass(Time{1});
  CHECK(fixture.opens == 2);
}

TEST_CASE("Another token ends the wait after a refusal, and the same one does not") {
  SessionFixture fixture;
  fixture.open();
  fixture.receive(R"({"type":"auth_required","ha_version":"2026.11.0"})");
  fixture.receive(R"({"type":"auth_invalid","message":"Invalid access token or password"})");
  fixture.session.token_may_be_new(fixture.now);
  fixture.pass(Time{1000});
  CHECK(fixture.opens == 1);
  fixture.token = "renewed";
  fixture.session.token_may_be_new(fixture.now);
  fixture.pass(Time{0});
  CHECK(fixture.opens == 2);
}

TEST_CASE("A banned address is tried no earlier for a token that may be new") {
  SessionFixture fixture;
  fixture.session.closed("upgrade declined", 403, fixture.now, fixture.effects);
  fixture.token = "renewed";
  fixture.session.token_may_be_new(fixture.now);
  fixture.pass(Time{1000});
  CHECK(fixture.opens == 1);
}

TEST_CASE("A banned address is not tried again for 15 minutes") {
  SessionFixture fixture;
  fixture.session.closed("upgrade declined", 403, fixture.now, fixture.effects);
  fixture.pass(Time{15 * 60'000 - 1});
  CHECK(fixture.opens == 1);
  CHECK(fixture.logged("ip_bans.yaml"));
}

TEST_CASE("The token is asked for at each login, so that a renewed file is taken up") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.session.closed("lost", 0, fixture.now, fixture.effects);
  fixture.token = "renewed";
  fixture.pass(Time{1500});
  fixture.session.opened(fixture.now);
  fixture.receive(R"({"type":"auth_required","ha_version":"2026.11.0"})");
  CHECK(fixture.frames.back().find("renewed") != std::string::npos);
}

TEST_CASE("Where nobody answers, Home Assistant is looked for every second") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.session.closed("lost", 0, fixture.now, fixture.effects);
  fixture.pass(Time{1'200});
  for (int i = 0; i < 100; ++i) {
    fixture.session.closed("connection refused", 0, fixture.now, fixture.effects);
    const std::size_t before = fixture.opens;
    fixture.pass(Time{1'200});
    CHECK(fixture.opens == before + 1);
  }
}

TEST_CASE("A lost connection is told, tried again after growing waits, and logged once") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.session.closed("lost", 0, fixture.now, fixture.effects);
  CHECK(fixture.heard.back() == "lost");
  std::size_t attempts = 0;
  for (int s = 0; s < 600; ++s) {
    fixture.pass(Time{1000});
    if (fixture.opens == attempts + 1) continue;
    attempts = fixture.opens - 1;
    fixture.session.closed("it answers 502 Bad Gateway", 502, fixture.now, fixture.effects);
  }
  CHECK(attempts >= 20);
  CHECK(attempts <= 30);
  CHECK(fixture.effects.log.size() == 2);
}

TEST_CASE("A silent Home Assistant is pinged after 20 s and given up 15 s later") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.pass(Time{19'999});
  CHECK(fixture.asked("ping") == 0);
  fixture.pass(Time{1});
  CHECK(fixture.asked("ping") == 1);
  fixture.pass(Time{14'999});
  CHECK(fixture.session.is_live());
  CHECK(fixture.asked("ping") == 1);
  fixture.pass(Time{1});
  CHECK_FALSE(fixture.session.is_live());
  CHECK(fixture.closes == 1);
  CHECK(fixture.heard.back() == "lost");
}

TEST_CASE("Any frame is a sign of life") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.pass(Time{20'000});
  fixture.receive(fmt::format(R"({{"id":{},"type":"pong"}})", fixture.last_id()));
  fixture.pass(Time{15'000});
  CHECK(fixture.session.is_live());
}

TEST_CASE("An upgrade or login without an answer is given up after 30 s") {
  SessionFixture fixture;
  fixture.pass(Time{30'000});
  CHECK(fixture.closes == 1);
  fixture.pass(Time{1500});
  CHECK(fixture.opens == 2);
  fixture.session.opened(fixture.now);
  fixture.pass(Time{30'000});
  CHECK(fixture.closes == 2);
}

TEST_CASE("The first event of a subscription is the snapshot, and an older one's are passed over") {
  SessionFixture fixture;
  fixture.log_in();
  const auto old_id = fixture.id_of("subscribe_entities");
  const auto event = [&](std::int64_t id) {
    fixture.receive(fmt::format(R"({{"id":{},"type":"event","event":{{"a":{{}}}}}})", id));
    return fixture.heard.back();
  };
  CHECK(event(old_id) == "snapshot");
  CHECK(event(old_id) == "states");
  fixture.session.resubscribe(fixture.effects);
  fixture.collect();
  CHECK(fixture.asked("unsubscribe_events") == 1);
  const std::size_t heard = fixture.heard.size();
  event(old_id);
  CHECK(fixture.heard.size() == heard);
  CHECK(event(fixture.id_of("subscribe_entities")) == "snapshot");
}

TEST_CASE("A burst of registry events asks for one list, half a second later") {
  SessionFixture fixture;
  fixture.log_in();
  const auto lists = fixture.asked("config/entity_registry/list");
  const auto id = fixture.id_of("subscribe_events", "entity_registry_updated");
  for (int i = 0; i < 50; ++i) {
    fixture.receive(fmt::format(
        R"({{"id":{},"type":"event","event":{{"data":{{"action":"create","entity_id":"a.b"}}}}}})",
        id));
    fixture.pass(Time{2});
  }
  CHECK(fixture.asked("config/entity_registry/list") == lists);
  fixture.pass(Time{400});
  CHECK(fixture.asked("config/entity_registry/list") == lists + 1);
  fixture.pass(Time{5000});
  CHECK(fixture.asked("config/entity_registry/list") == lists + 1);
}

TEST_CASE("Of the services only notifiers are asked for again when one is registered") {
  SessionFixture fixture;
  fixture.log_in();
  const auto id = fixture.id_of("subscribe_events", "service_registered");
  const auto registered = [&](const char* domain) {
    fixture.receive(fmt::format(
        R"({{"id":{},"type":"event","event":{{"data":{{"domain":"{}","service":"a"}}}}}})", id,
        domain));
    fixture.pass(Time{1000});
    return fixture.asked("get_services");
  };
  CHECK(registered("light") == 1);
  CHECK(registered("notify") == 2);
}

TEST_CASE("A rename is told at once, before any list") {
  SessionFixture fixture;
  fixture.log_in();
  const auto id = fixture.id_of("subscribe_events", "entity_registry_updated");
  fixture.receive(fmt::format(
      R"({{"id":{},"type":"event","event":{{"data":{{"action":"update","entity_id":"light.b",)"
      R"("old_entity_id":"light.a","changes":{{}}}}}}}})",
      id));
  CHECK(fixture.heard.back() == "renamed light.a light.b");
}

TEST_CASE("A call that is not answered is done by a timeout, or by the loss of the connection") {
  SessionFixture fixture;
  fixture.log_in();
  const auto call = [&] {
    fixture.session.call("light", "turn_on", "light.a", discovery::Json::object(), fixture.now,
                         fixture.effects);
    fixture.collect();
  };
  call();
  for (int s = 0; s < 6; ++s) {
    fixture.receive(R"({"id":1,"type":"result","success":true,"result":null})");
    fixture.pass(Time{10'000});
  }
  CHECK(fixture.heard.back() == "done timeout");
  call();
  fixture.session.closed("lost", 0, fixture.now, fixture.effects);
  CHECK(fixture.heard.back() == "done disconnected");
}

TEST_CASE("A frame that is no JSON ends the connection and nothing else") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.receive("{\"id\":");
  CHECK_FALSE(fixture.session.is_live());
  CHECK(fixture.closes == 1);
}

TEST_CASE("A list that an older Home Assistant does not know is taken for empty") {
  SessionFixture fixture;
  fixture.log_in();
  fixture.receive(fmt::format(R"({{"id":{},"type":"result","success":false,)"
                              R"("error":{{"code":"unknown_command","message":"Unknown"}}}})",
                              fixture.id_of("config/label_registry/list")));
  CHECK(fixture.heard.back() == "list 4 []");
}
