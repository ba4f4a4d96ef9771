// Why entities are not on the bus, not on main, or only as stand-ins: each code is reached here,
// counted in info and told in the log.
#include <doctest/doctest.h>

#include <set>

#include "discovery/reason.hpp"
#include "tests/machines/published.hpp"

using namespace machines;

namespace {

Json reasons_of(Simulation& simulation) {
  return Json::parse(simulation.broker().at("statebus/hubs/info")).at("reasons");
}

std::size_t logged(const Simulation& simulation, bridge::Level level, std::string_view part) {
  std::size_t count = 0;
  for (const bridge::LogLine& line : simulation.log()) {
    count += line.level == level && line.text.find(part) != std::string::npos;
  }
  return count;
}

const std::vector<Row> all_reasons{
    {"light.kitchen"},
    {"light.mirror", "on", {}, {{"unique_id", "statebus-media-1"}}},
    {"light.disabled", nullptr, {}, {{"disabled_by", "user"}}},
    {"light.hidden", "on", {}, {{"hidden_by", "user"}}},
    {"sun.sun", "up", {}, nullptr},
    {"automation.private"},
    {"light.silent", nullptr},
    {"select.mode"},
    {"light.forbidden"},
    {"sensor.large", "on", {{"text", std::string(3'000, 'x')}}},
    {"input_boolean.guests"},
    {"switch.input_boolean_guests"},
    {"media_player.radio"},
    {"notify.phone"},
    {"camera.door"},
    {"group.readings", "on", {{"entity_id", {"sensor.large"}}}},
};

SimulationOptions options_of(const std::vector<Row>& rows) {
  SimulationOptions options{.house = house_of(rows)};
  options.settings.filter = {{.domain = "automation"}};
  options.settings.announce_version = discovery::oldest_release;
  options.limits.packet_bytes_max = 2'000;
  return options;
}

}  // namespace

TEST_CASE("Info counts the entities that are not on main as they are at the source, by reason") {
  Simulation simulation(options_of(all_reasons));
  simulation.broker().forbid("statebus/hubs/state/light/forbidden");
  simulation.start_bridge();
  simulation.settle();
  // Sorted, as they come.
  const Json expected{{"clash", 2},       {"disabled", 1},    {"filtered", 1},
                      {"hidden", 1},      {"incomplete", 1},  {"left_out", 1},
                      {"mirror", 1},      {"mixed_group", 1}, {"no_platform", 1},
                      {"no_state", 1},    {"not_allowed", 1}, {"not_configured", 1},
                      {"old_release", 1}, {"too_large", 1}};
  CHECK(reasons_of(simulation) == expected);
  // All codes but one that passes within a minute, those of who consumes (see below, and
  // own_prefix_test.cpp), and that of ids that Home Assistant could not have given, which are
  // passed over where they come in.
  std::set<std::string> reached{"published",  "pending", "no_consumer",
                                "own_prefix", "deleted", "invalid_id"};
  for (const auto& [code, count] : expected.items()) reached.insert(code);
  CHECK(reached.size() == discovery::reason_count);
  CHECK(logged(simulation, bridge::Level::debug, "light.hidden: hidden: it is hidden") == 1);
  CHECK(logged(simulation, bridge::Level::info, "not on the bus: 1 mirror, 1 disabled") == 1);
  CHECK(logged(simulation, bridge::Level::warning,
               "input_boolean.guests, switch.input_boolean_guests each ask main for the entity id "
               "switch.input_boolean_guests") == 1);
}

TEST_CASE("A reason that ends is counted no more") {
  Published published(house_of({{"light.a", "on", {}, {{"hidden_by", "user"}}}, {"select.b"}}));
  CHECK(reasons_of(published) == Json{{"hidden", 1}, {"incomplete", 1}});
  published.house().update(scripted_ha::Kind::entities, "light.a", {{"hidden_by", nullptr}});
  published.house().set_state("select.b", "one", {{"options", {"one", "two"}}});
  published.settle();
  CHECK(reasons_of(published) == Json::object());
}

TEST_CASE("Info counts what no consumer takes") {
  Published published(house_of({{"light.a"}, {"light.b"}}));
  published.publish("statebus/main/info", R"({"consumes":{"prefix":"main_ha","from":["media"]}})",
                    true);
  published.settle();
  CHECK(reasons_of(published) == Json{{"no_consumer", 2}});
  published.publish("statebus/main/info", "", true);
  published.settle();
  CHECK(reasons_of(published) == Json::object());
}

TEST_CASE("An entity waits while what had its entity id is still going") {
  Published published(house_of({{"light.a"}}));
  published.house().remove(scripted_ha::Kind::entities, "light.a");
  published.house().set_state("light.a", "on", Json::object());
  published.run(25s);
  CHECK(reasons_of(published) == Json{{"pending", 1}});
  published.settle();
  CHECK(reasons_of(published) == Json::object());
}
