// Ids and names of a hostile Home Assistant, on their way into topics, names and templates.
#include <fmt/format.h>

#include <random>
#include <regex>
#include <set>

#include "tests/bad_input/hostile_home.hpp"

using namespace bad_input;
using namespace std::string_literals;
using namespace std::chrono_literals;
using machines::Json;

namespace {

const std::string nasty[] = {"+",
                             "#",
                             "/",
                             "a/b",
                             "$SYS",
                             "..",
                             "\x01",
                             "\x7f",
                             "a\nb",
                             "",
                             "-",
                             "a-b",
                             "\xff",
                             "\xed\xa0\x80",
                             std::string(1, '\0'),
                             "config",
                             "statebus/x/",
                             "ſ",
                             "{{ 1 }}",
                             std::string(70'000, 'a'),
                             "Ω",
                             " ",
                             "a b c ",
                             std::string(250, '/')};

/// One of them, or a few pieces of several.
std::string piece(std::mt19937& chance) {
  std::string text;
  for (auto left = chance() % 3 + 1; left > 0; --left) {
    text += nasty[chance() % std::size(nasty)];
    if (chance() % 2 == 0) text += "x1";
  }
  return text;
}

/// A house of ten entities and five devices, some of whose ids and names are not what they were.
Json hostile_house(std::mt19937& chance) {
  Json house{{"entities", Json::array()}, {"devices", Json::array()}, {"states", Json::object()}};
  const auto or_nasty = [&](const std::string& usual) {
    return chance() % 3 == 0 ? piece(chance) : usual;
  };
  for (int i = 0; i < 10; ++i) {
    const std::string id = fmt::format("sensor.s{}", i);
    house["entities"].push_back({{"entity_id", id},
                                 {"id", or_nasty(fmt::format("r{}", i))},
                                 {"unique_id", or_nasty(fmt::format("u{}", i))},
                                 {"platform", or_nasty("demo")},
                                 {"device_id", fmt::format("d{}", i / 2)},
                                 {"area_id", or_nasty("attic")},
                                 {"name", or_nasty("Name")}});
    house["states"][id] = {{"state", or_nasty("1")},
                           {"attributes", {{"friendly_name", or_nasty(id)}}}};
  }
  return house;
}

/// Home Assistant's lists bear ids that the scripted one would not take.
void spoil_devices(std::string& text, const std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string usual = fmt::format(R"("d{}")", i);
    const std::string spoilt = scripted_ha::to_text(Json(ids[i]));
    for (auto at = text.find(usual); at != std::string::npos; at = text.find(usual, at + 1)) {
      text.replace(at, usual.size(), spoilt);
    }
  }
}

/// The instance's own topics, and announcements of its own: with its node id and object id, which
/// keeps each other level free of what a broker takes for a wildcard.
bool is_own(std::string_view topic) {
  if (topic.find_first_of("+#") != topic.npos) return false;
  if (topic.starts_with("statebus/hubs/")) return true;
  return topic.starts_with("homeassistant/") && topic.ends_with("/config") &&
         topic.find("/hubs/statebus-hubs-") != topic.npos;
}

/// Each sentence once, whatever and however many it names.
void add_told(std::set<std::string>& told, const std::vector<bridge::LogLine>& log) {
  for (const bridge::LogLine& line : log) {
    if (line.level < bridge::Level::warning) continue;
    const std::string any_id = std::regex_replace(line.text, std::regex(R"("[^"]*")"), "\"ID\"");
    const std::string any = std::regex_replace(any_id, std::regex(R"(sensor\.s\d)"), "sensor.s0");
    told.insert(std::regex_replace(any, std::regex(R"( \(and \d more\))"), ""));
  }
}

}  // namespace

TEST_CASE("No id and no name of Home Assistant makes a topic that is none, or not the own one") {
  std::set<std::string> told;
  for (unsigned seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    std::mt19937 chance(seed);
    Json house = hostile_house(chance);
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
      house["devices"].push_back({{"id", fmt::format("d{}", i)}, {"name", piece(chance)}});
      ids.push_back(chance() % 2 == 0 ? fmt::format("d{}", i) : piece(chance));
    }
    machines::Simulation simulation({.house = house});
    simulation.on_ha_frame([&](std::string& text) { spoil_devices(text, ids); });
    simulation.start_bridge();
    simulation.run(30s);
    int documents = 0;
    for (const auto& [topic, payload] : simulation.broker().retained()) {
      INFO(topic.substr(0, 200));
      CHECK(is_own(topic));
      if (topic.starts_with("statebus/hubs/state/sensor/")) ++documents;
    }
    CHECK(documents == 10);
    check_whole(simulation);
    add_told(told, simulation.log());
  }
  check(
      {"B5", home_assistant, "+, #, /, NUL, $SYS, 70 kB and no UTF-8 as ids and names (150 houses)",
       R"(Home Assistant at ws://hubs:8123: "ID" is no id of a device; that is left out, all else )"
       "is taken. See which of its integrations makes it\n"
       R"(Home Assistant at ws://hubs:8123: sensor.s0 has the registry id "ID", which is none; )"
       "that is left out, all else is taken. See which of its integrations makes it",
       "every topic is legal and the instance's own; every entity is published"},
      fmt::format("{}", fmt::join(told, "\n")));
}

TEST_CASE("A device and a registry entry whose id is none are told") {
  Json house = machines::one_light();
  SUBCASE("of a device") {
    machines::Simulation simulation({.house = house});
    simulation.on_ha_frame([&](std::string& text) { spoil_devices(text, {"", "a/#"}); });
    simulation.start_bridge();
    simulation.run(30s);
    check({"B5", home_assistant, "a/# as the id of a device",
           R"(Home Assistant at ws://hubs:8123: "a/#" is no id of a device; that is left out, all )"
           "else is taken. See which of its integrations makes it",
           "the device is left out, and its entities are published without one"},
          warnings(simulation.log()));
    CHECK_FALSE(simulation.broker().at(machines::light_document).empty());
    CHECK_FALSE(simulation.broker().at(machines::light_announcement).empty());
  }
  SUBCASE("of an entity") {
    house["entities"][0]["id"] = "r/+";
    machines::Simulation simulation({.house = house});
    simulation.start_bridge();
    simulation.run(30s);
    check({"B5", home_assistant, "r/+ as the registry id of an entity",
           R"(Home Assistant at ws://hubs:8123: light.kitchen has the registry id "r/+", which is )"
           "none; that is left out, all else is taken. See which of its integrations makes it",
           "the entity is published under its entity id, as one without a registry entry"},
          warnings(simulation.log()));
    CHECK_FALSE(simulation.broker()
                    .at("homeassistant/light/hubs/statebus-hubs-light-kitchen/config")
                    .empty());
  }
}

TEST_CASE("A name is a string in an announcement, and never a part of a template") {
  const auto announced = [](const std::string& name) {
    Json house = machines::one_light();
    house["states"]["light.kitchen"]["attributes"]["friendly_name"] = name;
    house["entities"][0]["original_name"] = name;
    machines::Simulation simulation({.house = house});
    simulation.start_bridge();
    simulation.run(30s);
    check_whole(simulation);
    CHECK(warnings(simulation.log()).empty());
    return Json::parse(simulation.broker().at(machines::light_announcement));
  };
  const Json plain = announced("Kitchen");
  const std::pair<const char*, std::string> names[] = {
      {"a name with a template of Jinja", "{{ states('lock.front') }}{% for x in y %}"},
      {"a name with quotes and new lines", "\"'\\\n\r\t</script>"},
      {"a name of 64 kB", std::string(65'536, 'n')},
  };
  for (const auto& [input, name] : names) {
    CAPTURE(std::string(input));
    Json told = announced(name);
    CHECK(told.at("name") == name);
    told["name"] = plain.at("name");
    CHECK(told == plain);
    check({"B19", home_assistant, input, "", "a string in the announcement; no template changes"},
          "");
  }
}
