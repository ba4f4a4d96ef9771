// What somebody else has put at the broker: at this instance's topics, and at those of others.
#include <fmt/format.h>

#include "tests/bad_input/hostile_home.hpp"

using namespace bad_input;
using namespace std::string_literals;
using namespace std::chrono_literals;
using machines::Json;
using machines::Published;
using machines::Simulation;

namespace {

constexpr const char* heartbeat = "statebus/hubs/heartbeat";
constexpr const char* status = "statebus/hubs/status";
const std::string remedy =
    " Find who may write there, and forbid it in the broker's access list (statebus acl)";

struct RetainedRow {
  const char* id;
  std::string input;
  std::string topic;
  std::string payload;
  bool stays;  // or the bridge clears it, or puts its own there
  const char* outcome;
};

constexpr const char* cleared = "cleared, once Home Assistant runs and a grace is over";
constexpr const char* own_again = "the bridge writes its own there";
constexpr const char* not_its = "passed over, and left where it is";

const RetainedRow rows[] = {
    {"B1", "no JSON as this instance's info", "statebus/hubs/info", "{\"epoch\":", false,
     own_again},
    {"B1", "no JSON as a bucket of this instance's index", "statebus/hubs/index/3", "[\"stat",
     false, own_again},
    {"B2", "a document of 100,000 levels", machines::light_document, nested(100'000), false,
     own_again},
    {"B2", "a description of 100,000 levels", "statebus/hubs/entity/light/kitchen", nested(100'000),
     false, own_again},
    {"B2", "the info of another instance, of 1,000 levels", "statebus/media/info",
     R"({"consumes":)" + nested(1'000) + "}", true, not_its},
    {"B3", "5 MB as the info of another instance", "statebus/media/info",
     R"({"consumes":{"prefix":"p"},"x":")" + std::string(5'000'000, 'x') + "\"}", true, not_its},
    {"B3", "5 MB as the document of an entity that there is not", "statebus/hubs/state/light/ghost",
     std::string(5'000'000, 'x'), false, cleared},
    {"B5", "+ as the prefix that another instance consumes", "statebus/media/info",
     R"({"ha_version":"2026.11.0","consumes":{"prefix":"+/#"}})", true, not_its},
    {"B5", "statebus/hubs as the prefix that another one consumes", "statebus/media/info",
     R"({"ha_version":"2026.11.0","consumes":{"prefix":"statebus/hubs"}})", true, not_its},
    {"B12", "garbage as the document of an entity that there is not",
     "statebus/hubs/state/light/ghost", "\x01\x02 old format", false, cleared},
    {"B12", "a description of another schema", "statebus/hubs/entity/light/ghost",
     R"({"schema":99,"id":"ghost"})", false, cleared},
    {"B12", "a device of another tool", "statebus/hubs/device/ghost", "{}", false, cleared},
    {"B12", "a topic below this instance that the bus does not have", "statebus/hubs/old", "x",
     true, not_its},
    {"B12", "an announcement of other software under this instance's name",
     "homeassistant/light/hubs/zigbee/config", R"({"name":"Zigbee"})", true, not_its},
    {"B12", "an announcement with this instance's mark, of nothing that there is",
     "homeassistant/light/hubs/statebus-hubs-ghost/config", "no JSON", false, cleared},
    {"B12", "garbage as the document of another instance", "statebus/media/state/light/tv", "[",
     true, not_its},
    {"B12", "an index that names topics of others", "statebus/hubs/index/0",
     R"(["statebus/media/state/light/tv","homeassistant/light/media/statebus-media-x/config"])",
     false, own_again},
    {"B13", "2^63 buckets of an index, in this instance's info", "statebus/hubs/info",
     R"({"epoch":1,"index_buckets":9223372036854775808})", false, own_again},
    {"B13", "-1 buckets of an index, in the info of another", "statebus/media/info",
     R"({"epoch":-1,"index_buckets":-1})", true, not_its},
    {"B13", "an epoch of 2^63 - 1 in this instance's info", "statebus/hubs/info",
     R"({"epoch":9223372036854775807})", false, own_again},
    {"B13", "an epoch of 2^64 - 1 in this instance's info", "statebus/hubs/info",
     R"({"epoch":18446744073709551615})", false, own_again},
    {"B13", "an epoch that is a text, in this instance's info", "statebus/hubs/info",
     R"({"epoch":"9"})", false, own_again},
};

struct HeartbeatRow {
  std::string input;
  const char* payload;
};
const HeartbeatRow heartbeats[] = {
    {"a heartbeat with an epoch of 2^63 - 1", R"({"epoch":9223372036854775807})"},
    {"a heartbeat with an epoch of 2^64 - 1", R"({"epoch":18446744073709551615})"},
    {"a heartbeat with an epoch of 1e300", R"({"epoch":1e300})"},
    {"a heartbeat with a negative epoch", R"({"epoch":-1})"},
    {"a heartbeat with an epoch that is a text", R"({"epoch":"4102444800000"})"},
};

std::string forged(const char* payload) {
  return fmt::format("{} holds what no bridge writes ({}); it is passed over and put right.",
                     heartbeat, discovery::shown(payload)) +
         remedy;
}

}  // namespace

TEST_CASE("What others have left at the broker harms nothing, and nothing of others is touched") {
  for (const RetainedRow& row : rows) {
    CAPTURE(row.input);
    Simulation simulation({.house = machines::one_light()});
    simulation.broker().put("statebus/media/state/light/tv", R"({"state":"on"})");
    simulation.broker().put(row.topic, row.payload);
    simulation.start_bridge();
    simulation.settle();
    CHECK((simulation.broker().at(row.topic) == row.payload) == row.stays);
    CHECK_FALSE(simulation.broker().at("statebus/media/state/light/tv").empty());
    const Json info = Json::parse(simulation.broker().at("statebus/hubs/info"));
    CHECK(info.at("epoch").get<std::int64_t>() < 2'000'000'000'000);
    check({row.id, retained_topic, row.input, "", row.outcome}, warnings(simulation.log()));
    CHECK_FALSE(simulation.broker().at(machines::light_announcement).empty());
    check_whole(simulation);
  }
}

TEST_CASE("A heartbeat that no bridge can have given makes nobody give way") {
  for (const HeartbeatRow& row : heartbeats) {
    CAPTURE(row.input);
    Published published;
    const std::size_t logged = published.log().size();
    published.publish(heartbeat, row.payload, true);
    published.run(5s);
    check({"B13", retained_topic, row.input, forged(row.payload),
           "the bridge stays, and writes its own"},
          warnings(published.log(), logged));
    CHECK(published.broker().at(heartbeat).find("\"beat\"") != std::string::npos);
    check_whole(published);
  }
}

TEST_CASE("Nor does one that stands there before the bridge starts, and it is told once a minute") {
  Simulation simulation({.house = machines::one_light()});
  simulation.broker().put(heartbeat, heartbeats[0].payload);
  simulation.start_bridge();
  simulation.run(20s);
  check({"B13", retained_topic, "the same before the bridge starts", forged(heartbeats[0].payload),
         "the bridge starts, and writes its own"},
        warnings(simulation.log()));
  const std::size_t logged = simulation.log().size();
  for (int i = 0; i < 600; ++i) {
    simulation.publish(heartbeat, heartbeats[0].payload, true);
    simulation.run(1s);
  }
  CHECK(simulation.log().size() - logged <= 11);
  check_whole(simulation);
}

TEST_CASE("A status that somebody else writes is put right, and no more than once a second") {
  Published published;
  published.say("a status from somebody else");
  const std::size_t logged = published.log().size();
  published.publish(status, "offline", true);
  published.run(900ms);
  CHECK(published.broker().at(status) == "online");
  check({"B14", retained_topic, "`offline` as the status, once", "",
         "put right within a second; a single one may be the will of an earlier connection"},
        warnings(published.log(), logged));
  for (int i = 0; i < 1'000; ++i) {
    published.publish(status, i % 2 == 0 ? "offline" : "nonsense", true);
    published.run(10ms);
  }
  published.run(1s);
  CHECK(published.broker().at(status) == "online");
  CHECK(published.transcript().count("set", status) <= 13);
  CHECK(published.transcript().count("set", status) >= 9);
  check({"B14", retained_topic, "1,000 statuses within ten seconds",
         fmt::format("somebody else writes to {} again and again; it is put right once a second.{}",
                     status, remedy),
         "put right once a second, and told once a minute"},
        warnings(published.log(), logged));
}

TEST_CASE("Requests for an announcement make it go out once in ten seconds, however many come") {
  Published published;
  published.say("the flood");
  const std::size_t logged = published.log().size();
  const std::string topic = "statebus/hubs/command/light/statebus-hubs-r1/announce";
  for (int i = 0; i < 3'000; ++i) {
    published.publish(topic, R"({"prefix":"homeassistant"})");
    published.run(10ms);
  }
  const std::size_t sent = published.transcript().count("set", machines::light_announcement);
  CHECK(sent >= 3);
  CHECK(sent <= 4);
  check({"B18", command_topic, "3,000 requests for one announcement within 30 seconds", "",
         "it goes out once in ten seconds"},
        warnings(published.log(), logged));
  check_whole(published);
}

TEST_CASE("Requests for what there is not, and others that are none, send nothing") {
  Published published;
  published.say("the flood");
  const std::size_t logged = published.log().size();
  for (int i = 0; i < 1'000; ++i) {
    published.publish(fmt::format("statebus/hubs/command/light/ghost{}/announce", i),
                      R"({"prefix":"homeassistant"})");
    published.publish("statebus/hubs/command/light/statebus-hubs-r1/announce", nested(1'000));
    published.publish("statebus/hubs/command/light/kitchen/restore", "{}");
    published.run(10ms);
  }
  CHECK(published.transcript().count("set", "homeassistant/") == 0);
  check({"B18", command_topic, "3,000 requests that name nothing, are no JSON, or restore nothing",
         "", "passed over"},
        warnings(published.log(), logged));
  check_whole(published);
}

TEST_CASE("What is larger than the broker takes is not sent, and told") {
  Json house = machines::one_light();
  house["states"]["light.kitchen"]["attributes"]["effect_list"] =
      Json::array({std::string(9'000, 'e')});
  bridge::BrokerLimits limits;
  limits.packet_bytes_max = 8'000;
  Simulation simulation({.house = house, .limits = limits});
  std::size_t largest = 0;
  simulation.on_publish([&](const bridge::Publish& message) {
    largest = std::max(largest, bridge::packet_bytes(message.topic, message.payload));
  });
  simulation.start_bridge();
  simulation.settle();
  CHECK(largest <= 8'000);
  const std::string seen = warnings(simulation.log());
  check({"B4", home_assistant, "an entity with more than the broker's max_packet_size",
         seen.substr(0, seen.find('\n')), "not sent; main shows it as unknown and keeps it"},
        seen.substr(0, seen.find('\n')));
  CHECK(seen.find("bytes are more than the broker's max_packet_size of 8000; raise that, or leave "
                  "the entity out") != std::string::npos);
  CHECK(simulation.broker().at(status) == "online");
}
