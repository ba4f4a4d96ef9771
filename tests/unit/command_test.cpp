#include "discovery/command.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;

namespace {

CommandResult read(const Domain& domain, const std::string& payload, std::string_view slot = {}) {
  return read_command(domain, std::string(domain.name) + ".x", slot, payload);
}

ServiceCall call_of(const Domain& domain, const std::string& payload) {
  const CommandResult result = read(domain, payload);
  CAPTURE(payload);
  REQUIRE(std::holds_alternative<ServiceCall>(result));
  return std::get<ServiceCall>(result);
}

/// The code of a refusal; "" for a call.
std::string_view refusal_of(const CommandResult& result) {
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? "" : refusal->code;
}

ServiceCall part_of(std::string_view service, const Json& data = Json::object()) {
  return {"climate.x", std::string(service), data, {}};
}

}  // namespace

TEST_CASE("A command is read into a call for the entity of its topic") {
  const ServiceCall call =
      call_of(kinds::switch_, R"({"service":"turn_on","data":{"a":0},"id":"i"})");
  CHECK(call.entity_id == "switch.x");
  CHECK(call.domain() == "switch");
  CHECK(call.service == "turn_on");
  CHECK(call.data == Json{{"a", 0}});
  CHECK(call.id == "i");
}

TEST_CASE("Data and id may be left out") {
  for (const char* payload :
       {R"({"service":"turn_on"})", R"({"service":"turn_on","data":null})",
        R"({"service":"turn_on","data":{}})", R"({"service":"turn_on","id":""})",
        R"({"service":"turn_on","id":null})"}) {
    const ServiceCall call = call_of(kinds::switch_, payload);
    CHECK(call.data == Json::object());
    CHECK(call.id.empty());
  }
}

TEST_CASE("An id that is no text is taken as its JSON") {
  CHECK(call_of(kinds::switch_, R"({"service":"turn_on","id":7})").id == "7");
  CHECK(call_of(kinds::switch_, R"({"service":"turn_on","id":["a",1]})").id == R"(["a",1])");
}

TEST_CASE("Null data is dropped; 0, false and the empty text are not") {
  const Json data = call_of(kinds::text, R"({"service":"set_value","data":
      {"a":null,"b":0,"c":false,"d":"","e":[null],"f":"{{ it's \"x\" }}"}})")
                        .data;
  CHECK(data ==
        Json{{"b", 0}, {"c", false}, {"d", ""}, {"e", {nullptr}}, {"f", "{{ it's \"x\" }}"}});
}

TEST_CASE("What is no command is refused as malformed") {
  for (const char* payload :
       {"", " ", "ON", "turn_on", "null", "[]", "7", "\"turn_on\"", "{", "{}", "{\"data\":{}}",
        "{\"service\":null}", "{\"service\":7}", "{\"service\":[\"turn_on\"]}",
        "{\"service\":\"turn_on\",\"data\":[]}", "{\"service\":\"turn_on\",\"data\":\"x\"}",
        "{\"service\":\"turn_on\",\"data\":0}", "{\"service\":\"turn_on\",\"data\":false}",
        "\xff"}) {
    CAPTURE(payload);
    const CommandResult result = read(kinds::switch_, payload);
    CHECK(refusal_of(result) == "malformed");
    const std::string& message = std::get<Refusal>(result).message;
    CHECK(message.find("switch.x") != std::string::npos);
    CHECK(message.find("; send ") != std::string::npos);
  }
}

TEST_CASE("A command beyond its limits is refused, one at the limit is not") {
  const std::string start = R"({"service":"turn_on","data":{"a":")";
  const std::string fill(command_bytes_max - start.size() - 3, 'x');
  CHECK(refusal_of(read(kinds::switch_, start + fill + "\"}}")).empty());
  CHECK(refusal_of(read(kinds::switch_, start + fill + "x\"}}")) == "malformed");
  const auto nested = [](std::size_t levels) {
    return R"({"service":"turn_on","data":{"a":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}}";
  };
  CHECK(refusal_of(read(kinds::switch_, nested(json_depth_max - 2))).empty());
  CHECK(refusal_of(read(kinds::switch_, nested(json_depth_max - 1))) == "malformed");
}

TEST_CASE("Only the services of the kind's table are taken") {
  for (const char* service :
       {"", "toggle", "switch.turn_on", "Turn_on", "turn_on ", "homeassistant.restart"}) {
    const CommandResult result = read(kinds::switch_, to_text(Json{{"service", service}}));
    CHECK(refusal_of(result) == "unknown_service");
    CHECK(std::get<Refusal>(result).message.find("it takes turn_on, turn_off") !=
          std::string::npos);
  }
  const CommandResult result = read(kinds::sensor, R"({"service":"turn_on"})");
  CHECK(refusal_of(result) == "unknown_service");
  CHECK(std::get<Refusal>(result).message.find("read-only") != std::string::npos);
}

TEST_CASE("A command that names a target is refused, even with null") {
  for (const char* key : {"entity_id", "device_id", "area_id", "floor_id", "label_id"}) {
    for (const Json& value : {Json("switch.x"), Json(nullptr), Json::array()}) {
      CAPTURE(key);
      const Json payload{{"service", "turn_on"}, {"data", {{key, value}}}};
      CHECK(refusal_of(read(kinds::switch_, to_text(payload))) == "target_not_allowed");
      const Json outside{{"service", "turn_on"}, {key, value}};
      CHECK(refusal_of(read(kinds::switch_, to_text(outside))) == "target_not_allowed");
    }
  }
}

TEST_CASE("A command with a target of its own is refused") {
  const Json payload{{"service", "turn_on"}, {"target", {{"entity_id", "switch.y"}}}};
  CHECK(refusal_of(read(kinds::switch_, to_text(payload))) == "target_not_allowed");
}

TEST_CASE("A slot that the kind has not is refused") {
  CHECK(refusal_of(read(kinds::switch_, R"({"service":"turn_on"})", "kelvin")) == "unknown_slot");
  CHECK(refusal_of(read(kinds::light, R"({"state":"ON"})", "basic")) == "unknown_slot");
  CHECK(refusal_of(read(kinds::light, R"({"state":"ON"})", "kelvin/x")) == "unknown_slot");
  CHECK(refusal_of(read(kinds::light, R"({"state":"ON"})", "kelvin")).empty());
  CHECK(refusal_of(read(kinds::light, R"({"service":"turn_on"})", "kelvin")) == "malformed");
}

TEST_CASE("The ends of a range that main has split become one call again") {
  ServiceCall waiting = part_of("set_temperature", {{"target_temp_low", 20}});
  CHECK(merge_command(kinds::climate, waiting,
                      part_of("set_temperature", {{"target_temp_high", 24.5}})));
  CHECK(waiting.service == "set_temperature");
  CHECK(waiting.data == Json{{"target_temp_low", 20}, {"target_temp_high", 24.5}});
}

TEST_CASE("A mode stays a call of its own beside temperatures") {
  ServiceCall waiting = part_of("set_hvac_mode", {{"hvac_mode", "heat"}});
  CHECK_FALSE(
      merge_command(kinds::climate, waiting, part_of("set_temperature", {{"temperature", 20}})));
  CHECK(waiting.service == "set_hvac_mode");
}

TEST_CASE("Of the same argument the later one counts") {
  ServiceCall waiting = part_of("set_temperature", {{"temperature", 20}});
  CHECK(merge_command(kinds::climate, waiting, part_of("set_temperature", {{"temperature", 0}})));
  CHECK(waiting.service == "set_temperature");
  CHECK(waiting.data == Json{{"temperature", 0}});
}

TEST_CASE("A part that stays alone keeps its service") {
  ServiceCall waiting{"fan.x", "set_percentage", {{"percentage", 10}}, {}};
  CHECK(merge_command(kinds::fan, waiting, {"fan.x", "set_percentage", {{"percentage", 20}}, {}}));
  CHECK(waiting.service == "set_percentage");
}

TEST_CASE("A fan that is turned on with a speed is one call") {
  ServiceCall waiting{"fan.x", "turn_on", Json::object(), {}};
  CHECK(merge_command(kinds::fan, waiting, {"fan.x", "set_percentage", {{"percentage", 66}}, {}}));
  CHECK(merge_command(kinds::fan, waiting,
                      {"fan.x", "set_preset_mode", {{"preset_mode", "eco"}}, {}}));
  CHECK(waiting.service == "turn_on");
  CHECK(waiting.data == Json{{"percentage", 66}, {"preset_mode", "eco"}});
  CHECK_FALSE(merge_command(kinds::fan, waiting, {"fan.x", "turn_off", Json::object(), {}}));
}

TEST_CASE("What does not belong together is not put together") {
  const ServiceCall part = part_of("set_temperature", {{"temperature", 20}});
  ServiceCall waiting = part;
  ServiceCall other = part;
  other.entity_id = "climate.y";
  CHECK_FALSE(merge_command(kinds::climate, waiting, other));
  other = part;
  other.id = "1";
  CHECK_FALSE(merge_command(kinds::climate, waiting, other));
  CHECK_FALSE(merge_command(kinds::climate, other, part));
  CHECK_FALSE(merge_command(kinds::climate, waiting, part_of("set_fan_mode")));
  ServiceCall fan_mode = part_of("set_fan_mode");
  CHECK_FALSE(merge_command(kinds::climate, fan_mode, part));
  CHECK(waiting.data == part.data);
}

TEST_CASE("Only parts of split calls are waited for") {
  CHECK_FALSE(may_be_part(kinds::climate, part_of("set_hvac_mode")));
  CHECK(may_be_part(kinds::climate, part_of("set_temperature")));
  CHECK_FALSE(may_be_part(kinds::climate, part_of("turn_on")));
  CHECK_FALSE(may_be_part(kinds::switch_, part_of("turn_on")));
}

TEST_CASE("The other end of a range comes from the state") {
  State state;
  state.attributes.set("target_temp_low", "18.5");
  state.attributes.set("target_temp_high", "24");
  const auto completed = [&](Json data) {
    kinds::climate.complete(state, data);
    return data;
  };
  CHECK(completed({{"target_temp_low", 0}}) ==
        Json{{"target_temp_low", 0}, {"target_temp_high", 24}});
  CHECK(completed({{"target_temp_high", 30}}) ==
        Json{{"target_temp_low", 18.5}, {"target_temp_high", 30}});
  CHECK(completed({{"temperature", 20}}) == Json{{"temperature", 20}});
  const Json both{{"target_temp_low", 1}, {"target_temp_high", 2}};
  CHECK(completed(both) == both);
  state.attributes.set("target_temp_high", "null");
  CHECK(completed({{"target_temp_low", 20}}) == Json{{"target_temp_low", 20}});
  state.attributes.erase("target_temp_high");
  CHECK(completed({{"target_temp_low", 20}}) == Json{{"target_temp_low", 20}});
}
