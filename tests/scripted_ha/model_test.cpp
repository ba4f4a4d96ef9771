// The model and the protocol without sockets: which messages a change makes, byte by byte.
#include <doctest/doctest.h>

#include <vector>

#include "tests/scripted_ha/messages.hpp"
#include "tests/scripted_ha/protocol.hpp"

using namespace scripted_ha;

namespace {

/// A house whose clock stands at 1780308000.5 plus one second for each change, and one client.
struct Conversation {
  explicit Conversation(HouseOptions options = {}) : house(with_clock(std::move(options))) {
    client.receive(R"({"type":"auth","access_token":"token"})");
    sent.clear();
  }

  HouseOptions with_clock(HouseOptions options) {
    options.clock = [this] { return time; };
    return options;
  }

  /// Sends a command and gives what comes back at once.
  std::vector<std::string> say(const std::string& frame) {
    sent.clear();
    client.receive(frame);
    return sent;
  }

  /// What the client hears of a change, a second later.
  template <typename Change>
  std::vector<std::string> hear(Change change) {
    sent.clear();
    time += 1;
    change();
    return sent;
  }

  double time = 1780308000.5;
  House house;
  Services services{house};
  std::vector<std::string> sent;
  Connection client{house, services, [this](std::string text) { sent.push_back(text); }};
};

/// Context ids are random; their place is enough.
std::string without_ids(std::string text) {
  for (auto at = text.find("\"01"); at != std::string::npos; at = text.find("\"01", at + 1)) {
    text.replace(at, 28, "ID");
  }
  return text;
}

/// What only tells the difference between two orders of the same messages.
std::vector<std::string> kinds(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) {
    const Json event = Json::parse(text).at("event");
    all.push_back(event.contains("event_type") ? event.at("event_type").get<std::string>()
                                               : event.items().begin().key());
  }
  return all;
}

}  // namespace

TEST_CASE("differences are told in Home Assistant's words, the id last") {
  Conversation talk;
  const auto set = [&](const std::string& value, const Json& attributes) {
    const auto sent = talk.hear([&] { talk.house.set_state("light.a", value, attributes); });
    return sent.empty() ? "" : without_ids(sent.back());
  };
  const auto first = talk.say(R"({"id":7,"type":"subscribe_entities"})");
  REQUIRE(first.size() == 2);
  CHECK(first[0] == R"({"id":7,"type":"result","success":true,"result":null})");
  CHECK(first[1] == R"({"id":7,"type":"event","event":{"a":{}}})");
  CHECK(set("on", {{"n", 1}, {"x", "é"}}) ==
        R"({"type":"event","event":{"a":{"light.a":{"s":"on","a":{"n":1,"x":"é"},"c":ID,)"
        R"("lc":1780308001.5}}},"id":7})");
  CHECK(set("off", {{"n", 1}, {"x", "é"}}) ==
        R"({"type":"event","event":{"c":{"light.a":{"+":{"s":"off","lc":1780308002.5,"c":ID}}}},)"
        R"("id":7})");
  CHECK(set("off", {{"x", nullptr}, {"y", {1, 2}}}) ==
        R"({"type":"event","event":{"c":{"light.a":{"+":{"lu":1780308003.5,"c":ID,)"
        R"("a":{"x":null,"y":[1,2]}},"-":{"a":["n"]}}}},"id":7})");
  // Python finds these equal: the order of keys does not count, and True is 1.
  CHECK(set("off", {{"y", {true, 2.0}}, {"x", nullptr}}) == "");
  CHECK(talk.hear([&] { talk.house.remove_state("light.a"); }).back() ==
        R"({"type":"event","event":{"r":["light.a"]},"id":7})");
}

TEST_CASE("a context tells only those of its parts that changed") {
  Conversation talk;
  talk.house.set_state("switch.a", "off", Json::object());
  talk.say(R"({"id":1,"type":"subscribe_entities"})");
  const auto turn = [&](const std::string& service) {
    const auto sent = talk.say(R"({"id":)" + std::to_string(2 + talk.services.calls().size()) +
                               R"(,"type":"call_service","domain":"switch","service":")" + service +
                               R"(","target":{"entity_id":"switch.a"}})");
    return without_ids(sent.front());
  };
  const std::string user = talk.house.options().user_id;
  CHECK(turn("turn_on").find(R"("c":{"user_id":")" + user + R"(","id":ID})") != std::string::npos);
  CHECK(turn("turn_off").find(R"("c":ID)") != std::string::npos);
  const auto sent = talk.hear([&] { talk.house.set_state("switch.a", "on", Json::object()); });
  CHECK(without_ids(sent.back()).find(R"("c":{"user_id":null,"id":ID})") != std::string::npos);
}

TEST_CASE("2024.3 rounds times to microseconds and does not tell a new null") {
  Conversation talk({.version = "2024.3.3"});
  talk.time = 1780308000.1234567;
  talk.say(R"({"id":7,"type":"subscribe_entities"})");
  talk.house.set_state("light.a", "on", Json::object());
  CHECK(talk.sent.back().find(R"("lc":1780308000.123457)") != std::string::npos);
  talk.house.set_state("light.a", "on", {{"x", nullptr}});
  CHECK(talk.sent.back().find("\"a\":") == std::string::npos);
}

TEST_CASE("a renamed entity is told by the registry first, or by its states first") {
  Conversation talk;
  talk.house.add_entity({{"entity_id", "light.a"}}, "on", Json::object());
  talk.say(R"([{"id":1,"type":"subscribe_entities"},)"
           R"({"id":2,"type":"subscribe_events","event_type":"entity_registry_updated"}])");
  const auto first = talk.hear([&] { talk.house.rename_entity("light.a", "light.b"); });
  CHECK(kinds(first) == std::vector<std::string>{"entity_registry_updated", "r", "a"});
  CHECK(first[0].find(R"("data":{"action":"update","entity_id":"light.b",)"
                      R"("changes":{"entity_id":"light.a"},"old_entity_id":"light.a"})") !=
        std::string::npos);
  const auto second =
      talk.hear([&] { talk.house.rename_entity("light.b", "light.c", RenameOrder::states_first); });
  CHECK(kinds(second) == std::vector<std::string>{"r", "a", "entity_registry_updated"});
}

TEST_CASE("updates of entities and devices tell the old values, those of areas none") {
  Conversation talk;
  talk.house.create(Kind::areas, {{"area_id", "attic"}, {"name", "Attic"}});
  talk.house.create(Kind::devices, {{"id", "d1"}, {"name", "Lamp"}});
  talk.house.add_entity({{"entity_id", "light.a"}}, "on", {{"friendly_name", "A"}});
  talk.say(R"({"id":1,"type":"subscribe_events"})");
  const auto told = [&](Kind kind, const std::string& id, const Json& fields) {
    const auto sent = talk.hear([&] { talk.house.update(kind, id, fields); });
    return sent.empty() ? "" : to_text(Json::parse(sent.front()).at("event").at("data"));
  };
  CHECK(told(Kind::devices, "d1", {{"area_id", "attic"}}) ==
        R"({"action":"update","device_id":"d1","changes":{"area_id":null}})");
  CHECK(told(Kind::devices, "d1", {{"area_id", "attic"}}) == "");
  CHECK(told(Kind::areas, "attic", {{"name", "Loft"}}) ==
        R"({"action":"update","area_id":"attic"})");
  CHECK(told(Kind::entities, "light.a", {{"name", "Mine"}}) ==
        R"({"action":"update","entity_id":"light.a","changes":{"name":null}})");
  CHECK(member(talk.house.state("light.a")->attributes, "friendly_name") == "Mine");
  CHECK(told(Kind::entities, "light.a", {{"disabled_by", "user"}}) ==
        R"({"action":"update","entity_id":"light.a","changes":{"disabled_by":null}})");
  CHECK(talk.house.state("light.a") == nullptr);
}

TEST_CASE("a start shows registered entities as restored until they are there again") {
  Conversation talk;
  talk.house.add_entity({{"entity_id", "light.a"}}, "on",
                        {{"brightness", 5}, {"icon", "mdi:lamp"}});
  talk.house.set_state("sun.sun", "up", Json::object());
  talk.house.stop();
  talk.say(R"([{"id":1,"type":"subscribe_entities"},)"
           R"({"id":2,"type":"subscribe_events","event_type":"core_config_updated"}])");
  const auto starting = talk.hear([&] { talk.house.set_core_state(CoreState::starting); });
  REQUIRE(kinds(starting) == std::vector<std::string>{"core_config_updated", "a"});
  CHECK(
      starting[1].find(R"("light.a":{"s":"unavailable","a":{"restored":true,"icon":"mdi:lamp"})") !=
      std::string::npos);
  CHECK(kinds(talk.hear([&] { talk.house.load_states(); })) == std::vector<std::string>{"c", "a"});
  CHECK(kinds(talk.hear([&] { talk.house.set_core_state(CoreState::running); })) ==
        std::vector<std::string>{"core_config_updated"});
}

TEST_CASE("what a client may not do is refused with Home Assistant's codes") {
  Conversation talk({.admin = false, .unknown_commands = {"get_states"}});
  const auto code = [&](const std::string& frame) {
    return Json::parse(talk.say(frame).at(0)).at("error").at("code").get<std::string>();
  };
  CHECK(code(R"({"id":1,"type":"subscribe_events","event_type":"call_service"})") ==
        "unauthorized");
  CHECK(code(R"({"id":2,"type":"subscribe_events"})") == "unauthorized");
  CHECK(talk.say(R"({"id":3,"type":"subscribe_events","event_type":"core_config_updated"})")
            .at(0)
            .find("\"success\":true") != std::string::npos);
  CHECK(code(R"({"id":4,"type":"nonsense"})") == "unknown_command");
  CHECK(code(R"({"id":4,"type":"get_states"})") == "unknown_command");
  CHECK(code(R"({"id":3,"type":"ping"})") == "id_reuse");
  CHECK(code(R"({"type":"ping"})") == "invalid_format");
  CHECK(code(R"({"id":5,"type":"call_service","domain":1,"service":2})") == "invalid_format");
  CHECK_FALSE(talk.client.receive("{not json"));
}
