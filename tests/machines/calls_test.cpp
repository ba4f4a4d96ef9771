// Calls: whom they reach, what is refused, and their answers.
#include <doctest/doctest.h>

#include "tests/machines/calls_fixture.hpp"

using namespace machines;

TEST_CASE("A target becomes the published entities of the service's domain that it names") {
  CallsFixture fixture;
  const auto reached = [&](const Json& target) {
    fixture.ha.now.at += Time{1000};
    fixture.receive_call(call_of("light.turn_on", target));
    const Texts targets = fixture.targets();
    return targets.size() == 1 ? targets[0] : "";
  };
  CHECK(reached({{"entity_id", "light.shelf"}}) == R"({"entity_id":["light.shelf"]})");
  CHECK(reached({{"device_id", {"d1"}}}) == R"({"entity_id":["light.lamp"]})");
  CHECK(reached({{"device_id", "lamp"}}) == R"({"entity_id":["light.lamp"]})");
  CHECK(reached({{"area_id", "kitchen"}}) == R"({"entity_id":["light.lamp"]})");
  CHECK(reached({{"area_id", "Küche"}}) == R"({"entity_id":["light.lamp"]})");
  CHECK(reached({{"floor_id", "ground"}}) == R"({"entity_id":["light.lamp"]})");
  CHECK(reached({{"label_id", "Cosy"}}) == R"({"entity_id":["light.shelf"]})");
  CHECK(reached({{"label_id", "cosy"}, {"area_id", "kitchen"}}) ==
        R"({"entity_id":["light.lamp","light.shelf"]})");
  CHECK(reached({{"entity_id", {"light.hidden"}}}) == R"({"entity_id":["light.hidden"]})");
  CHECK(reached({{"entity_id", "all"}}) ==
        R"({"entity_id":["light.hidden","light.lamp","light.shelf"]})");
}

TEST_CASE("What a call may not reach is refused, and says why") {
  CallsFixture fixture({.deny = {"lock.b"}});
  CHECK(fixture.code_of(call_of("light.turn_on", {{"entity_id", "light.secret"}})) ==
        "not_published");
  CHECK(fixture.code_of(call_of("lock.unlock", {{"entity_id", "lock.b"}})) == "denied");
  CHECK(fixture.code_of(call_of("light.turn_on", {{"area_id", "attic"}})) == "unknown_target");
  CHECK(fixture.code_of(call_of("light.turn_on", {{"device_id", "d9"}})) == "unknown_target");
  CHECK(fixture.code_of(call_of("fan.turn_on", {{"area_id", "kitchen"}})) == "no_target");
  CHECK(fixture.code_of(call_of("light.turn_on", {{"entity_id", "none"}})) == "no_target");
  CHECK(fixture.code_of(call_of("light.turn_on", {{"entity_id", "light.gone"}})) == "unavailable");
  CHECK(fixture.code_of(call_of("homeassistant.restart", nullptr)) == "no_target");
  CHECK(fixture.code_of(call_of("homeassistant.turn_on", {{"entity_id", "light.lamp"}})) ==
        "no_target");
  CHECK(fixture.code_of(call_of("light.turn_on", nullptr, {{"entity_id", "light.secret"}})) ==
        "not_published");
}

TEST_CASE("Neither the data of a call nor the name of a service reach what is not published") {
  CallsFixture fixture;
  const Json lamp{{"entity_id", "light.lamp"}};
  CHECK(fixture.code_of(call_of("light.turn_on", lamp,
                                {{"members", "light.shelf, light.secret"}})) == "not_published");
  CHECK(fixture.code_of(call_of("light.turn_on", lamp, {{"with", {{"LIGHT.secret", 1}}}})) ==
        "not_published");
  CHECK(fixture.code_of(call_of("script.secret", {{"entity_id", "script.night"}})) ==
        "not_published");
  CHECK(fixture.code_of(call_of("notify.notify", nullptr)) == "not_published");
  CHECK(fixture.code_of(call_of("script.night", {{"entity_id", "script.night"}})) ==
        "target_not_allowed");
  fixture.receive_call(call_of("script.night", nullptr, {{"quietly", true}}));
  fixture.receive_call(call_of("notify.family", nullptr, {{"message", "Hello"}}));
  CHECK(fixture.targets() == Texts{"{}", "{}"});
}

TEST_CASE("What is denied is not reached by a name or by the data either") {
  CallsFixture fixture({.deny = {"script.*", "light.shelf"}});
  const Json lamp{{"entity_id", "light.lamp"}};
  CHECK(fixture.code_of(call_of("script.night", nullptr)) == "denied");
  CHECK(fixture.code_of(call_of("light.turn_on", lamp, {{"members", {"light.shelf"}}})) ==
        "denied");
}

TEST_CASE("Entity ids in the data are seen in every form that Home Assistant takes") {
  CallsFixture fixture;
  const Json lamp{{"entity_id", "light.lamp"}};
  for (const char* form : {"\tlight.secret", "light.secret\u00a0", " LIGHT.Secret ", "all"}) {
    CHECK(fixture.code_of(call_of("light.turn_on", lamp, {{"other_entity_id", {form}}})) ==
          "not_published");
  }
  fixture.ha.now.at += Time{1000};
  fixture.receive_call(call_of("light.turn_on", lamp, {{"repeat", "all"}}));
  CHECK(fixture.targets().size() == 1);
}

TEST_CASE("An id goes before a name, and a notifier that is a service is no target") {
  CallsFixture fixture;
  const tests::Padded areas(
      R"([{"area_id":"bath","name":"Kitchen"},{"area_id":"kitchen","name":"Study"}])");
  fixture.home.set_areas(*discovery::read_places(areas, "area_id"), [](const auto&...) {});
  fixture.receive_call(call_of("light.turn_on", {{"area_id", "kitchen"}}));
  CHECK(fixture.targets() == Texts{R"({"entity_id":["light.lamp"]})"});
  CHECK(fixture.code_of(call_of("notify.send_message", {{"entity_id", "notify.family"}})) ==
        "no_target");
}

TEST_CASE("A call that is delivered again while it runs is neither run nor refused") {
  CallsFixture fixture({.commands_per_second = 1});
  const Json call{
      {"service", "light.turn_on"}, {"target", {{"entity_id", "light.lamp"}}}, {"id", 7}};
  for (int i = 0; i < 5; ++i) fixture.receive_call(call);
  CHECK((fixture.targets().size() == 1 && fixture.messages().empty()));
}

TEST_CASE("A call that is delivered again after its end is passed over, however many have come") {
  CallsFixture fixture({.commands_per_second = 1});
  Json call = call_of("light.turn_on", {{"entity_id", "light.lamp"}});
  call.update({{"id", 7}, {"reply_to", "statebus/main/reply/7"}});
  fixture.receive_call(call);
  CHECK(fixture.targets().size() == 1);
  fixture.done(true, "", "{}");
  CHECK(fixture.messages().size() == 1);
  for (int i = 0; i < 5; ++i) fixture.receive_call(call);
  CHECK((fixture.targets().empty() && fixture.messages().empty()));
  // Nor has it taken the place of another one.
  call["id"] = 8;
  fixture.receive_call(call);
  CHECK(fixture.targets().size() == 1);
  // What was refused may come again.
  call["id"] = 9;
  fixture.receive_call(call);
  CHECK(fixture.messages().size() == 2);
  fixture.ha.now.at += Time{5'000};
  fixture.receive_call(call);
  CHECK(fixture.targets().size() == 1);
}

TEST_CASE("What the user allows goes to Home Assistant as it comes") {
  CallsFixture fixture({.calls_allow = {"homeassistant.restart", "light.*"}});
  fixture.receive_call(call_of("homeassistant.restart", nullptr));
  fixture.receive_call(call_of("light.turn_on", {{"area_id", "attic"}}));
  CHECK(fixture.targets() == Texts{"{}", R"({"area_id":["attic"]})"});
  CHECK(fixture.code_of(call_of("homeassistant.stop", nullptr)) == "no_target");
}

TEST_CASE("An answer goes to the reply topic with the caller's id, once") {
  CallsFixture fixture;
  Json call =
      call_of("weather.get_forecasts", {{"entity_id", "weather.home"}}, {{"type", "daily"}});
  call.update({{"id", 7}, {"reply_to", "statebus/main/reply/7"}, {"return_response", true}});
  fixture.receive_call(call);
  fixture.receive_call(call);  // QoS 1 may bring it twice
  CHECK(fixture.targets() == Texts{R"({"entity_id":["weather.home"]})"});
  CHECK(fixture.last_frame.at("return_response") == true);
  CHECK(fixture.messages().empty());
  fixture.done(true, "", R"({"context":{},"response":{"weather.home":{"forecast":[1]}}})");
  const auto sent = fixture.messages();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].topic == "statebus/main/reply/7");
  CHECK(sent[0].payload == R"({"id":7,"ok":true,"response":{"weather.home":{"forecast":[1]}}})");
}

TEST_CASE("An error of Home Assistant goes to the reply and to refused, with MQTT's own means") {
  CallsFixture fixture;
  Message message{fixture.topics.call(),
                  call_of("light.turn_on", {{"entity_id", "light.lamp"}}).dump()};
  message.response_topic = "statebus/main/reply/x";
  message.correlation_data = "abc";
  fixture.receive_message(message);
  CHECK(fixture.targets().size() == 1);
  fixture.done(false, "timeout", "");
  const auto sent = fixture.messages();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].topic == "statebus/main/reply/x");
  CHECK(sent[0].correlation_data == "abc");
  CHECK(sent[0].payload ==
        R"({"error":{"code":"timeout","message":"a sentence"},"id":null,"ok":false})");
  CHECK(Json::parse(sent[1].payload) ==
        Json{{"service", "light.turn_on"}, {"code", "timeout"}, {"message", "a sentence"}});
}

TEST_CASE("What is no call for now is refused") {
  CallsFixture fixture;
  const std::string good = call_of("light.turn_on", {{"entity_id", "light.lamp"}}).dump();
  const auto code = [&](Message message) {
    fixture.receive_message(std::move(message));
    CHECK(fixture.targets().empty());
    return fixture.code();
  };
  CHECK(code({fixture.topics.call(), "no JSON"}) == "malformed");
  CHECK(code({fixture.topics.call(), R"({"service":"turn_on"})"}) == "malformed");
  CHECK(code({fixture.topics.call(), good, true}) == "retained");
  CHECK(fixture.code_of({{"service", "light.turn_on"}, {"reply_to", "statebus/hubs/status"}}) ==
        "reply_not_allowed");
  CHECK(fixture.code_of({{"service", "light.turn_on"}, {"reply_to", "statebus/main/reply/+"}}) ==
        "reply_not_allowed");
  // Mosquitto hangs up on whoever uses such a topic, and a retained call would come again then.
  CHECK(fixture.code_of({{"service", "light.turn_on"},
                         {"reply_to", "statebus/main/reply/\u0080"}}) == "reply_not_allowed");
  for (int i = 0; i < 20; ++i) fixture.receive_message({fixture.topics.call(), good});
  (void)fixture.messages();
  (void)fixture.targets();
  fixture.ha.now.at += Time{1};
  CHECK(code({fixture.topics.call(), good}) == "rate");
  fixture.ha.session.closed("gone", 0, fixture.ha.now, fixture.ha.effects);
  CHECK(code({fixture.topics.call(), good}) == "ha_unavailable");
}

TEST_CASE("A read-only bridge takes no call, and the clearing of a retained one is none") {
  CallsFixture fixture({.read_only = true});
  CHECK(fixture.code_of(call_of("light.turn_on", {{"entity_id", "light.lamp"}})) == "read_only");
  fixture.receive_message({fixture.topics.call(), "", true});
  CHECK(fixture.messages().empty());
}

TEST_CASE("An answer that the broker would not take is told as too large") {
  CallsFixture fixture;
  fixture.outbox.open(100, 1000);
  Json call = call_of("weather.get_forecasts", {{"entity_id", "weather.home"}});
  call.update({{"reply_to", "statebus/main/reply/7"}, {"return_response", true}});
  fixture.receive_call(call);
  CHECK(fixture.targets().size() == 1);
  (void)fixture.messages();
  fixture.done(true, "", R"({"response":")" + std::string(2000, 'x') + R"("})");
  const auto sent = fixture.messages();
  REQUIRE(sent.size() == 2);
  CHECK(Json::parse(sent[0].payload).at("error").at("code") == "too_large");
}
