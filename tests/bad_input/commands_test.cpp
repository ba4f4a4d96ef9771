// Commands that are none: refused with a reason, in the log and on the bus, and never run.
#include <fmt/format.h>

#include "tests/bad_input/table.hpp"
#include "tests/machines/published.hpp"

using namespace bad_input;
using namespace std::string_literals;
using namespace std::chrono_literals;
using machines::Json;
using machines::Published;

namespace {

struct CommandRow {
  const char* id;
  std::string input;
  std::string payload;
  const char* code;
  std::string reason;
  std::string topic = machines::light_command;
};

const std::string form = R"(; send {"service": "turn_on", "data": {}})";
std::string malformed(const std::string& fault) {
  return "the command for light.kitchen " + fault + form;
}
constexpr const char* its_target =
    "a command reaches the entity of its topic alone; leave target, entity_id, device_id and "
    "area_id out";

std::string with_data(const std::string& data) {
  return R"({"service":"turn_on","data":)" + data + "}";
}

const std::string no_json = malformed("is no JSON of at most 32 levels");

const CommandRow rows[] = {
    {"B1", "text that is cut off", R"({"service":"turn_)", "malformed", no_json},
    {"B1", "bytes behind the object", R"({"service":"turn_on"} on)", "malformed", no_json},
    {"B1", "a NUL behind the object", R"({"service":"turn_on"})"s + '\0', "malformed", no_json},
    {"B1", "a list in place of an object", "[1,2]", "malformed", malformed("is no JSON object")},
    {"B2", "33 levels", with_data(R"({"x":)" + nested(31) + "}"), "malformed", no_json},
    {"B2", "1,000 levels", with_data(R"({"x":)" + nested(1'000) + "}"), "malformed", no_json},
    {"B2", "200 kB of opening brackets", std::string(200'000, '['), "malformed",
     malformed("has more than 16 kB")},
    {"B10", "a string that is no UTF-8", "{\"service\":\"turn_on\xc0\xaf\"}", "malformed", no_json},
    {"B10", "half of a surrogate pair", R"({"service":"turn_on\ud800"})", "malformed", no_json},
    {"B11", "the service twice", R"({"service":"turn_on","service":"turn_off"})", "malformed",
     malformed("has a key twice")},
    {"B11", "a key of the data twice", with_data(R"({"brightness":1,"brightness":255})"),
     "malformed", malformed("has a key twice")},
    {"B15", "no service", R"({"data":{}})", "malformed", malformed("names no service")},
    {"B15", "a service that is a list", R"({"service":["turn_on"]})", "malformed",
     malformed("names no service")},
    {"B15", "a service of another kind", R"({"service":"unlock"})", "unknown_service",
     "'unlock' is no command of light.kitchen; it takes turn_on, turn_off"},
    {"B15", "a service with a domain", R"({"service":"homeassistant.restart"})", "unknown_service",
     "'homeassistant.restart' is no command of light.kitchen; it takes turn_on, turn_off"},
    {"B15", "a target", R"({"service":"turn_on","target":{"area_id":"attic"}})",
     "target_not_allowed", its_target},
    {"B15", "entity_id: all in the data", with_data(R"({"entity_id":"all"})"), "target_not_allowed",
     its_target},
    {"B15", "an area in the data", with_data(R"({"area_id":["attic","cellar"]})"),
     "target_not_allowed", its_target},
    {"B15", "data that are a list of lists", with_data("[[1],[2]]"), "malformed",
     malformed("has data that is no object")},
    {"B15", "an id of 200 bytes", R"({"service":"turn_on","id":")" + std::string(200, '7') + "\"}",
     "malformed", malformed("has an id of over 128 bytes")},
    {"B15", "an id that is a long list",
     R"({"service":"turn_on","id":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,)"
     R"(25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50]})",
     "malformed", malformed("has an id of over 128 bytes")},
    {"B15", "a list of 10,000 numbers", with_data("{\"x\":[" + std::string(20'000, '1') + "]}"),
     "malformed", malformed("has more than 16 kB")},
    {"B15", "an entity that is not published", R"({"service":"turn_on"})", "not_published",
     "this instance publishes no such entity", "statebus/hubs/command/light/attic"},
    {"B15", "a level too many in the topic", R"({"service":"turn_on"})", "unknown_slot",
     "there is no slot 'now' below the commands of light.kitchen; leave the last level of the "
     "topic "
     "out",
     machines::light_command + "/now"},
};

std::string entity_of(const CommandRow& row) {
  return row.code == "not_published"s ? "light.attic" : "light.kitchen";
}

}  // namespace

TEST_CASE("A command that is none is refused with its reason, and Home Assistant hears nothing") {
  for (const CommandRow& row : rows) {
    CAPTURE(row.input);
    Published published;
    published.say("the command");
    const std::size_t logged = published.log().size();
    Json told;
    published.on_publish([&](const bridge::Publish& message) {
      if (message.topic == "statebus/hubs/refused") told = Json::parse(message.payload);
    });
    published.publish(row.topic, row.payload);
    published.run(2s);
    check({row.id, command_topic, row.input,
           fmt::format("refused a command for {} ({}): {}", entity_of(row), row.code, row.reason),
           "refused as `"s + row.code + "`, on `refused` as well; nothing runs"},
          warnings(published.log(), logged));
    REQUIRE(told.is_object());
    CHECK(told.at("code") == row.code);
    CHECK(told.at("message") == row.reason);
    CHECK(told.at("entity_id") == entity_of(row));
    CHECK(published.transcript().count("call") == 0);
    CHECK(published.broker().at("statebus/hubs/status") == "online");
  }
}

TEST_CASE("What is strange in a command and harmless is passed to Home Assistant as it is") {
  struct Harmless {
    const char* id;
    const char* input;
    std::string payload;
    Json data;
    const char* refused;  // by Home Assistant itself: the key that it does not know
  };
  const Harmless harmless[] = {
      {"B1", "a byte order mark before the object", "\xef\xbb\xbf{\"service\":\"turn_on\"}",
       Json::object(), nullptr},
      {"B9", "an integer of 2^53 + 1", with_data(R"({"x":9007199254740993})"),
       Json{{"x", 9007199254740993}}, "x"},
      {"B15", "a template as a value", with_data(R"({"effect":"{{ states('lock.front') }}"})"),
       Json{{"effect", "{{ states('lock.front') }}"}}, nullptr},
      {"B11", "a key that is called __proto__", with_data(R"({"__proto__":{"x":1}})"),
       Json{{"__proto__", Json{{"x", 1}}}}, "__proto__"},
  };
  for (const auto& [id, input, payload, data, refused] : harmless) {
    CAPTURE(std::string(input));
    Published published;
    published.say("the command");
    const std::size_t logged = published.log().size();
    published.publish(machines::light_command, payload);
    published.run(2s);
    const auto messages = published.transcript().messages();
    const auto call = std::find_if(messages.begin(), messages.end(),
                                   [](const auto& line) { return line.act == "call"; });
    REQUIRE(call != messages.end());
    CHECK(Json::parse(call->text).at("data") == data);
    CHECK(Json::parse(call->text).at("target") == "light.kitchen");
    const std::string message = refused == nullptr
                                    ? ""
                                    : fmt::format(
                                          "refused a command for light.kitchen (invalid_format): "
                                          "not a valid option at '{}'",
                                          refused);
    check({id, command_topic, input, message,
           "Home Assistant is asked for that service of that entity, with the data as they are"},
          warnings(published.log(), logged));
  }
}

TEST_CASE("Of ten thousand commands within a second some run, and the log has a few lines") {
  Published published;
  published.say("the flood");
  const std::size_t logged = published.log().size();
  for (int i = 0; i < 10'000; ++i) {
    published.publish(machines::light_command, R"({"service":"turn_on"})");
    if (i % 100 == 0) published.run(10ms);
  }
  const std::size_t told = published.log().size() - logged;
  CHECK(told <= 32);
  CHECK(published.transcript().count("send", "statebus/hubs/refused") <= 32);
  // A state that changes meanwhile is not behind any of them.
  const std::size_t called = published.transcript().count("call");
  published.say("a state");
  published.house().set_state("light.kitchen", "on", {{"brightness", 7}});
  const auto since = published.now();
  published.run(1s);
  CHECK(published.when("set", machines::light_document, since) >= 0);
  CHECK(published.when("set", machines::light_document, since) < 100);
  published.run(60s);
  // The rate of five a second, what may come at once, and eight seconds of what may wait.
  CHECK(called + published.transcript().count("call") <= 5 + 10 + 40);
  CHECK(called + published.transcript().count("call") >= 40);
  check({"B16", command_topic, "10,000 commands within a second",
         "refused a command for light.kitchen (rate): more than 5 commands a second came for this "
         "entity (commands.per_entity), and 40 wait",
         "`commands.per_entity` of them run; 10 refusals a second are told, all are counted"},
        published.log().at(logged).text);
}
