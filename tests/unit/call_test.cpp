// Calls as they are read: the caller's words, and what is wrong with them.
#include "discovery/call.hpp"

#include <doctest/doctest.h>

using namespace discovery;

TEST_CASE("A call is read with its target, wherever that stands") {
  const auto [call, fault] = read_call(
      R"({"id":"7","reply_to":"statebus/main/reply/7","service":"light.turn_on","target":{)"
      R"("entity_id":["light.a","light.b"],"area_id":"kitchen","floor_id":null},)"
      R"("data":{"brightness":12,"device_id":"d1"},"return_response":true})");
  CHECK_FALSE(fault);
  CHECK(call.domain == "light");
  CHECK(call.service == "turn_on");
  CHECK(call.id == "7");
  CHECK(call.reply_to == "statebus/main/reply/7");
  CHECK(call.return_response);
  CHECK(call.data == Json{{"brightness", 12}});
  CHECK(to_json(call.target) == Json{{"entity_id", {"light.a", "light.b"}},
                                     {"area_id", {"kitchen"}},
                                     {"device_id", {"d1"}}});
}

TEST_CASE("Of a faulty call the fault is told, and what its answer needs") {
  const auto fault_of = [](const std::string& rest) {
    const auto [call, fault] = read_call(R"({"id":1,"reply_to":"r",)" + rest + "}");
    CHECK(call.id == 1);
    CHECK(call.reply_to == "r");
    REQUIRE(fault);
    CHECK(fault->code == "malformed");
    return fault->message.substr(0, fault->message.find(';'));
  };
  CHECK(fault_of(R"("service":"turn_on")") == "the call names no service, such as light.turn_on");
  CHECK(fault_of(R"("service":"light.turn_on","target":[])") ==
        "the call has a target that is no object");
  CHECK(fault_of(R"("service":"light.turn_on","target":{"entity":"x"})") ==
        "the call has a target with 'entity'");
  CHECK(fault_of(R"("service":"light.turn_on","target":{"area_id":[1]})") ==
        "the call has a target whose area_id is neither a text nor a list of texts");
  CHECK(fault_of(R"("service":"light.turn_on","data":1)") == "the call has data that is no object");
  CHECK(fault_of(R"("service":"light.turn_on","return_response":"yes")") ==
        "the call has a return_response that is not true or false");
  CHECK(read_call("[]").fault);
  CHECK(read_call(std::string(40, '[')).fault);
  CHECK(read_call('"' + std::string(call_bytes_max, 'x') + '"').fault);
}
