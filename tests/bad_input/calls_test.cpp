// Calls that are none, that want more than they may, or their answer where none may go.
#include <fmt/format.h>

#include "tests/bad_input/table.hpp"
#include "tests/machines/calls_fixture.hpp"

using namespace bad_input;
using namespace std::string_literals;
using machines::CallsFixture;
using machines::Json;

namespace {

struct CallRow {
  const char* id;
  std::string input;
  std::string payload;
  const char* what;  // what the log calls it
  const char* code;
  std::string reason;
  bool is_answered = true;
};

constexpr const char* reply = R"("id":7,"reply_to":"statebus/main/reply/x",)";
const std::string form =
    R"(; send {"service": "light.turn_on", "target": {"entity_id": ["light.kitchen"]}, )"
    R"("data": {}})";
std::string malformed(const std::string& fault) { return "the call " + fault + form; }
const std::string no_object = malformed("is no JSON object of at most 32 levels");

std::string on(const std::string& rest) {
  return "{"s + reply + R"("service":"light.turn_on",)" + rest + "}";
}
std::string words(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += fmt::format(R"(,"a{}")", i);
  return "[" + list.substr(1) + "]";
}
std::string to(const std::string& topic) {
  return R"({"id":7,"reply_to":")" + topic +
         R"(","service":"light.turn_on","target":{"entity_id":"light.lamp"}})";
}

constexpr const char* light = "the call light.turn_on";
constexpr const char* nameless = "a call";
constexpr const char* elsewhere = "its answer is wanted outside of statebus/+/reply/#";

const CallRow rows[] = {
    {"B1", "text that is cut off", "{"s + reply, nameless, "malformed", no_object, false},
    {"B1", "bytes behind the object", "{"s + reply + R"("service":"a.b"}{})", nameless, "malformed",
     no_object, false},
    {"B2", "100,000 opening brackets", std::string(100'000, '['), nameless, "malformed",
     malformed("has more than 64 kB"), false},
    {"B2", "33 levels in the data", on(R"("data":{"x":)" + nested(31) + "}"), nameless, "malformed",
     no_object, false},
    {"B11", "the service twice", on(R"("service":"lock.unlock")"), nameless, "malformed",
     malformed("has a key twice")},
    {"B15", "no service", "{"s + reply + R"("target":{}})", nameless, "malformed",
     malformed("names no service, such as light.turn_on")},
    {"B15", "a service that is no name", "{"s + reply + R"("service":"../../x"})", nameless,
     "malformed", malformed("names no service, such as light.turn_on")},
    {"B15", "an id of 200 bytes",
     R"({"id":")" + std::string(200, 'i') + R"(","service":"light.turn_on"})", light, "malformed",
     malformed("has an id of over 128 bytes"), false},
    {"B15", "no target", on(R"("data":{})"), light, "no_target",
     "it has no target; name what it is for, or allow the service by calls.allow: [light.turn_on]"},
    {"B15", "a service that nothing is published for",
     "{"s + reply + R"("service":"homeassistant.restart","target":{"entity_id":"light.lamp"}})",
     "the call homeassistant.restart", "no_target",
     "its target names no homeassistant that this instance publishes"},
    {"B15", "an entity that is not published", on(R"("target":{"entity_id":"light.secret"})"),
     light, "not_published", "this instance publishes no 'light.secret'"},
    {"B15", "an area that there is none of", on(R"("target":{"area_id":"attic"})"), light,
     "unknown_target", "this instance has no area 'attic'"},
    {"B15", "entity_id: all in the data",
     on(R"("target":{"entity_id":"light.lamp"},)"
        R"("data":{"others":{"entity_id":"all"}})"),
     light, "not_published", "its data name all, which this instance does not publish"},
    {"B15", "a target with a list of 10,000", on(R"("target":{"entity_id":)" + words(7'000) + "}"),
     light, "malformed", malformed("has a target of over 1000 words")},
    {"B15", "a target of lists in lists", on(R"("target":{"entity_id":[["light.lamp"]]})"), light,
     "malformed", malformed("has a target whose entity_id is neither a text nor a list of texts")},
    {"B15", "a target with another key", on(R"("target":{"user_id":"x"})"), light, "malformed",
     malformed("has a target with 'user_id'; a target has entity_id, device_id, area_id, floor_id "
               "and label_id")},
    {"B17", "an answer to homeassistant/…", to("homeassistant/light/x/config"), light,
     "reply_not_allowed", elsewhere, false},
    {"B17", "an answer to the command of an entity", to("statebus/main/command/lock/front"), light,
     "reply_not_allowed", elsewhere, false},
    {"B17", "an answer to a document", to("statebus/hubs/state/lock/a"), light, "reply_not_allowed",
     elsewhere, false},
    {"B17", "an answer to statebus/main/reply/ with nothing behind", to("statebus/main/reply/"),
     light, "reply_not_allowed", elsewhere, false},
    {"B17", "an answer to a topic with a wildcard", to("statebus/main/reply/+"), light,
     "reply_not_allowed", elsewhere, false},
    {"B17", "an answer to a topic of 300 bytes", to("statebus/main/reply/" + std::string(280, 'x')),
     light, "reply_not_allowed", elsewhere, false},
    {"B17", "an answer to $SYS", to("$SYS/main/reply/x"), light, "reply_not_allowed", elsewhere,
     false},
};

/// What was said of a call since the last look.
struct Told {
  Json refusal;
  Json answer;
  std::vector<std::string> topics;
};

Told told_by(CallsFixture& fixture) {
  Told told;
  for (const bridge::Publish& message : fixture.messages()) {
    told.topics.push_back(message.topic);
    (message.topic == "statebus/hubs/refused" ? told.refusal : told.answer) =
        Json::parse(message.payload);
  }
  return told;
}

}  // namespace

TEST_CASE("A call that is none is refused, and answered where an answer may go") {
  for (const CallRow& row : rows) {
    CAPTURE(row.input);
    CallsFixture fixture;
    fixture.receive_message({fixture.topics.call(), row.payload});
    check({row.id, call_topic, row.input,
           fmt::format("refused {} ({}): {}", row.what, row.code, row.reason),
           "refused as `"s + row.code + "`, " +
               (row.is_answered ? "in the answer and on `refused`" : "on `refused`; no answer") +
               "; nothing runs"},
          warnings(fixture.ha.effects.log));
    CHECK(fixture.targets().empty());
    const Told told = told_by(fixture);
    CHECK(told.refusal.at("code") == row.code);
    CHECK(told.refusal.at("message") == row.reason);
    CHECK(told.topics.size() == (row.is_answered ? 2 : 1));
    if (!row.is_answered) continue;
    CHECK(told.answer ==
          Json{{"id", 7}, {"ok", false}, {"error", {{"code", row.code}, {"message", row.reason}}}});
  }
}

TEST_CASE("MQTT's own response topic leads no answer elsewhere, either") {
  for (const char* topic : {"homeassistant/light/x/config", "statebus/main/command/lock/front"}) {
    CallsFixture fixture;
    const std::string payload =
        R"({"service":"light.turn_on","target":{"entity_id":"light.lamp"}})";
    fixture.receive_message({.topic = fixture.topics.call(),
                             .payload = payload,
                             .response_topic = topic,
                             .correlation_data = "x"});
    CHECK(fixture.targets().empty());
    CHECK(told_by(fixture).topics == std::vector<std::string>{"statebus/hubs/refused"});
    check({"B17", call_topic, "MQTT 5's response topic "s + topic,
           fmt::format("refused {} (reply_not_allowed): {}", light, elsewhere),
           "refused as `reply_not_allowed`, on `refused`; no answer; nothing runs"},
          warnings(fixture.ha.effects.log));
  }
}

TEST_CASE("A template in the data of a call stays a text") {
  CallsFixture fixture;
  fixture.receive_call(machines::call_of("light.turn_on", {{"entity_id", "light.lamp"}},
                                         {{"effect", "{{ states('lock.front') }}"}}));
  CHECK(fixture.targets().size() == 1);
  CHECK(fixture.last_frame.at("service_data").at("effect") == "{{ states('lock.front') }}");
  check({"B15", call_topic, "a template as a value", "",
         "Home Assistant is asked for that service, with the data as they are"},
        warnings(fixture.ha.effects.log));
}

TEST_CASE("An answer of Home Assistant that is too deep is none") {
  CallsFixture fixture;
  fixture.receive_message({fixture.topics.call(), on(R"("target":{"entity_id":"light.lamp"})")});
  CHECK(fixture.targets().size() == 1);
  const std::string answer = R"({"response":)" + nested(100'000) + "}";
  fixture.done(true, "", answer);
  check({"B2", home_assistant, "100,000 levels in the answer to a call",
         fmt::format("refused the call light.turn_on (too_large): the service ran, but its answer "
                     "of {} bytes is too large: a bridge gives at most 4 MB and 32 levels, and the "
                     "broker may take less; ask for a shorter time or fewer items",
                     answer.size()),
         "refused as `too_large`, in the answer and on `refused`"},
        warnings(fixture.ha.effects.log));
  CHECK(told_by(fixture).answer.at("error").at("code") == "too_large");
}
