#include "discovery/topic.hpp"

#include <doctest/doctest.h>

#include <set>

#include "discovery/topic_form.hpp"

using namespace discovery;
using Kind = TopicParts::Kind;

namespace {

const Topics bus("statebus", "hubs");
const Topics deep("home/my.bus/v1", "hubs");

struct Expected {
  Kind kind;
  std::string_view domain = {};
  std::string_view object = {};
  std::string_view slot = {};
};

void check_parts(const Topics& topics, const std::string& topic, const Expected& expected) {
  CAPTURE(topic);
  const auto parts = topics.parse(topic);
  REQUIRE(parts.has_value());
  CHECK(parts->kind == expected.kind);
  CHECK(parts->instance == "hubs");
  CHECK(parts->domain == expected.domain);
  CHECK(parts->object == expected.object);
  CHECK(parts->slot == expected.slot);
}

}  // namespace

TEST_CASE("Topics are those of the contract") {
  CHECK(bus.status() == "statebus/hubs/status");
  CHECK(bus.info() == "statebus/hubs/info");
  CHECK(bus.heartbeat() == "statebus/hubs/heartbeat");
  CHECK(bus.index(7) == "statebus/hubs/index/7");
  CHECK(bus.areas() == "statebus/hubs/areas");
  CHECK(bus.floors() == "statebus/hubs/floors");
  CHECK(bus.labels() == "statebus/hubs/labels");
  CHECK(bus.refused() == "statebus/hubs/refused");
  CHECK(bus.device("ab12") == "statebus/hubs/device/ab12");
  CHECK(bus.entity("light.kitchen") == "statebus/hubs/entity/light/kitchen");
  CHECK(bus.state("light.kitchen") == "statebus/hubs/state/light/kitchen");
  CHECK(bus.view("light.kitchen", "kelvin") == "statebus/hubs/view/light/kitchen/kelvin");
  CHECK(bus.view("light.kitchen") == "statebus/hubs/view/light/kitchen");
  CHECK(bus.command("light.kitchen") == "statebus/hubs/command/light/kitchen");
  CHECK(bus.command("light.kitchen", "mireds") == "statebus/hubs/command/light/kitchen/mireds");
  CHECK(bus.event("doorbell") == "statebus/hubs/event/doorbell");
  CHECK(bus.fired("timer.finished") == "statebus/hubs/fired/timer.finished");
  CHECK(bus.trigger("ab12") == "statebus/hubs/trigger/ab12");
  CHECK(bus.reply("7") == "statebus/hubs/reply/7");
  CHECK(bus.all() == "statebus/hubs/#");
  CHECK(bus.all_commands() == "statebus/hubs/command/#");
  CHECK(bus.announcement("homeassistant", "light", "statebus-hubs-9f") ==
        "homeassistant/light/hubs/statebus-hubs-9f/config");
  CHECK(bus.all_announcements("a/b") == "a/b/+/hubs/+/config");
  CHECK(announced_object(bus.announcement("a/b", "light", "statebus-hubs-9f")) ==
        "statebus-hubs-9f");
  CHECK(announced_object(bus.state("light.kitchen")).empty());
  CHECK(announced_object("/config").empty());
}

TEST_CASE("A dot of the root stays, that of an entity id becomes a level") {
  CHECK(deep.state("light.kitchen") == "home/my.bus/v1/hubs/state/light/kitchen");
}

TEST_CASE("Each topic is taken apart into what it was built of") {
  for (const Topics* topics : {&bus, &deep}) {
    check_parts(*topics, topics->status(), {Kind::status});
    check_parts(*topics, topics->info(), {Kind::info});
    check_parts(*topics, topics->heartbeat(), {Kind::heartbeat});
    check_parts(*topics, topics->areas(), {Kind::areas});
    check_parts(*topics, topics->floors(), {Kind::floors});
    check_parts(*topics, topics->labels(), {Kind::labels});
    check_parts(*topics, topics->refused(), {Kind::refused});
    check_parts(*topics, topics->index(0), {Kind::index, {}, "0"});
    check_parts(*topics, topics->device("ab12"), {Kind::device, {}, "ab12"});
    check_parts(*topics, topics->event("bell"), {Kind::event, {}, "bell"});
    check_parts(*topics, topics->fired("a.b"), {Kind::fired, {}, "a.b"});
    check_parts(*topics, topics->trigger("ab12"), {Kind::trigger, {}, "ab12"});
    check_parts(*topics, topics->reply("a/b"), {Kind::reply, {}, "a/b"});
    check_parts(*topics, topics->entity("a.b_1"), {Kind::entity, "a", "b_1"});
    check_parts(*topics, topics->state("a.b_1"), {Kind::state, "a", "b_1"});
    check_parts(*topics, topics->view("a.b"), {Kind::view, "a", "b"});
    check_parts(*topics, topics->view("a.b", "kelvin"), {Kind::view, "a", "b", "kelvin"});
    check_parts(*topics, topics->command("a.b"), {Kind::command, "a", "b"});
    check_parts(*topics, topics->command("a.b", "x/y"), {Kind::command, "a", "b", "x/y"});
  }
  check_parts(bus, "statebus/hubs/image/camera/door", {Kind::image, "camera", "door"});
}

TEST_CASE("Another instance's topic is taken apart as well") {
  const auto parts = bus.parse("statebus/media/state/light/kitchen");
  REQUIRE(parts.has_value());
  CHECK(parts->instance == "media");
  CHECK(parts->kind == Kind::state);
}

TEST_CASE("A topic below the instance that is none of ours is other") {
  for (const char* topic :
       {"statebus/hubs", "statebus/hubs/", "statebus/hubs/x", "statebus/hubs/status/x",
        "statebus/hubs/state", "statebus/hubs/state/light", "statebus/hubs/state/light/a/b",
        "statebus/hubs/device", "statebus/hubs/device/a/b", "statebus/hubs/index/",
        "statebus/hubs/reply", "statebus/hubs/State/light/a", "statebus/hubs/command//",
        "statebus/hubs/status/", "statebus/hubs/state/light/a/", "statebus/hubs/view/light/a//x"}) {
    CAPTURE(topic);
    const auto parts = bus.parse(topic);
    REQUIRE(parts.has_value());
    CHECK(parts->kind == Kind::other);
  }
}

TEST_CASE("A topic outside of the root or without a valid instance is nothing") {
  for (const char* topic :
       {"", "statebus", "statebus/", "statebusx/hubs/status", "x/statebus/hubs/status",
        "statebus/HUBS/status", "statebus/a-b/status", "/statebus/hubs/status"}) {
    CAPTURE(topic);
    CHECK_FALSE(bus.parse(topic).has_value());
  }
  CHECK_FALSE(deep.parse("home/my_bus/v1/hubs/status").has_value());
  CHECK_FALSE(deep.parse("statebus/hubs/status").has_value());
}

TEST_CASE("An announcement's topic is taken apart, under its prefix and for its instance alone") {
  for (const char* prefix : {"homeassistant", "main/discovery"}) {
    const std::string topic = bus.announcement(prefix, "light", "statebus-hubs-9f");
    const auto parts = bus.parse_announcement(prefix, topic);
    REQUIRE(parts.has_value());
    CHECK(parts->kind == Kind::announcement);
    CHECK(parts->domain == "light");
    CHECK(parts->instance == "hubs");
    CHECK(parts->object == "statebus-hubs-9f");
  }
  for (const char* topic :
       {"homeassistant/light/media/x/config", "homeassistant/light/hubs/x",
        "homeassistant/light/hubs/x/config/y", "homeassistant/light/hubs//config",
        "homeassistant/light/x/config", "other/light/hubs/x/config", ""}) {
    CAPTURE(topic);
    CHECK_FALSE(bus.parse_announcement("homeassistant", topic).has_value());
  }
}

TEST_CASE("An instance name is one to 32 lower-case letters, digits and underscores") {
  CHECK(valid_instance("hubs"));
  CHECK(valid_instance("_1"));
  CHECK(valid_instance(std::string(32, 'a')));
  CHECK_FALSE(valid_instance(std::string(33, 'a')));
  for (const char* name : {"", "Hubs", "a-b", "a/b", "a b", "ü", "a.b", "+", "#"}) {
    CAPTURE(name);
    CHECK_FALSE(valid_instance(name));
  }
}

TEST_CASE("A topic is what Mosquitto takes for one, a level one of its levels") {
  for (const char* topic : {"a", "a/b", "häuser/größe", "a b", "\u00a0", "\uffed", "😀"}) {
    CAPTURE(topic);
    CHECK(valid_topic(topic));
  }
  for (const char* topic : {"", "+", "a/#", "a+", "a\nb", "a\x7f", "a\u0080", "\u009f", "h\xe4user",
                            "\xc3", "\ufdd0", "\uffff", "\U0001fffe"}) {
    CAPTURE(topic);
    CHECK_FALSE(valid_topic(topic));
    CHECK_FALSE(valid_topic_level(topic));
  }
  CHECK_FALSE(valid_topic(std::string_view("a\0b", 3)));
  CHECK(valid_topic(std::string(200, '/')));
  CHECK_FALSE(valid_topic(std::string(201, '/')));
  CHECK_FALSE(valid_topic(std::string(65'536, 'a')));
  CHECK(valid_topic_level(std::string(255, 'a')));
  CHECK_FALSE(valid_topic_level(std::string(256, 'a')));
  CHECK_FALSE(valid_topic_level("a/b"));
  CHECK_FALSE(valid_topic_level("a b"));
}

TEST_CASE("A root or prefix can never make an illegal topic or filter") {
  for (const char* prefix : {"statebus", "a/b/c", "home-1.x_y", "häuser/größe"}) {
    CAPTURE(prefix);
    CHECK(valid_topic_prefix(prefix));
  }
  CHECK(valid_topic_prefix(std::string(128, 'a')));
  CHECK_FALSE(valid_topic_prefix(std::string(129, 'a')));
  for (const char* prefix : {"", "/", "a/", "/a", "a//b", "+", "a/+/b", "a/#", "a+", "$SYS", "a b",
                             "a\nb", "a\x7f", "h\xe4user", "a/\u0080"}) {
    CAPTURE(prefix);
    CHECK_FALSE(valid_topic_prefix(prefix));
  }
  CHECK_FALSE(valid_topic_prefix(std::string_view("a\0b", 3)));
}

TEST_CASE("FROZEN: a topic's bucket is FNV-1a of its name, so that every reader finds it") {
  CHECK(index_bucket("", 1U << 31) == 2166136261U % (1U << 31));
  CHECK(index_bucket("a", 64) == 0xe40c292cU % 64);
  CHECK(index_bucket("foobar", 1000) == 0xbf9cf968U % 1000);
  CHECK(index_bucket("\xff", 64) == ((2166136261U ^ 0xffU) * 16777619U) % 64);
  std::set<std::uint32_t> used;
  for (int i = 0; i < 1000; ++i) {
    used.insert(index_bucket("statebus/hubs/state/light/l" + std::to_string(i), 32));
  }
  CHECK(used.size() == 32);
}

TEST_CASE("What stands in the place of an instance in probes is none") {
  const Topics topics("statebus", "hubs");
  CHECK(probing_place("hubs") == "probe-hubs");
  for (const std::string& name : {probing_place("hubs"), std::string(no_instance)}) {
    CHECK_FALSE(valid_instance(name));
    CHECK_FALSE(topics.parse(Topics("statebus", name).status()));
  }
  CHECK(all_below("a/b") == "a/b/#");
  CHECK(stray_probe("homeassistant") == "homeassistant/statebus-probe");
}
