// Two bridges of one instance: the one that was started later stays, and the other waits for its
// end.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;

namespace {

constexpr const char* heartbeat = "statebus/hubs/heartbeat";
constexpr const char* gives_way = "another bridge of this instance runs";

/// A heartbeat of a bridge that was started so much later.
std::string later(Published& published, std::int64_t by) {
  const Json info = Json::parse(published.broker().at("statebus/hubs/info"));
  return "{\"epoch\":" + std::to_string(info.at("epoch").get<std::int64_t>() + by) + "}";
}

}  // namespace

TEST_CASE("A bridge gives way to one of its instance that was started later") {
  Published published;
  published.publish(heartbeat, later(published, 1000), true);
  published.run(5s);
  CHECK(published.has_logged(gives_way));
  published.say("Home Assistant changes something that is the other's to tell");
  published.house().set_state("light.kitchen", "off", Json::object(),
                              published.house().new_context());
  published.settle();
  CHECK(published.transcript().count("set", "statebus/hubs/") == 0);
  CHECK(published.broker_attempts() < 8);
}

TEST_CASE("A bridge that was taken its connection finds the later one before it takes it back") {
  Published published;
  published.broker().put(heartbeat, later(published, 1000));
  published.say("The connection is taken");
  published.cut_broker();
  published.run(5s);
  CHECK(published.has_logged(gives_way));
  CHECK(published.transcript().count("set", "statebus/hubs/") == 0);
}

TEST_CASE("When the later one has ended, the earlier one takes over with an epoch of its own") {
  Published published;
  published.publish(heartbeat, later(published, 1000), true);
  published.publish("statebus/hubs/info", later(published, 1000), true);
  published.settle();
  const auto epoch = [&](const char* topic) {
    return Json::parse(published.broker().at(topic)).at("epoch").get<std::int64_t>();
  };
  const auto of_the_later = epoch(heartbeat);
  published.publish(heartbeat, "", true);
  published.settle();
  CHECK(published.broker().at("statebus/hubs/status") == "online");
  CHECK(epoch("statebus/hubs/info") == epoch(heartbeat));
  CHECK(epoch(heartbeat) > of_the_later);
}

TEST_CASE("A heartbeat of an earlier run, or no heartbeat at all, makes nobody give way") {
  Published published;
  for (const std::string& other : {later(published, -1000), std::string("no json"),
                                   std::string("{\"epoch\":\"1\"}"), std::string()}) {
    published.publish(heartbeat, other, true);
    published.settle();
    CHECK(published.broker().at(heartbeat).find("\"beat\"") != std::string::npos);
  }
  CHECK_FALSE(published.has_logged(gives_way));
}
