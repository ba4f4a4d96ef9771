// States, attributes, ids and names that Home Assistant should not send.
#include <fmt/format.h>

#include "tests/bad_input/hostile_home.hpp"

using namespace bad_input;
using namespace std::string_literals;

namespace {

constexpr const char* before = R"({"state":"0","attributes":{}})";
constexpr const char* left_out = "left out; what else the message tells is taken";
constexpr const char* reread = "all states are read again; nothing is removed";
constexpr const char* truth = R"({"state":"5","attributes":{}})";

/// What the log says of what is left out.
std::string not_taken(const std::string& what) {
  return fmt::format(
      "Home Assistant at ws://hubs:8123: {}; that is left out, all else is taken. See which of its "
      "integrations makes it",
      what);
}

std::string bad_attribute(const std::string& name) {
  return not_taken(fmt::format(
      R"(sensor.s0 has the attribute "{}", which is no JSON of at most 30 levels)", name));
}

const std::string malformed =
    R"(Home Assistant sent states in an unknown form (at "sensor.s0"); reading all again)";
constexpr const char* unknown =
    "Home Assistant changed an entity that it never told of; reading all states again";

std::string changed(const std::string& difference) {
  return R"({"c":{"sensor.s0":)" + difference + "}}";
}
std::string attribute(const std::string& name, const std::string& json) {
  return changed(R"({"+":{"s":"9","a":{")" + name + "\":" + json + "}}}");
}
std::string added(const std::string& entity_id) {
  return R"({"a":{")" + entity_id + R"(":{"s":"1","a":{},"lc":1}}})";
}

struct StateRow {
  const char* id;
  std::string input;
  std::string event;
  std::string message;
  const char* outcome;
  std::string after = truth;
};

const StateRow rows[] = {
    {"B2", "an attribute of 31 levels", attribute("deep", nested(31)), bad_attribute("deep"),
     left_out, R"({"state":"9","attributes":{}})"},
    {"B2", "an attribute of 100,000 levels", attribute("deep", nested(100'000)),
     bad_attribute("deep"), left_out, R"({"state":"9","attributes":{}})"},
    {"B6", "the entity id Light.X", added("Light.X"), not_taken(R"("Light.X" is no entity id)"),
     left_out, before},
    {"B6", "an entity id with a Cyrillic letter", added("sensor.s\xd0\xbe"),
     not_taken("\"sensor.s\xd0\xbe\" is no entity id"), left_out, before},
    {"B6", "the entity id sensor..", added("sensor.."), not_taken(R"("sensor.." is no entity id)"),
     left_out, before},
    {"B6", "an entity id with a dot at its end", added("sensor.s0."),
     not_taken(R"("sensor.s0." is no entity id)"), left_out, before},
    {"B6", "the entity id sensor.+/#", added("sensor.+/#"),
     not_taken(R"("sensor.+/#" is no entity id)"), left_out, before},
    {"B6", "an entity id of 300 characters", added("sensor." + std::string(293, 'a')),
     not_taken("\"sensor." + std::string(57, 'a') + "…\" is no entity id"), left_out, before},
    {"B8", "a change of an entity that was never told of", R"({"c":{"sensor.x":{"+":{"s":"1"}}}})",
     unknown, reread},
    {"B8", "the removal of an entity that was never told of", R"({"r":["sensor.x"]})", "",
     "passed over", before},
    {"B8", "an attribute that is set and taken away at once",
     changed(R"({"+":{"s":"9","a":{"x":1}},"-":{"a":["x"]}})"), "", "the last word counts",
     R"({"state":"9","attributes":{}})"},
    {"B8", "attributes that are no object", changed(R"({"+":{"a":[1,2]}})"), malformed, reread},
    {"B8", "a state that is a number", changed(R"({"+":{"s":7}})"), malformed, reread},
    {"B8", "a state that is null", changed(R"({"+":{"s":null}})"), malformed, reread},
    {"B8", "a list of entities in place of an object", R"({"c":[1]})",
     "Home Assistant sent states in an unknown form; reading all again", reread},
    {"B9", "NaN", attribute("x", "NaN"), bad_attribute("x"), left_out,
     R"({"state":"9","attributes":{}})"},
    {"B9", "Infinity in a list", attribute("x", "[1,Infinity]"), bad_attribute("x"), left_out,
     R"({"state":"9","attributes":{}})"},
    {"B9", "1e999, more than a double holds", attribute("x", "1e999"), bad_attribute("x"), left_out,
     R"({"state":"9","attributes":{}})"},
    {"B9", "007, a number with leading zeros", attribute("x", "007"), bad_attribute("x"), left_out,
     R"({"state":"9","attributes":{}})"},
    {"B10", "half of a surrogate pair in an attribute", attribute("x", R"("a\ud800b")"),
     bad_attribute("x"), left_out, R"({"state":"9","attributes":{}})"},
    {"B10", "an escape that there is none of, in an attribute", attribute("x", R"("a\qb")"),
     bad_attribute("x"), left_out, R"({"state":"9","attributes":{}})"},
    {"B10", "half of a surrogate pair as the state", changed(R"({"+":{"s":"\ud800"}})"), malformed,
     reread},
    {"B10", "an escaped NUL in state and attribute",
     changed(R"({"+":{"s":"a\u0000b","a":{"x":"c\u0000d"}}})"), "", "taken, and stays escaped",
     R"({"state":"a\u0000b","attributes":{"x":"c\u0000d"}})"},
    {"B11", "an attribute twice in one object", changed(R"({"+":{"s":"9","a":{"x":1,"x":2}}})"), "",
     "the last one counts", R"({"state":"9","attributes":{"x":2}})"},
    {"B11", "attributes that are called __proto__ and constructor",
     changed(R"({"+":{"s":"9","a":{"__proto__":{},"constructor":1}}})"), "",
     "taken; they are names like others",
     R"({"state":"9","attributes":{"__proto__":{},"constructor":1}})"},
};

}  // namespace

TEST_CASE("What Home Assistant tells wrongly of an entity harms nothing else") {
  for (const StateRow& row : rows) {
    CAPTURE(row.input);
    HostileHome home;
    home.send_event(row.event);
    check({row.id, home_assistant, row.input, row.message, row.outcome}, home.warned());
    CHECK(home.document() == row.after);
    home.check_goes_on();
  }
}

TEST_CASE("Numbers leave as Home Assistant has written them") {
  HostileHome home;
  home.send_event(attribute("x", "[21.40,9007199254740993,18446744073709551616,-0,1E5]"));
  const std::string& document = home.broker().at(machines::sensor_document(0));
  CHECK(document.find("[21.40,9007199254740993,18446744073709551616,-0,1E5]") != std::string::npos);
  check({"B9", home_assistant, "21.40, integers beyond 2^53 and 2^64, -0", "",
         "taken, to the last digit"},
        home.warned());
}

TEST_CASE("An entity with a million attributes costs no more than one with thousands") {
  HostileHome home;
  std::string attributes;
  for (int i = 0; i < 1'000'000; ++i) attributes += fmt::format(R"(,"x{}":1)", 9'999'999 - i);
  home.send_event(R"({"a":{"sensor.s0":{"s":"9","a":{)" + attributes.substr(1) + "}}}}");
  const auto document = machines::Json::parse(home.broker().at(machines::sensor_document(0)));
  CHECK(document.at("attributes").size() == 5'000);
  check({"B11", home_assistant, "1,000,000 attributes of one entity",
         not_taken("sensor.s0 has more than 5000 attributes (and 994999 more)"),
         "5,000 of them are taken"},
        home.warned());
}

TEST_CASE("What is left out is told a few times, and then once a minute") {
  HostileHome home;
  for (int i = 0; i < 120; ++i) {
    home.send_event(attribute("x", "NaN"));
  }
  std::size_t told = 0;
  for (const bridge::LogLine& line : home.log()) {
    if (line.text.find("which is no JSON") != std::string::npos) ++told;
  }
  // Three at once, and one for each of the 40 minutes.
  CHECK(told >= 40);
  CHECK(told <= 44);
}
