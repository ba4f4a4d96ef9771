// A bridge that consumes calls those offline that died without a will.
#include <doctest/doctest.h>

#include "tests/machines/published.hpp"

using namespace machines;

namespace {

struct Consuming : Simulation {
  explicit Consuming(const std::string& prefix = "homeassistant")
      : Simulation({.house = one_light(), .settings = with_prefix(prefix)}) {}
  static bridge::Settings with_prefix(const std::string& prefix) {
    bridge::Settings settings;
    settings.consume.prefix = prefix;
    return settings;
  }
  std::string status() { return broker().at("statebus/media/status"); }
  void beat(std::uint32_t expiry_s = 90) {
    broker().publish("media", {.topic = "statebus/media/heartbeat",
                               .payload = "{}",
                               .retain = true,
                               .expiry_s = expiry_s});
  }
};

}  // namespace

TEST_CASE("An instance that says online and gives no heartbeat is offline after 90 s") {
  Consuming consuming;
  consuming.publish("statebus/media/status", "online", true);
  consuming.start_bridge();
  consuming.run(89s);
  CHECK(consuming.status() == "online");
  consuming.run(2s);
  CHECK(consuming.status() == "offline");
  CHECK(consuming.has_logged("instance media has given no heartbeat for 90 s"));
  // It puts its own word back, and has 90 s more for a heartbeat.
  consuming.publish("statebus/media/status", "online", true);
  consuming.run(89s);
  CHECK(consuming.status() == "online");
  consuming.run(2s);
  CHECK(consuming.status() == "offline");
}

TEST_CASE("Each heartbeat gives another 90 s") {
  Consuming consuming;
  consuming.start_bridge();
  consuming.publish("statebus/media/status", "online", true);
  for (int i = 0; i < 10; ++i) {
    consuming.run(30s);
    consuming.beat();
  }
  CHECK(consuming.status() == "online");
  consuming.run(95s);
  CHECK(consuming.status() == "offline");
}

TEST_CASE("Of a heartbeat that waited at the broker counts what is left, and time to come back") {
  for (const auto& [left, lasts] : {std::pair{50, 50s}, std::pair{5, 30s}}) {
    CAPTURE(left);
    Consuming consuming;
    consuming.start_bridge();
    consuming.publish("statebus/media/status", "online", true);
    consuming.run(1s);
    consuming.beat(static_cast<std::uint32_t>(left));
    consuming.run(lasts - 1s);
    CHECK(consuming.status() == "online");
    consuming.run(2s);
    CHECK(consuming.status() == "offline");
  }
}

TEST_CASE("However long a heartbeat is said to be valid, 90 s are the most") {
  Consuming consuming;
  consuming.start_bridge();
  consuming.publish("statebus/media/status", "online", true);
  consuming.run(1s);
  // In milliseconds more than 32 bits hold.
  consuming.beat(4'294'968);
  consuming.run(89s);
  CHECK(consuming.status() == "online");
  consuming.run(3s);
  CHECK(consuming.status() == "offline");
}

TEST_CASE("While the broker is away nobody is called offline") {
  Consuming consuming;
  consuming.start_bridge();
  consuming.publish("statebus/media/status", "online", true);
  consuming.run(60s);
  consuming.set_broker_down(true);
  consuming.cut_broker();
  consuming.run(120s);
  consuming.set_broker_down(false);
  consuming.run(60s);
  CHECK(consuming.status() == "online");
  consuming.run(120s);
  CHECK(consuming.status() == "offline");
}

TEST_CASE("One that does not consume leaves others alone, and nobody minds itself") {
  Consuming idle("");
  idle.publish("statebus/media/status", "online", true);
  idle.start_bridge();
  idle.run(300s);
  CHECK(idle.status() == "online");

  Consuming consuming;
  consuming.start_bridge();
  consuming.run(300s);
  CHECK(consuming.broker().at("statebus/hubs/status") == "online");
  consuming.publish("statebus/hubs/status", "offline", true);
  consuming.run(1s);
  CHECK(consuming.broker().at("statebus/hubs/status") == "online");
}
