#include "discovery/filter.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Subject;

namespace {

/// A lamp with all that a rule can look at.
Subject lamp() {
  Json input =
      tests::registered("light.kitchen_lamp", "on", {},
                        {{"id", "ab12"}, {"name", "Hue \"lamp\""}, {"labels", {"devices"}}});
  Json& entry = input["entities"][0];
  entry["platform"] = "hue";
  entry["area_id"] = "kitchen";
  entry["labels"] = {"shared"};
  entry["entity_category"] = "config";
  input["areas"] = {{{"area_id", "kitchen"}, {"name", "Küche"}}};
  input["labels"] = {{{"label_id", "shared"}, {"name", "For all"}}};
  return Subject(input);
}

Reason judge(Subject subject, std::vector<FilterRule> rules) {
  return Filter(std::move(rules)).judge(subject.home(), subject.entity());
}

Reason judge_unregistered(std::string_view id, std::vector<FilterRule> rules = {}) {
  return judge(Subject(tests::state_of(id, "on")), std::move(rules));
}

}  // namespace

TEST_CASE("Without rules an entity is published") {
  CHECK(judge(lamp(), {}) == Reason::published);
  CHECK(judge_unregistered("light.kitchen") == Reason::published);
}

TEST_CASE("Each key of a rule matches what it names and nothing else") {
  const std::vector<std::pair<FilterRule, bool>> rules{
      {{}, true},
      {{.entity = "light.kitchen_*"}, true},
      {{.entity = "light.hall_*"}, false},
      {{.domain = "light"}, true},
      {{.domain = "ligh"}, false},
      {{.integration = "hue"}, true},
      {{.integration = "hu*"}, false},
      {{.device = "ab12"}, true},
      {{.device = "Hue*"}, true},
      {{.device = "ab1*"}, false},
      {{.area = "kitchen"}, true},
      {{.area = "K?*che"}, true},
      {{.area = "hall"}, false},
      {{.label = "shared"}, true},
      {{.label = "For *"}, true},
      {{.label = "devices"}, true},
      {{.label = "other"}, false},
      {{.category = "config"}, true},
      {{.category = "diagnostic"}, false},
      {{.hidden = false}, true},
      {{.hidden = true}, false},
  };
  for (std::size_t i = 0; i < rules.size(); ++i) {
    CAPTURE(i);
    CHECK(judge(lamp(), {rules[i].first}) ==
          (rules[i].second ? Reason::filtered : Reason::published));
  }
}

TEST_CASE("All that a rule gives must hold") {
  CHECK(judge(lamp(), {{.domain = "light", .area = "kitchen"}}) == Reason::filtered);
  CHECK(judge(lamp(), {{.domain = "light", .area = "hall"}}) == Reason::published);
  CHECK(judge(lamp(), {{.domain = "switch", .area = "kitchen"}}) == Reason::published);
}

TEST_CASE("The last rule that matches decides") {
  const FilterRule out{.domain = "light"};
  const FilterRule in{.include = true, .label = "shared"};
  const FilterRule other{.include = true, .label = "none"};
  CHECK(judge(lamp(), {out, in}) == Reason::published);
  CHECK(judge(lamp(), {in, out}) == Reason::filtered);
  CHECK(judge(lamp(), {out, other}) == Reason::filtered);
}

TEST_CASE("A rule on registry facts matches no entity without a registry entry") {
  const std::vector<FilterRule> rules{{.integration = "hue"}, {.device = "*"},
                                      {.area = "*"},          {.label = "*"},
                                      {.category = "config"}, {.hidden = true}};
  for (const FilterRule& rule : rules) {
    CHECK(judge_unregistered("light.kitchen", {rule}) == Reason::published);
  }
  CHECK(judge_unregistered("light.kitchen", {{.hidden = false}}) == Reason::filtered);
}

TEST_CASE("What every Home Assistant has stays at home unless a rule includes it") {
  for (const char* id :
       {"sun.sun", "zone.home", "update.home_assistant_core_update", "conversation.home_assistant",
        "tts.home_assistant_cloud", "stt.home_assistant_cloud"}) {
    CAPTURE(id);
    CHECK(judge_unregistered(id) == Reason::left_out);
    CHECK(judge_unregistered(id, {{.include = true, .entity = id}}) == Reason::published);
    CHECK(judge_unregistered(id, {{.entity = id}}) == Reason::filtered);
    CHECK(judge_unregistered(id, {{.include = true, .entity = "other.*"}}) == Reason::left_out);
  }
  for (const char* id : {"zone.work", "update.lamp", "sensor.sun_next_dawn", "tts.piper"}) {
    CAPTURE(id);
    CHECK(judge_unregistered(id) == Reason::published);
  }
}

TEST_CASE("Entities of Home Assistant's own integrations and hidden ones stay at home") {
  for (const char* platform : {"sun", "backup", "hassio"}) {
    Json input = tests::registered("sensor.x", "on", {});
    input["entities"][0]["platform"] = platform;
    CHECK(judge(Subject(input), {}) == Reason::left_out);
  }
  Json input = tests::registered("light.kitchen", "on", {});
  input["entities"][0]["hidden_by"] = "user";
  CHECK(judge(Subject(input), {}) == Reason::hidden);
  CHECK(judge(Subject(input), {{.include = true, .hidden = true}}) == Reason::published);
}

TEST_CASE("No rule publishes what came from a bus or is disabled") {
  const std::vector<FilterRule> everything{{.include = true}};
  Json input = tests::registered("light.kitchen", "on", {});
  input["entities"][0]["disabled_by"] = "user";
  CHECK(judge(Subject(input), everything) == Reason::disabled);
  input["entities"][0]["unique_id"] = "statebus-media-1";
  CHECK(judge(Subject(input), everything) == Reason::mirror);
}

TEST_CASE("An entity whose id could make no topic is not published") {
  Home home;
  Entity entity;
  for (const char* id : {"", "light", "light.a/b", "light.+", "Light.x"}) {
    entity.id = id;
    const std::vector<FilterRule> everything{{.include = true}};
    CHECK(Filter(everything).judge(home, entity) == Reason::invalid_id);
  }
}

TEST_CASE("The rule that decides is told as the configuration has it") {
  Subject subject = lamp();
  const auto rule_for = [&](std::vector<FilterRule> rules) {
    const Filter filter(std::move(rules));
    const FilterRule* rule = filter.rule_for(subject.home(), subject.entity());
    return rule == nullptr ? "none" : to_text(*rule);
  };
  const FilterRule out{.domain = "light", .area = "kitchen"};
  const FilterRule in{.include = true, .entity = "light.k*", .hidden = false};
  const FilterRule other{.domain = "switch"};
  CHECK(rule_for({in, out, other}) == "exclude: {domain: light, area: kitchen}");
  CHECK(rule_for({out, in, other}) == "include: {entity: light.k*, hidden: false}");
  CHECK(rule_for({{}}) == "exclude: {}");
  CHECK(rule_for({other}) == "none");
}

TEST_CASE("A glob's star stands for any text and its question mark for one character") {
  struct Row {
    const char* glob;
    const char* text;
    bool matches;
  };
  constexpr Row rows[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "a.b", true},
      {"*", "*a", true},
      {"a", "a", true},
      {"a", "A", false},
      {"a", "ab", false},
      {"?", "", false},
      {"?", "a", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"*_power", "a_power", true},
      {"*_power", "_powe", false},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXbY", false},
      {"**a", "a", true},
      {"a**", "a", true},
      {"*a*", "bab", true},
      {"a*a", "a", false},
      {"sensor.*_?", "sensor.x_1", true},
      {"[a]", "a", false},
      {"\\*", "*", false},
      {"*?", "", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.glob);
    CAPTURE(row.text);
    CHECK(matches_glob(row.glob, row.text) == row.matches);
  }
  CHECK_FALSE(matches_glob("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}
