#include "discovery/frame.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Padded;

TEST_CASE("An event's payload is its JSON as it was written") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  const Padded frame(R"({"id":4,"type":"event","event":{"a":{"x.y":{"s":"21.40"}}}})");
  REQUIRE(reader.read(frame, messages));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].id == 4);
  CHECK(messages[0].type == "event");
  CHECK(messages[0].payload == R"({"a":{"x.y":{"s":"21.40"}}})");
}

TEST_CASE("Keys may come in any order") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  const Padded frame(R"({"event":{"r":["a.b"]}, "type" : "event" ,"id":9007199254740993})");
  REQUIRE(reader.read(frame, messages));
  CHECK(messages[0].id == 9007199254740993);
  CHECK(messages[0].type == "event");
  CHECK(messages[0].payload == R"({"r":["a.b"]})");
}

TEST_CASE("A result tells whether it succeeded, and why not") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  const Padded good(R"({"id":1,"type":"result","success":true,"result":null})");
  REQUIRE(reader.read(good, messages));
  CHECK(messages[0].success);
  CHECK(messages[0].payload == "null");
  const Padded bad(R"({"id":2,"type":"result","success":false,)"
                   R"("error":{"code":"unknown_command","message":"a \"b\" ü","x":1}})");
  REQUIRE(reader.read(bad, messages));
  REQUIRE(messages.size() == 1);
  CHECK_FALSE(messages[0].success);
  CHECK(messages[0].error_code == "unknown_command");
  CHECK(messages[0].error_text == "a \"b\" ü");
  CHECK(messages[0].payload.empty());
}

TEST_CASE("A log-in tells the release, or the reason of its failure") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  REQUIRE(reader.read(Padded(R"({"type":"auth_ok","ha_version":"2026.11.0"})"), messages));
  CHECK(messages[0].ha_version == "2026.11.0");
  REQUIRE(reader.read(Padded(R"({"type":"auth_invalid","message":"Invalid password"})"), messages));
  CHECK(messages[0].error_text == "Invalid password");
  CHECK(messages[0].ha_version.empty());
}

TEST_CASE("An array holds its messages in their order") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  const Padded frame(R"([{"id":1,"type":"pong"},{"id":2,"type":"event","event":{}}])");
  REQUIRE(reader.read(frame, messages));
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].type == "pong");
  CHECK(messages[1].payload == "{}");
  REQUIRE(reader.read(Padded("[]"), messages));
  CHECK(messages.empty());
}

TEST_CASE("What stands before a fault is kept") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  CHECK_FALSE(reader.read(Padded(R"([{"id":1,"type":"pong"},7])"), messages));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].id == 1);
}

TEST_CASE("What is no frame is refused, and the next one is read") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  for (const char* text :
       {"", "null", "7", "\"x\"", "{\"id\":\"x\"}", "{\"id\":1", "[{]", "{\"type\":7}",
        "{\"success\":1}", "{\"error\":\"x\"}", "\xff\xfe", "{\"type\":\"\xff\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(reader.read(Padded(text), messages));
    CHECK(messages.empty());
  }
  CHECK(reader.read(Padded(R"({"id":3,"type":"pong"})"), messages));
  CHECK(messages.size() == 1);
}

TEST_CASE("The messages of one frame do not remain for the next") {
  FrameReader reader;
  std::vector<HaMessage> messages;
  REQUIRE(reader.read(Padded(R"([{"id":1},{"id":2}])"), messages));
  REQUIRE(reader.read(Padded(R"({"id":3})"), messages));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].id == 3);
}
