// What an instance has on the bus for those who consume, as they come, change and go.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "tests/machines/published.hpp"
#include "tests/support.hpp"

using namespace machines;

namespace {

const std::string on_main = "main_ha/light/hubs/statebus-hubs-r1/config";
const std::string on_tablet = "tablet/light/hubs/statebus-hubs-r1/config";

}  // namespace

TEST_CASE("A consumer that comes is announced for, and what nobody wants is cleared") {
  Published published;
  auto& transcript = published.transcript();
  REQUIRE(published.broker().retained().contains(light_announcement));
  published.say("Main begins to consume under a prefix of its own");
  published.publish("statebus/main/info", info_of("main_ha", "2024.3.3"), true);
  published.settle();
  CHECK(published.broker().retained().contains(on_main));
  CHECK_FALSE(published.broker().retained().contains(light_announcement));
  CHECK(published.broker().retained().at(on_main).find("object_id") != std::string::npos);
  // The prefix is named before anything is announced there.
  const auto acts = transcript.acts();
  const auto announced = std::find_if(acts.begin(), acts.end(), [](const std::string& act) {
    return act.starts_with("set main_ha/");
  });
  const auto info =
      std::find(acts.rbegin(), std::make_reverse_iterator(announced), "set statebus/hubs/info");
  CHECK(info != acts.rend());
  CHECK(published.broker().retained().at("statebus/hubs/info").find("main_ha") !=
        std::string::npos);
  check_conversation(transcript, "consumer");
}

TEST_CASE("Consumers known to the broker are announced for from the first message on") {
  Simulation simulation({.house = one_light()});
  simulation.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  simulation.publish("statebus/tablet/info", info_of("tablet", "2024.3.3"), true);
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.broker().retained().contains(on_main));
  CHECK(simulation.broker().retained().contains(on_tablet));
  CHECK(simulation.transcript().count("set", light_announcement) == 0);
  const auto sent = simulation.transcript().messages().size();
  simulation.stop_bridge();
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.transcript().count("set", on_main) == 1);
  CHECK(simulation.transcript().messages().size() > sent);
}

TEST_CASE("A consumer of an older release gets its view of availability beside the newer one's") {
  // A cover cannot be unknown before 2025.7, so that release is told `offline` then.
  Published published(house_of({{"cover.a", "open", {{"supported_features", 3}}}}));
  published.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  published.publish("statebus/tablet/info", info_of("tablet", "2024.3.3"), true);
  published.settle();
  const std::string available = "statebus/hubs/view/cover/a/available";
  const std::string known = "statebus/hubs/view/cover/a/known";
  CHECK(published.broker().at(available) == "online");
  CHECK(published.broker().at(known) == "online");
  published.house().set_state("cover.a", "unknown", {{"supported_features", 3}});
  published.settle();
  CHECK(published.broker().at(available) == "online");
  CHECK(published.broker().at(known) == "offline");
  published.house().set_state("cover.a", "unavailable", {{"supported_features", 3}});
  published.settle();
  CHECK(published.broker().at(available) == "offline");

  // All of it goes with the entity, also from a broker that has been emptied meanwhile.
  published.house().remove(scripted_ha::Kind::entities, "cover.a");
  published.settle();
  CHECK_FALSE(published.broker().retained().contains(available));
  CHECK_FALSE(published.broker().retained().contains(known));
  published.set_broker_down(true);
  published.cut_broker();
  published.broker().forget();
  published.set_broker_down(false);
  published.settle();
  CHECK(published.bridge().is_online());
}

TEST_CASE("A consumer that comes while an entity gives its id to another finds only the other") {
  Json house = one_light();
  house["entities"].push_back({{"entity_id", "light.hall"}, {"id", "r2"}, {"unique_id", "u2"}});
  house["states"]["light.hall"] = house["states"]["light.kitchen"];
  Published published(house);
  // The old one goes, and the other takes its topics before its hold has ended.
  published.house().rename_entity("light.kitchen", "light.old");
  published.house().update(scripted_ha::Kind::entities, "light.old", {{"disabled_by", "user"}});
  published.house().rename_entity("light.hall", "light.kitchen");
  published.run(500ms);
  published.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  published.settle();
  CHECK(published.broker().retained().contains("main_ha/light/hubs/statebus-hubs-r2/config"));
  CHECK_FALSE(published.broker().retained().contains(on_main));
  CHECK(published.broker().retained().contains("statebus/hubs/state/light/kitchen"));
}

TEST_CASE("A consumer that restarts without its Home Assistant still tells its release") {
  bridge::Settings settings;
  settings.consume.prefix = "hubs_ha";
  Simulation simulation({.house = one_light(), .settings = settings});
  simulation.start_bridge();
  simulation.settle();
  simulation.kill_bridge();
  simulation.set_ha_down(true);
  simulation.start_bridge();
  simulation.settle();
  const Json info = Json::parse(simulation.broker().at("statebus/hubs/info"));
  CHECK(info.at("ha_version") == "2026.11.0");
  CHECK(info.at("ha_link") == "down");
}

TEST_CASE("Views go only when all have been told to read others") {
  Json house = Json::object();
  // More announcements than the pace lets out before an old view's time is over.
  std::vector<Row> rows;
  for (int i = 0; i < 1500; ++i) {
    rows.push_back({"light.l" + std::to_string(i),
                    "on",
                    {{"supported_color_modes", {"color_temp"}},
                     {"color_mode", "color_temp"},
                     {"color_temp_kelvin", 2700},
                     {"min_color_temp_kelvin", 2000},
                     {"max_color_temp_kelvin", 6500}}});
  }
  Published published(house_of(rows));
  published.settle();
  const auto when_last_announced = [&](Time since) {
    Time last{};
    for (const Line& line : published.transcript().messages()) {
      if (line.act == "set" && line.what.ends_with("/config")) last = line.at - since;
    }
    return last;
  };
  const Time since = published.now();
  published.publish("statebus/main/info", info_of("homeassistant", "2024.3.3"), true);
  published.settle();
  const std::int64_t cleared = published.when("clear", "statebus/hubs/view/light/l0/kelvin", since);
  CHECK(when_last_announced(since) > 5s);
  CHECK(Time{cleared} > when_last_announced(since));
}

TEST_CASE("Main's entity is told its state again when its announcement has changed") {
  // Main's climate forgets its preset then.
  Published published;
  published.settle();
  const std::string document = "statebus/hubs/state/light/kitchen";
  published.house().update(scripted_ha::Kind::entities, "light.kitchen", {{"name", "Cooking"}});
  published.run(1s);
  const std::size_t told = published.transcript().count("set", document);
  published.run(3s);
  CHECK(published.transcript().count("set", document) == told);
  published.run(2s);
  CHECK(published.transcript().count("set", document) == told + 1);
  published.settle();
  CHECK(published.transcript().count("set", document) == told + 1);
}

TEST_CASE("A prefix that nobody asks for any more is forgotten once it is empty") {
  Published published;
  published.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  published.settle();
  published.publish("statebus/main/info", info_of("other_ha", "2026.11.0"), true);
  published.settle();
  const Json info = Json::parse(published.broker().at("statebus/hubs/info"));
  CHECK(info.at("announced_under") == Json{"homeassistant", "other_ha"});
}

TEST_CASE("What was announced for a consumer goes after a restart, too, when he has gone") {
  Simulation simulation({.house = one_light()});
  simulation.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  simulation.start_bridge();
  simulation.settle();
  simulation.kill_bridge();
  simulation.publish("statebus/main/info", "", true);
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.broker().retained().contains(light_announcement));
  CHECK_FALSE(simulation.broker().retained().contains(on_main));
}
