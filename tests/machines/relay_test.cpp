// What a bridge that consumes fires on its own Home Assistant.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/machines/houses.hpp"
#include "tests/machines/simulation.hpp"

using namespace machines;

namespace {

std::string event_of(const std::string& type, const std::string& data) {
  return R"({"event_type":")" + type + R"(","data":)" + data +
         R"(,"time_fired":"2026-06-01T10:00:00+00:00"})";
}

const std::string refusal = R"({"code":"denied","entity_id":"lock.door",)"
                            R"("message":"commands.deny names lock.*","service":"unlock"})";

bridge::Settings consuming() {
  bridge::Settings settings;
  settings.consume.prefix = "main_ha";
  return settings;
}

struct Relaying : Simulation {
  explicit Relaying(const bridge::Settings& given = consuming())
      : Simulation({.house = one_light(), .settings = given}) {
    start_bridge();
    settle();
    house().listen([this](const scripted_ha::Event& event) {
      const std::string& type = event.type();
      if (type != "zha_event" && type != "statebus_refused") return;
      fired.push_back({type, discovery::Json::parse(event.text()).at("data")});
    });
    services().on_call([this](const scripted_ha::Call& call) {
      if (call.domain == "persistent_notification") notices.push_back(call.data);
    });
  }

  void tell(const std::string& payload, const std::string& topic = "statebus/media/fired/zha_event",
            bool retain = false) {
    publish(topic, payload, retain);
    run(100ms);
  }
  void refuse(const std::string& instance = "media") {
    tell(refusal, "statebus/" + instance + "/refused");
  }
  std::size_t said(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(log().begin(), log().end(), [&](const auto& l) {
      return l.text.find(part) != std::string::npos;
    }));
  }

  struct Fired {
    std::string type;
    discovery::Json data;
  };
  std::vector<Fired> fired;
  std::vector<Json> notices;
};

}  // namespace

TEST_CASE("An event of another instance is fired once, with its data and a mark") {
  Relaying main;
  main.tell(event_of("zha_event", R"({"command":"ü","n":1.5,"list":[{}]})"));
  REQUIRE(main.fired.size() == 1);
  CHECK(main.fired[0].type == "zha_event");
  discovery::Json data = main.fired[0].data;
  CHECK(data.at("statebus") ==
        discovery::Json{{"instance", "media"}, {"time_fired", "2026-06-01T10:00:00+00:00"}});
  data.erase("statebus");
  CHECK(data == discovery::Json::parse(R"({"command":"ü","n":1.5,"list":[{}]})"));
}

TEST_CASE("Two that list the same type do not echo it") {
  bridge::Settings settings = consuming();
  settings.events = {"zha_event"};
  Relaying main(settings);
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.fired.size() == 1);
  CHECK(main.transcript().count("send", "statebus/hubs/fired/") == 0);
  // Its own ones go out, and are not fired again when they come back.
  main.house().fire("zha_event", Json::object());
  main.settle();
  CHECK(main.transcript().count("send", "statebus/hubs/fired/") == 1);
  CHECK(main.fired.size() == 2);
}

TEST_CASE("What is no firing, or none that may come from outside, is passed over") {
  Relaying main;
  const std::string fired = "statebus/media/fired/";
  std::size_t asked = main.transcript().count_asked("fire_event");
  for (const char* type : {"state_changed", "call_service", "homeassistant_stop", "user_removed",
                           "entity_registry_updated", "statebus_refused", "tag_scanned"}) {
    main.tell(event_of(type, R"({"tag_id":"a"})"), fired + type);
  }
  for (const char* payload : {"", "no JSON", "[]", "{}", R"({"data":[]})", R"({"data":null})"}) {
    main.tell(payload);
  }
  main.tell(event_of("zha_event", R"({"statebus":{"instance":"tv"}})"));
  main.tell(event_of("zha_event", R"({"text":")" + std::string(70'000, 'x') + R"("})"));
  main.tell(event_of("zha_event", "{}"), fired + "zha_event", true);
  main.tell(event_of("zha_event", "{}"), fired + "zha_event/more");
  CHECK(main.transcript().count_asked("fire_event") == asked);
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.transcript().count_asked("fire_event") == asked + 1);
}

TEST_CASE("Only instances that are taken from are heard, and nobody where nothing is consumed") {
  bridge::Settings settings = consuming();
  settings.consume.from = {"me*"};
  Relaying main(settings);
  main.tell(event_of("zha_event", "{}"), "statebus/tv/fired/zha_event");
  main.refuse("tv");
  CHECK(main.fired.empty());
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.fired.size() == 1);

  Relaying idle{bridge::Settings()};
  idle.tell(event_of("zha_event", "{}"));
  idle.refuse();
  CHECK(idle.fired.empty());
  CHECK(idle.transcript().count("subscribe", "statebus/+/fired") == 0);
}

TEST_CASE("A refusal is fired, and shown as a notification where that is asked for") {
  Relaying main;
  main.refuse();
  REQUIRE(main.fired.size() == 1);
  CHECK(main.fired[0].type == "statebus_refused");
  discovery::Json expected = discovery::Json::parse(refusal);
  expected["instance"] = "media";
  expected["statebus"] = {{"instance", "media"}};
  CHECK(main.fired[0].data == expected);
  CHECK(main.notices.empty());
  main.tell("{}", "statebus/media/refused");
  main.tell("[]", "statebus/media/refused");
  CHECK(main.fired.size() == 1);

  bridge::Settings settings = consuming();
  settings.consume.notify_refusals = true;
  settings.consume.events = false;
  Relaying shown(settings);
  shown.refuse();
  shown.tell(event_of("zha_event", "{}"));
  CHECK(shown.fired.empty());
  REQUIRE(shown.notices.size() == 1);
  CHECK(shown.notices[0].at("notification_id") == "statebus_refused_media_lock.door");
  CHECK(shown.notices[0].at("message").get<std::string>().find("commands.deny") !=
        std::string::npos);
}

TEST_CASE("While Home Assistant is away nothing is kept for it") {
  Relaying main;
  main.set_ha_down(true);
  main.cut_ha();
  main.tell(event_of("zha_event", "{}"));
  main.refuse();
  main.set_ha_down(false);
  main.settle();
  CHECK(main.fired.empty());
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.fired.size() == 1);
}

TEST_CASE("A flood is fired at a bounded rate, and what was dropped is said") {
  bridge::Settings settings = consuming();
  settings.consume.notify_refusals = true;
  Relaying main(settings);
  for (int i = 0; i < 1'000; ++i) {
    main.publish("statebus/media/fired/zha_event", event_of("zha_event", "{}"));
  }
  main.run(1s);
  CHECK(main.fired.size() >= 200);
  CHECK(main.fired.size() <= 260);
  main.run(20s);
  const std::string dropped = std::to_string(1'000 - main.fired.size());
  CHECK(main.said(dropped + " events of other instances were not fired") == 1);
  for (int i = 0; i < 100; ++i) main.publish("statebus/media/refused", refusal);
  main.run(1s);
  CHECK(main.notices.size() == 10);
  main.run(20s);
  CHECK(main.said("90 refusals were not shown as notifications") == 1);
  // Then all goes on.
  main.refuse();
  CHECK(main.notices.size() == 11);
}

TEST_CASE("Who is no administrator is told so once for each login, and notifications still come") {
  bridge::Settings settings = consuming();
  settings.consume.notify_refusals = true;
  Relaying main(settings);
  main.house().options().admin = false;
  for (int i = 0; i < 3; ++i) main.tell(event_of("zha_event", "{}"));
  main.refuse();
  CHECK(main.fired.empty());
  CHECK(main.notices.size() == 1);
  CHECK(main.said("must be an administrator, or set consume.events to false") == 1);
  CHECK(main.transcript().count_asked("fire_event") == 1);
  main.cut_ha();
  main.settle();
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.said("must be an administrator, or set consume.events to false") == 2);
  // With the rights, all is fired from the next login on.
  main.house().options().admin = true;
  main.cut_ha();
  main.settle();
  main.tell(event_of("zha_event", "{}"));
  CHECK(main.fired.size() == 1);
}
