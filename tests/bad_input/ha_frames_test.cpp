// Frames of Home Assistant that are none, and messages that nobody has asked for.
#include <fmt/format.h>

#include "tests/bad_input/hostile_home.hpp"

using namespace bad_input;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr const char* anew = "the connection is given up and made anew, and all states are read";
constexpr const char* passed_over = "passed over";
constexpr const char* as_told = R"({"state":"5","attributes":{}})";
constexpr const char* as_before = R"({"state":"0","attributes":{}})";

struct FrameRow {
  const char* id;
  std::string input;
  std::string frame;
  bool is_given_up;
  const char* after = as_before;  // the document; as Home Assistant has it after a new reading
};

const FrameRow frames[] = {
    {"B1", "a frame that is cut off", R"({"id":ID,"type":"event","event":{"c":)", true},
    {"B1", "text that is no JSON", "<html>Bad Gateway</html>", true},
    {"B1", "an empty frame", "", true},
    {"B1", "a NUL behind the message", R"({"id":ID,"type":"event","event":{}})"s + '\0', true},
    {"B1", "a NUL in a string",
     R"({"id":ID,"type":"event","event":{"c":{"sensor.s0":{"+":{"s":"1)"s + '\0' + R"("}}}}})",
     true},
    {"B1", "a second message behind the first", R"({"id":ID,"type":"event","event":{}} {"id":1})",
     true},
    {"B2", "100,000 levels of arrays", nested(100'000), true},
    {"B2", "100,000 opening brackets", std::string(100'000, '['), true},
    {"B7", "a number as the whole frame", "17", true},
    {"B7", "an array in an array", R"([[{"id":ID,"type":"event","event":{}}]])", true},
    {"B7", "an id that is a text", R"({"id":"ID","type":"event","event":{}})", true},
    {"B7", "an empty array", "[]", false},
    {"B7", "a message without a type and an id", "{}", false},
    {"B7", "a type that there is none of", R"({"id":ID,"type":"surprise","event":{}})", false},
    {"B7", "the answer to what was never asked",
     R"({"id":4711,"type":"result","success":true,"result":[]})", false},
    {"B7", "a second answer to one question",
     R"([{"id":1,"type":"result","success":true},{"id":1,"type":"result","success":false}])",
     false},
    {"B10", "a string that is no UTF-8",
     R"({"id":ID,"type":"event","event":{"c":{"sensor.s0":{"+":{"s":")"s + "\xc0\xaf" + R"("}}}}})",
     true},
};

std::string message_of(const FrameRow& row) {
  if (!row.is_given_up) return "";
  // The id of the subscription has two digits, too.
  return fmt::format(
      "Home Assistant at ws://hubs:8123: it sent a frame of {} bytes that is no valid JSON; trying "
      "again",
      row.frame.size());
}

}  // namespace

TEST_CASE("A frame that is none ends the connection, and a strange message is passed over") {
  for (const FrameRow& row : frames) {
    CAPTURE(row.input);
    HostileHome home;
    home.send_frame(row.frame);
    check(
        {row.id, home_assistant, row.input, message_of(row), row.is_given_up ? anew : passed_over},
        home.warned());
    CHECK(home.document() == (row.is_given_up ? as_told : row.after));
    home.check_goes_on();
  }
}

TEST_CASE("Several messages in one frame are taken in their order, and a strange one between") {
  HostileHome home;
  home.send_frame(R"([{"id":4711,"type":"event","event":{}},{"type":"surprise"},)"
                  R"({"id":ID,"type":"event","event":{"c":{"sensor.s0":{"+":{"s":"7"}}}}}])");
  check({"B7", home_assistant, "an array of messages, strange ones among them", "",
         "those that were asked for are taken, the others passed over"},
        home.warned());
  CHECK(home.document() == R"({"state":"7","attributes":{}})");
  home.check_goes_on();
}

TEST_CASE("Home Assistant cannot make the bridge ask without end") {
  HostileHome home;
  std::string frame = "[";
  // Each of these has the configuration read again.
  for (int i = 0; i < 20'000; ++i) frame += R"({"id":2,"type":"event","event":{}},)";
  frame.back() = ']';
  home.send_frame(frame);
  check({"B7", home_assistant, "20,000 events at once that each want an answer of their own",
         "Home Assistant at ws://hubs:8123: it leaves more than 10000 questions unanswered; trying "
         "again",
         anew},
        home.warned());
  CHECK(home.document() == as_told);
  home.check_goes_on();
}

TEST_CASE("A configuration that cannot be read is told, and asked for again") {
  machines::Simulation simulation({.house = machines::sensors(2)});
  bool spoilt = false;
  simulation.on_ha_frame([&](std::string& text) {
    const auto at = text.find(R"("location_name")");
    if (spoilt || at == std::string::npos) return;
    spoilt = true;
    text.insert(at, R"("deep":)" + nested(100) + ",");
  });
  simulation.start_bridge();
  simulation.run(20s);
  check({"B2", home_assistant, "a configuration of 100 levels",
         "Home Assistant at ws://hubs:8123: its configuration cannot be read; see whether "
         "home_assistant.url is that of a Home Assistant; trying again",
         anew},
        warnings(simulation.log()));
  check_whole(simulation);
}
