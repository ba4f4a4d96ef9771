// What a bridge does that is asked for an announcement by a consumer that lacks it.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;

TEST_CASE("What a consumer lacks is announced once more, and then told again") {
  Published hubs;
  const std::string asks = "statebus/hubs/command/light/statebus-hubs-r1/announce";
  const std::string sign = "homeassistant/binary_sensor/hubs/statebus-hubs-connectivity/config";
  hubs.say("Asked");
  hubs.publish(asks, R"({"prefix":"homeassistant"})");
  hubs.run(1s);
  auto& transcript = hubs.transcript();
  CHECK(transcript.acts() == std::vector<std::string>{"set " + light_announcement});
  hubs.run(5s);
  CHECK(transcript.count("set", light_document) == 1);
  CHECK(transcript.count("set", light_announcement) == 1);
  CHECK(transcript.count("clear") == 0);
  // Of the instance itself, too.
  hubs.publish("statebus/hubs/command/binary_sensor/statebus-hubs-connectivity/announce",
               R"({"prefix":"homeassistant"})");
  hubs.run(1s);
  CHECK(transcript.count("set", sign) == 1);

  hubs.say("Asked in vain");
  for (const char* payload :
       {"", "{}", "[]", "no JSON", R"({"prefix":"other"})", R"({"prefix":1})"}) {
    hubs.publish(asks, payload);
  }
  hubs.publish("statebus/hubs/command/light/statebus-hubs-r2/announce",
               R"({"prefix":"homeassistant"})");
  hubs.publish(asks, R"({"prefix":"homeassistant"})", true);
  hubs.publish(asks, "", true);
  hubs.run(10s);
  CHECK(transcript.acts().empty());
}

TEST_CASE("What a user has deleted is not announced because somebody asks") {
  Published hubs;
  const std::string asks = "statebus/hubs/command/light/statebus-hubs-r1/announce";
  hubs.publish(light_announcement, "", true);
  // Before it is decided on, and after.
  hubs.publish(asks, R"({"prefix":"homeassistant"})");
  hubs.settle();
  CHECK_FALSE(hubs.broker().retained().contains(light_announcement));
  hubs.publish(asks, R"({"prefix":"homeassistant"})");
  hubs.settle();
  CHECK_FALSE(hubs.broker().retained().contains(light_announcement));
}
