// A bridge that consumes asks for what its Home Assistant has not made an entity of.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/published.hpp"

using namespace machines;

namespace {

/// One of media's announcements.
std::string announced(const std::string& component, const std::string& object,
                      const std::string& prefix = "main_ha") {
  return prefix + "/" + component + "/media/statebus-media-" + object + "/config";
}

/// What is asked for it.
std::string request(const std::string& component, const std::string& object) {
  return "statebus/media/command/" + component + "/statebus-media-" + object + "/announce";
}

/// What the house of a consumer has of media.
Row mirror(const std::string& id, const std::string& object, Json state = "on",
           const Json& entry = Json::object()) {
  Json fields{{"platform", "mqtt"}, {"unique_id", "statebus-media-" + object}};
  fields.update(entry);
  return {id, std::move(state), {}, fields};
}

bridge::Settings consuming() {
  bridge::Settings settings;
  settings.consume.prefix = "main_ha";
  return settings;
}

struct Consuming : Simulation {
  /// It has media's sign and light.a.
  explicit Consuming(std::vector<Row> more = {}, const bridge::Settings& given = consuming())
      : Simulation({.house = house_of(with_usual(std::move(more))), .settings = given}) {
    house().options().mqtt = true;
  }
  static std::vector<Row> with_usual(std::vector<Row> rows) {
    rows.push_back(mirror("binary_sensor.media_connectivity", "connectivity"));
    rows.push_back(mirror("light.a", "a"));
    return rows;
  }

  void index(const std::vector<std::string>& topics, int bucket = 0) {
    publish("statebus/media/index/" + std::to_string(bucket), Json(topics).dump(), true);
  }
  void come(std::int64_t epoch = 1) {
    publish("statebus/media/info", Json{{"epoch", epoch}}.dump(), true);
    publish("statebus/media/status", "online", true);
  }
  /// Media announces these beside what is there, and the bridge starts.
  void start(std::vector<std::string> topics) {
    topics.push_back(announced("binary_sensor", "connectivity"));
    topics.push_back(announced("light", "a"));
    index(topics);
    come();
    start_bridge();
    transcript().say(now(), "Consuming");
  }

  std::vector<std::string> asked() {
    std::vector<std::string> topics;
    for (const Line& line : transcript().messages()) {
      if (line.act == "send" && line.what.ends_with("/announce")) topics.push_back(line.what);
    }
    transcript().say(now(), "Looked");
    std::sort(topics.begin(), topics.end());
    return topics;
  }
  std::size_t said(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(log().begin(), log().end(), [&](const auto& l) {
      return l.text.find(part) != std::string::npos;
    }));
  }
  Json lacks() {
    return Json::parse(broker().at("statebus/hubs/info")).value("lacks", Json::object());
  }
};

using Texts = std::vector<std::string>;

const Texts one_lamp{request("light", "b")};

}  // namespace

TEST_CASE("What is announced and has no entity is asked for, once all has been quiet for 60 s") {
  Consuming main({mirror("light.off", "off", nullptr, {{"disabled_by", "user"}}),
                  mirror("light.restored", "restored", "unavailable"),
                  mirror("light.silent", "silent", nullptr),
                  mirror("light.other", "other", "on", {{"platform", "hue"}}),
                  mirror("switch.kind", "kind")});
  main.house().set_state("light.restored", "unavailable", {{"restored", true}});
  main.start({announced("light", "off"), announced("light", "restored"),
              announced("light", "silent"), announced("light", "other"), announced("light", "kind"),
              announced("device_automation", "trigger-d-1"), announced("tag", "tag"),
              announced("light", "elsewhere", "other_ha"), "statebus/media/state/light/a",
              "main_ha/light/tv/statebus-tv-x/config", "main_ha/light/media/foreign/config"});
  main.run(59s);
  CHECK(main.asked().empty());
  main.run(3s);
  CHECK(main.asked() == Texts{request("light", "kind"), request("light", "other"),
                              request("light", "restored"), request("light", "silent")});
  for (const Line& line : main.transcript().messages()) {
    if (line.what.ends_with("/announce")) CHECK(line.text == R"({"prefix":"main_ha"})");
  }
  CHECK(main.said("lacks 4 entities that media has announced") == 1);
}

TEST_CASE("A change of the index waits for 60 s of quiet, and one that never rests does not") {
  Consuming main;
  main.start({});
  main.run(120s);
  CHECK(main.asked().empty());
  const Texts topics{announced("light", "b"), announced("light", "a")};
  for (int i = 0; i < 3; ++i) {
    main.index(topics);
    main.run(59s);
  }
  CHECK(main.asked().empty());
  main.run(2s);
  CHECK(main.asked() == one_lamp);
  main.house().add_entity({{"entity_id", "light.b"},
                           {"id", "b"},
                           {"unique_id", "statebus-media-b"},
                           {"platform", "mqtt"}},
                          "on", Json::object());
  main.run(120s);
  CHECK(main.asked().empty());
  for (int i = 0; i < 25; ++i) {
    main.index({announced("light", i % 2 == 0 ? "c" : "d"), announced("light", "a")});
    main.run(30s);
  }
  CHECK_FALSE(main.asked().empty());
}

TEST_CASE(
    "It asks three times, says once what is lacking for good, and begins anew with an epoch") {
  Consuming main;
  main.start({announced("light", "b")});
  main.run(65s);
  CHECK(main.asked() == one_lamp);
  CHECK(main.lacks().empty());
  main.run(1min);
  CHECK(main.asked() == one_lamp);
  main.run(15s);
  CHECK(main.lacks() == Json{{"media", 1}});
  main.run(4min);
  CHECK(main.asked().empty());
  main.run(1min);
  CHECK(main.asked() == one_lamp);
  const std::string lacking = "still lacks 1 entities that media has announced";
  CHECK(main.said(lacking) == 0);
  main.run(31min);
  CHECK(main.said(lacking) == 1);
  CHECK(main.said(announced("light", "b")) == 1);
  main.run(180min);
  CHECK(main.asked().empty());
  CHECK(main.said(lacking) == 1);
  CHECK(main.lacks() == Json{{"media", 1}});

  main.come(2);
  main.run(65s);
  CHECK(main.asked() == one_lamp);
  // And with a login.
  main.run(60min);
  main.asked();
  main.cut_ha();
  main.run(65s);
  CHECK(main.asked() == one_lamp);
  CHECK(main.said(lacking) == 2);
  // What comes lacks no more.
  main.house().add_entity({{"entity_id", "light.b"},
                           {"id", "b"},
                           {"unique_id", "statebus-media-b"},
                           {"platform", "mqtt"}},
                          "on", Json::object());
  main.run(90s);
  CHECK(main.asked().empty());
  CHECK(main.lacks().empty());
}

TEST_CASE("Nothing is asked for while Home Assistant has no MQTT") {
  Consuming main;
  main.house().options().mqtt = false;
  for (const char* id : {"binary_sensor.media_connectivity", "light.a"}) {
    main.house().set_state(id, "unavailable", {{"restored", true}});
  }
  main.start({announced("light", "b")});
  main.run(60min);
  CHECK(main.asked().empty());
  // It is set up, which no login tells.
  main.house().set_state("light.a", "on", Json::object());
  main.house().add_entity({{"entity_id", "light.new"},
                           {"id", "new"},
                           {"unique_id", "statebus-media-new"},
                           {"platform", "mqtt"}},
                          "on", Json::object());
  main.run(70s);
  CHECK(main.asked() == Texts{request("binary_sensor", "connectivity"), request("light", "b")});
}

TEST_CASE("Nothing is asked for on doubt") {
  SUBCASE("while Home Assistant is away or starting") {
    Consuming main;
    main.start({announced("light", "b")});
    main.set_ha_down(true);
    main.cut_ha();
    main.run(60min);
    CHECK(main.asked().empty());
    main.house().set_core_state(scripted_ha::CoreState::starting);
    main.set_ha_down(false);
    main.run(60min);
    CHECK(main.asked().empty());
    main.house().set_core_state(scripted_ha::CoreState::running);
    main.run(65s);
    CHECK(main.asked() == one_lamp);
  }
  SUBCASE("while the instance is offline, or was purged") {
    Consuming main;
    main.start({announced("light", "b")});
    main.publish("statebus/media/status", "offline", true);
    main.run(60min);
    CHECK(main.asked().empty());
    main.publish("statebus/media/status", "online", true);
    main.run(65s);
    CHECK(main.asked() == one_lamp);
    main.publish("statebus/media/status", "", true);
    main.run(60min);
    CHECK(main.asked().empty());
  }
  SUBCASE("of an instance that is not taken from, or by one that does not consume") {
    bridge::Settings settings = consuming();
    settings.consume.from = {"tv"};
    Consuming choosy({}, settings);
    choosy.start({announced("light", "b")});
    choosy.run(60min);
    CHECK(choosy.asked().empty());
    Consuming idle({}, {});
    idle.start({announced("light", "b")});
    idle.run(60min);
    CHECK(idle.asked().empty());
    CHECK(idle.transcript().count("subscribe", "statebus/+/index") == 0);
  }
  SUBCASE("of a payload that is no index") {
    Consuming main;
    main.start({announced("light", "b#"), announced("light", "b+"), announced("li ght", "b")});
    for (const char* payload : {"no JSON", "{}", "[1]", "[\"\"]"}) {
      main.publish("statebus/media/index/1", payload, true);
      main.publish("statebus/media/index/x1", R"(["main_ha/light/media/statebus-media-b/config"])",
                   true);
    }
    main.run(60min);
    CHECK(main.asked().empty());
  }
}

TEST_CASE(
    "Where nothing of an instance is shown, one is asked for, and the rest when it has come") {
  Consuming main;
  main.house().set_state("binary_sensor.media_connectivity", "unavailable", {{"restored", true}});
  main.house().set_state("light.a", "unavailable", {{"restored", true}});
  main.start({announced("light", "b")});
  main.run(65s);
  const Texts sign{request("binary_sensor", "connectivity")};
  CHECK(main.asked() == sign);
  main.run(60min);
  CHECK(main.asked() == Texts{sign[0], sign[0]});
  CHECK(main.said("shows nothing of media, which has announced 3 entities under main_ha") == 1);
  main.house().set_state("binary_sensor.media_connectivity", "on", Json::object());
  main.run(11min);
  const Texts asked = main.asked();
  CHECK(std::count(asked.begin(), asked.end(), request("light", "a")) >= 1);
  CHECK(std::count(asked.begin(), asked.end(), request("light", "b")) >= 1);
}

TEST_CASE("Many are asked for at a bounded pace") {
  Consuming main;
  Texts topics;
  for (int i = 0; i < 1'000; ++i) topics.push_back(announced("sensor", "s" + std::to_string(i)));
  main.start(topics);
  main.run(60s + 500ms);
  std::size_t sum = main.asked().size();
  CHECK(sum <= 80);
  for (int i = 0; i < 22; ++i) {
    main.run(1s);
    const std::size_t asked = main.asked().size();
    CHECK(asked <= 51);
    sum += asked;
  }
  CHECK(sum == 1'000);
  main.run(30s);
  CHECK(main.asked().empty());
}
