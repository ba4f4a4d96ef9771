// The folding of subscribe_entities events into states.
#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Padded;
using Applied = Home::Applied;

namespace {

/// A home, and what it told of the last event as "KIND ID" with "!" where the state itself changed,
/// and the names of changed attributes.
struct Listener {
  Home home;
  std::vector<std::string> told;

  Applied apply(std::string_view event) {
    told.clear();
    return home.apply_states(Padded(event), hear());
  }
  Applied snapshot(std::string_view event, bool complete) {
    told.clear();
    return home.apply_snapshot(Padded(event), complete, hear());
  }
  Home::OnChange hear() {
    return [this](const StateChange& change) {
      constexpr const char* kinds[] = {"added", "changed", "removed"};
      std::string line = std::string(kinds[static_cast<int>(change.kind)]) + " " + change.entity.id;
      if (change.value_changed) line += "!";
      for (const std::string_view name : change.attributes) line += " " + std::string(name);
      told.push_back(std::move(line));
    };
  }
  const State& state(std::string_view id) {
    REQUIRE(home.find(id) != nullptr);
    REQUIRE(home.find(id)->state.has_value());
    return *home.find(id)->state;
  }
  std::string attribute(std::string_view id, std::string_view name) {
    const std::string* json = state(id).attributes.find(name);
    return json == nullptr ? "(none)" : *json;
  }
};

using Told = std::vector<std::string>;

constexpr const char* kitchen = R"({"a":{"light.kitchen":{"s":"on","a":{"brightness":180,
    "effect":null,"t":21.40,"nested":{"a":[1]}},
    "c":"01","lc":1780308000.123456,"lu":1780308005.5}}})";

}  // namespace

TEST_CASE("An added entity has its state, its attributes as written and its times") {
  Listener home;
  CHECK(home.apply(kitchen) == Applied::ok);
  CHECK(home.told == Told{"added light.kitchen!"});
  CHECK(home.state("light.kitchen").value == "on");
  CHECK(home.attribute("light.kitchen", "brightness") == "180");
  CHECK(home.attribute("light.kitchen", "effect") == "null");
  CHECK(home.attribute("light.kitchen", "t") == "21.40");
  CHECK(home.attribute("light.kitchen", "nested") == R"({"a":[1]})");
  CHECK(home.state("light.kitchen").last_changed == 1780308000'123456);
  CHECK(home.state("light.kitchen").last_updated == 1780308005'500000);
}

TEST_CASE("Without `lu` an entity was updated when it changed") {
  Listener home;
  home.apply(R"({"a":{"switch.pump":{"s":"","a":{},"lc":1780308000.5}}})");
  CHECK(home.state("switch.pump").value.empty());
  CHECK(home.state("switch.pump").last_updated == 1780308000'500000);
}

TEST_CASE("A difference changes only what it names") {
  Listener home;
  home.apply(kitchen);
  CHECK(home.apply(R"({"c":{"light.kitchen":{"+":{"s":"off","lc":1780308010.5,"a":{"effect":"x"}},
                                             "-":{"a":["brightness"]}}}})") == Applied::ok);
  CHECK(home.told == Told{"changed light.kitchen! effect brightness"});
  CHECK(home.state("light.kitchen").value == "off");
  CHECK(home.attribute("light.kitchen", "effect") == "\"x\"");
  CHECK(home.attribute("light.kitchen", "brightness") == "(none)");
  CHECK(home.attribute("light.kitchen", "t") == "21.40");
  CHECK(home.state("light.kitchen").last_changed == 1780308010'500000);
  CHECK(home.state("light.kitchen").last_updated == 1780308010'500000);
}

TEST_CASE("`lu` alone leaves the time of the last change") {
  Listener home;
  home.apply(kitchen);
  home.apply(R"({"c":{"light.kitchen":{"+":{"lu":1780308011.25,"a":{"battery":91}}}}})");
  CHECK(home.told == Told{"changed light.kitchen battery"});
  CHECK(home.state("light.kitchen").last_changed == 1780308000'123456);
  CHECK(home.state("light.kitchen").last_updated == 1780308011'250000);
}

TEST_CASE("A nested attribute is replaced, not merged") {
  Listener home;
  home.apply(kitchen);
  home.apply(R"({"c":{"light.kitchen":{"+":{"a":{"nested":{"b":0}}}}}})");
  CHECK(home.attribute("light.kitchen", "nested") == R"({"b":0})");
}

TEST_CASE("A difference that changes nothing tells no name") {
  Listener home;
  home.apply(kitchen);
  home.apply(
      R"({"c":{"light.kitchen":{"+":{"s":"on","a":{"brightness":180}},"-":{"a":["gone"]}}}})");
  CHECK(home.told == Told{"changed light.kitchen"});
  home.apply(R"({"c":{"light.kitchen":{"+":{}}}})");
  CHECK(home.told == Told{"changed light.kitchen"});
}

TEST_CASE("The names of changed attributes are unescaped") {
  Listener home;
  home.apply(kitchen);
  home.apply(R"({"c":{"light.kitchen":{"+":{"a":{"it's \"x\" \u00fc":0}}}}})");
  CHECK(home.told == Told{"changed light.kitchen it's \"x\" ü"});
  CHECK(home.attribute("light.kitchen", "it's \"x\" ü") == "0");
}

TEST_CASE("An entity added again is replaced as a whole") {
  Listener home;
  home.apply(kitchen);
  CHECK(home.apply(R"({"a":{"light.kitchen":{"s":"off","a":{"x":1},"lc":1}}})") == Applied::ok);
  CHECK(home.told == Told{"added light.kitchen!"});
  CHECK(home.attribute("light.kitchen", "brightness") == "(none)");
  CHECK(home.attribute("light.kitchen", "x") == "1");
}

TEST_CASE("A removed entity is told and forgotten; one that nobody knows is not told") {
  Listener home;
  home.apply(kitchen);
  CHECK(home.apply(R"({"r":["light.kitchen","light.never"]})") == Applied::ok);
  CHECK(home.told == Told{"removed light.kitchen!"});
  CHECK(home.home.find("light.kitchen") == nullptr);
}

TEST_CASE("A difference for an unknown entity asks for a new subscription") {
  Listener home;
  CHECK(home.apply(R"({"c":{"light.cellar":{"+":{"s":"on"}}}})") == Applied::unknown_entity);
  CHECK(home.told.empty());
  CHECK(home.apply(R"({"c":{"Light.Cellar":{"+":{"s":"on"}}}})") == Applied::ok);
  CHECK(home.apply(kitchen) == Applied::ok);
}

TEST_CASE("What may hide new attributes that are null is noticed") {
  Listener home;
  const auto hides = [&](std::string_view difference) {
    home.apply(kitchen);
    CHECK(home.apply(difference) == Applied::ok);
    return home.home.may_hide_nulls();
  };
  // An attribute that was not there, in whose company others may be.
  CHECK(hides(R"({"c":{"light.kitchen":{"+":{"lu":1780308006.5,"a":{"new":1}}}}})"));
  CHECK(hides(R"({"c":{"light.kitchen":{"+":{"lu":1780308006.5,"a":{"new":1}},
                  "-":{"a":["t","effect"]}}}})"));
  // A time that nothing explains.
  CHECK(hides(R"({"c":{"light.kitchen":{"+":{"lu":1780308006.5}}}})"));
  CHECK_FALSE(hides(R"({"c":{"light.kitchen":{"+":{"lu":1780308006.5,"a":{"t":22}}}}})"));
  CHECK_FALSE(hides(R"({"c":{"light.kitchen":{"+":{"lu":1780308006.5},"-":{"a":["t"]}}}})"));
  CHECK_FALSE(hides(R"({"c":{"light.kitchen":{"+":{"s":"off","lc":1780308006.5}}}})"));
  CHECK_FALSE(hides(R"({"c":{"light.kitchen":{"+":{"lc":1780308006.5}}}})"));
  // Unavailable entities have few attributes.
  CHECK_FALSE(hides(R"({"c":{"light.kitchen":{"+":{"s":"unavailable","lc":1780308006.5}}}})"));
  CHECK(home.apply(R"({"c":{"light.kitchen":{"+":{"s":"on","lc":1780308007.5}}}})") == Applied::ok);
  CHECK(home.home.may_hide_nulls());
}

TEST_CASE("A registry entry alone is no state to change") {
  Listener home;
  home.home.set_entities({{.entity_id = "light.cellar"}}, [](Entity&) {});
  CHECK(home.apply(R"({"c":{"light.cellar":{"+":{"s":"on"}}}})") == Applied::unknown_entity);
}

TEST_CASE("A complete snapshot removes what it does not name") {
  Listener home;
  home.snapshot(R"({"a":{"a.x":{"s":"1","a":{},"lc":1},"a.y":{"s":"2","a":{},"lc":1}}})", true);
  CHECK(home.told == Told{"added a.x!", "added a.y!"});
  CHECK(home.snapshot(R"({"a":{"a.y":{"s":"2","a":{},"lc":1}}})", true) == Applied::ok);
  CHECK(home.told == Told{"added a.y!", "removed a.x!"});
  CHECK(home.home.find("a.x") == nullptr);
}

TEST_CASE("An entity that came between two snapshots goes with the second") {
  Listener home;
  home.snapshot(R"({"a":{}})", true);
  home.apply(R"({"a":{"a.x":{"s":"1","a":{},"lc":1}}})");
  home.snapshot(R"({"a":{}})", true);
  CHECK(home.told == Told{"removed a.x!"});
}

TEST_CASE("An incomplete snapshot removes nothing") {
  Listener home;
  home.snapshot(R"({"a":{"a.x":{"s":"1","a":{},"lc":1}}})", true);
  CHECK(home.snapshot(R"({"a":{}})", false) == Applied::ok);
  CHECK(home.told.empty());
  CHECK(home.state("a.x").value == "1");
}

TEST_CASE("A malformed snapshot removes nothing, complete or not") {
  Listener home;
  home.snapshot(R"({"a":{"a.x":{"s":"1","a":{},"lc":1}}})", true);
  CHECK(home.snapshot(R"({"a":{"a.y":{"s":7}}})", true) == Applied::malformed);
  CHECK(home.state("a.x").value == "1");
}

TEST_CASE("A removed entity with a registry entry stays known by it") {
  Listener home;
  home.apply(kitchen);
  home.home.set_entities({{.registry_id = "9f", .entity_id = "light.kitchen"}}, [](Entity&) {});
  home.apply(R"({"r":["light.kitchen"]})");
  REQUIRE(home.home.find("light.kitchen") != nullptr);
  CHECK_FALSE(home.home.find("light.kitchen")->state.has_value());
  CHECK(home.home.find("light.kitchen")->entry->registry_id == "9f");
}

TEST_CASE("What is no event is malformed, and the next one is applied") {
  Listener home;
  for (const char* event :
       {"", "null", "[]", "{\"a\":[]}", "{\"c\":1}", "{\"r\":{}}", "{\"r\":[1]}",
        "{\"a\":{\"a.x\":1}}", "{\"a\":{\"a.x\":{\"s\":null}}}",
        "{\"a\":{\"a.x\":{\"s\":\"1\",\"a\":[]}}}", "{\"a\":{\"a.x\":{\"s\":\"1\",\"lc\":\"x\"}}}",
        "{\"a\":{\"a.x\":{\"s\":\"1\"", "{\"a\":{\"a.x\":{\"s\":\"\xff\"}}}",
        "{\"a\":{\"a.x\":{\"s\":\"\xc3(\"}}}"}) {
    CAPTURE(event);
    CHECK(home.apply(event) == Applied::malformed);
    CHECK(home.told.empty());
  }
  CHECK(home.apply(kitchen) == Applied::ok);
}

TEST_CASE("An attribute that readers of the document could not read is left out") {
  const std::string deep = std::string(30, '[') + std::string(30, ']');
  for (const std::string& json :
       {std::string("[tru]"), std::string("[1,]"), std::string("nul"), std::string("01"),
        std::string(R"("\ud800")"), std::string(R"(["\x"])"), "[" + deep + "]"}) {
    CAPTURE(json);
    Listener home;
    const std::string attributes = R"({"x":)" + json + R"(,"y":)" + deep + "}";
    home.apply(R"({"a":{"light.kitchen":{"s":"on","a":)" + attributes + "}}}");
    CHECK(home.attribute("light.kitchen", "x") == "(none)");
    CHECK(home.attribute("light.kitchen", "y") == deep);
  }
  Listener home;
  home.apply(kitchen);
  home.apply(R"({"c":{"light.kitchen":{"+":{"a":{"t":[tru]}}}}})");
  CHECK(home.told == Told{"changed light.kitchen t"});
  CHECK(home.attribute("light.kitchen", "t") == "(none)");
}

TEST_CASE("What stands before a fault is applied") {
  Listener home;
  CHECK(home.apply(R"({"a":{"a.x":{"s":"1","a":{},"lc":1},"a.y":{"s":0}}})") == Applied::malformed);
  CHECK(home.told == Told{"added a.x!"});
}

TEST_CASE("Only what Home Assistant could have given as an entity id becomes an entity") {
  for (const char* id : {"light.kitchen", "a.b", "binary_sensor.x_1", "l1.0"}) {
    CAPTURE(id);
    CHECK(valid_entity_id(id));
  }
  CHECK(valid_entity_id("a." + std::string(253, 'x')));
  CHECK_FALSE(valid_entity_id("a." + std::string(254, 'x')));
  Listener home;
  for (const char* id : {"",
                         ".",
                         "light",
                         "light.",
                         ".kitchen",
                         "Light.kitchen",
                         "light.Kitchen",
                         "light.kit-chen",
                         "light.a.b",
                         "light._a",
                         "light.a_",
                         "_light.a",
                         "light_.a",
                         "light.a__b",
                         "light.ü",
                         "light.a/b",
                         "light.+",
                         "light.#",
                         "light.a b",
                         "light.\\u0000"}) {
    CAPTURE(id);
    CHECK_FALSE(valid_entity_id(id));
    CHECK(home.apply("{\"a\":{\"" + std::string(id) + "\":{\"s\":\"on\",\"a\":{},\"lc\":1}}}") ==
          Applied::ok);
    CHECK(home.told.empty());
  }
  CHECK(home.home.entities().empty());
}
