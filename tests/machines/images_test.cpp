// Pictures: when they are fetched, which ones are sent, and how they go away.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/machines/simulation.hpp"

using namespace machines;
using bridge::FetchPicture;
using bridge::PictureAnswer;
using scripted_ha::Kind;

namespace {

const std::string door = "statebus/hubs/image/camera/door";
const std::string map = "statebus/hubs/image/image/map";
const std::string door_path = "/api/camera_proxy/camera.door";
const std::string map_path = "/api/image_proxy/image.map";

Json house_with_pictures() {
  return Json::parse(R"({
    "entities": [{"entity_id": "camera.door", "id": "c1", "unique_id": "u1", "platform": "demo"},
                 {"entity_id": "image.map", "id": "i1", "unique_id": "u2", "platform": "demo"}],
    "states": {"camera.door": {"state": "idle", "attributes": {"access_token": "1f"}},
               "image.map": {"state": "2026-06-01T09:00:00+00:00",
                             "attributes": {"access_token": "2f"}}}})");
}

/// A bridge that publishes the pictures of a camera and an image, both of which always answer.
struct Pictures : Simulation {
  Pictures() : Simulation({.house = house_with_pictures()}) {
    settings().images.include = {"camera.*", "image.map"};
    on_fetch([this](const FetchPicture& wanted) {
      last = wanted;
      return wanted.path == door_path ? door_answer : map_answer;
    });
    on_publish([this](const bridge::Publish& message) {
      if (message.topic == door || message.topic == map) sent.push_back(message);
    });
    start_bridge();
    run(5s);
  }

  /// From here on only what comes later counts.
  void say(const std::string& heading) {
    transcript().say(now(), heading);
    sent.clear();
  }
  std::size_t fetched(const std::string& path) { return transcript().count_asked(path); }

  PictureAnswer door_answer{.status = 200, .content_type = "image/jpeg", .body = "door 1"};
  PictureAnswer map_answer{
      .status = 200, .content_type = "Image/PNG; charset=binary", .body = "map 1"};
  FetchPicture last;
  std::vector<bridge::Publish> sent;
};

}  // namespace

TEST_CASE("Pictures are fetched once the instance is online, and go out retained at QoS 0") {
  Pictures house;
  REQUIRE(house.sent.size() == 2);
  for (const bridge::Publish& message : house.sent) {
    CHECK(message.retain);
    CHECK(message.qos == 0);
  }
  CHECK(house.broker().at(door) == "door 1");
  CHECK(house.broker().at(map) == "map 1");
  CHECK(house.last.token == "token");
  CHECK(house.last.bytes_max == 500'000);
}

TEST_CASE("None is fetched that the configuration does not name") {
  Pictures house;
  house.settings().images.include.clear();
  house.say("The bridge starts without pictures");
  house.start_bridge();
  house.settle();
  CHECK(house.fetched(door_path) + house.fetched(map_path) == 0);
  CHECK(house.broker().at(door).empty());
  CHECK(house.broker().at(map).empty());
  const Json config =
      Json::parse(house.broker().at("homeassistant/sensor/hubs/"
                                    "statebus-hubs-c1/config"));
  CHECK(config.at("state_topic") == "statebus/hubs/state/camera/door");
  CHECK(house.broker().at("homeassistant/camera/hubs/statebus-hubs-c1/config").empty());
  for (const bridge::Publish& message : house.sent) CHECK(message.qos == 1);
}

TEST_CASE("A camera is fetched at its pace, and what has not changed is not sent") {
  Pictures house;
  house.say("A minute goes by");
  house.run(60s);
  CHECK(house.fetched(door_path) == 6);
  CHECK(house.fetched(map_path) == 0);
  CHECK(house.sent.empty());
  house.door_answer.body = "door 2";
  house.run(10s);
  CHECK(house.sent.size() == 1);
  CHECK(house.broker().at(door) == "door 2");
}

TEST_CASE("An image is fetched when its time changes, and not oftener than at its pace") {
  Pictures house;
  house.say("The map gets another token, then three pictures");
  house.house().set_state("image.map", "2026-06-01T09:00:00+00:00", {{"access_token", "3f"}});
  house.run(30s);
  CHECK(house.fetched(map_path) == 0);
  for (int second = 1; second < 4; ++second) {
    house.map_answer.body = "map at " + std::to_string(second);
    house.house().set_state("image.map", fmt::format("2026-06-01T10:00:0{}+00:00", second), {});
    house.run(1s);
  }
  CHECK(house.broker().at(map) == "map at 1");
  house.run(10s);
  CHECK(house.broker().at(map) == "map at 3");
  CHECK(house.fetched(map_path) == 2);
}

TEST_CASE("Main is told another type when the picture has it") {
  Pictures house;
  const std::string topic = "homeassistant/image/hubs/statebus-hubs-i1/config";
  CHECK(Json::parse(house.broker().at(topic)).at("content_type") == "image/png");
  CHECK(Json::parse(house.broker().at("statebus/hubs/entity/image/map")).at("image") ==
        "image/png");
  house.say("The bridge starts again");
  house.start_bridge();
  house.settle();
  CHECK(house.transcript().count("set", "homeassistant/") == 0);
}

TEST_CASE("What is unavailable is not fetched") {
  Pictures house;
  house.house().set_state("camera.door", "unavailable", Json::object());
  house.house().set_state("image.map", "unavailable", Json::object());
  house.say("An hour goes by");
  house.run(3600s);
  CHECK(house.fetched(door_path) + house.fetched(map_path) == 0);
  house.house().set_state("camera.door", "idle", Json::object());
  house.run(10s);
  CHECK(house.fetched(door_path) >= 1);
}

TEST_CASE("A picture that is too large or none is refused, told once and tried ever more seldom") {
  Pictures house;
  SUBCASE("too large") {
    house.door_answer = {.failure = "body limit exceeded", .too_large = true};
  }
  SUBCASE("no picture") {
    house.door_answer = {.status = 200, .content_type = "text/html", .body = "<html>"};
  }
  house.say("The camera gives something else");
  house.run(3600s);
  CHECK(house.sent.empty());
  CHECK(house.broker().at(door) == "door 1");
  CHECK(house.fetched(door_path) > 5);
  CHECK(house.fetched(door_path) < 20);
  const auto told = std::count_if(house.log().begin(), house.log().end(), [](const auto& line) {
    return line.text.find("the picture of camera.door is not published") != std::string::npos;
  });
  CHECK(told == 1);
  const Json beat = Json::parse(house.broker().at("statebus/hubs/heartbeat"));
  CHECK(beat.at("images_refused") == house.fetched(door_path));
  house.door_answer = {.status = 200, .content_type = "image/jpeg", .body = "door 2"};
  house.run(720s);
  CHECK(house.broker().at(door) == "door 2");
}

TEST_CASE("A refused token ends all fetches until another one logs in") {
  Pictures house;
  house.door_answer = {.status = 401};
  house.say("The token is refused");
  house.run(3600s);
  CHECK(house.fetched(door_path) == 1);
  house.door_answer = {.status = 200, .content_type = "image/jpeg", .body = "door 2"};
  house.cut_ha();
  house.run(60s);
  CHECK(house.fetched(door_path) == 1);
  house.house().options().token = "another";
  house.options().token = "another";
  house.cut_ha();
  house.run(60s);
  CHECK(house.broker().at(door) == "door 2");
}

TEST_CASE("Nothing is fetched without a broker, and the newest picture goes out after it") {
  Pictures house;
  house.set_broker_down(true);
  house.cut_broker();
  house.run(30s);
  house.say("The broker stays away");
  house.door_answer.body = "door 2";
  house.run(600s);
  CHECK(house.fetched(door_path) == 0);
  house.set_broker_down(false);
  house.run(60s);
  CHECK(house.broker().at(door) == "door 2");
}

TEST_CASE("A broker that has forgotten its pictures gets them again") {
  Pictures house;
  house.broker().forget();
  house.cut_broker();
  house.run(60s);
  CHECK(house.broker().at(door) == "door 1");
  CHECK(house.broker().at(map) == "map 1");
}

TEST_CASE("A start reads no picture of a camera, and sends none of an image again") {
  Pictures house;
  house.say("The bridge starts again");
  house.start_bridge();
  house.settle();
  REQUIRE(house.sent.size() == 1);
  CHECK(house.sent.front().topic == door);
}

TEST_CASE("All that is retained is read at a start but the pictures of cameras") {
  Pictures house;
  const std::vector<std::string> filters = discovery::Topics("statebus", "hubs").all_but_cameras();
  for (const auto& [topic, payload] : house.broker().retained()) {
    if (!topic.starts_with("statebus/")) continue;
    const bool is_read = std::any_of(filters.begin(), filters.end(), [&](const auto& filter) {
      return matches_filter(filter, topic);
    });
    CHECK_MESSAGE(is_read == (topic != door), topic);
  }
}

TEST_CASE("The picture goes with its entity") {
  Pictures house;
  house.house().remove(Kind::entities, "camera.door");
  house.run(20s);
  CHECK(house.broker().at(door).empty());
  CHECK(house.broker().at(map) == "map 1");
  house.say("It is asked for no more");
  house.run(60s);
  CHECK(house.fetched(door_path) == 0);
}

TEST_CASE("The picture follows a rename") {
  Pictures house;
  house.on_fetch([&](const FetchPicture&) { return house.door_answer; });
  house.house().rename_entity("camera.door", "camera.gate",
                              scripted_ha::RenameOrder::registry_first);
  house.run(30s);
  CHECK(house.broker().at(door).empty());
  CHECK(house.broker().at("statebus/hubs/image/camera/gate") == "door 1");
}
