#include "discovery/index.hpp"

#include <doctest/doctest.h>

using namespace discovery;

TEST_CASE("A bucket lists its topics sorted, so that its bytes depend on them alone") {
  CHECK(index_payload({}) == "[]");
  CHECK(index_payload({"b", "a"}) == R"(["a","b"])");
  CHECK(index_payload({"b", "a"}) == index_payload({"a", "b"}));
}

TEST_CASE("A bucket is read back as it was written") {
  const std::vector<std::string> topics{"a/\"b\"", "statebus/hubs/state/light/kitchen",
                                        "ü/{{ x }}"};
  CHECK(read_index(index_payload({topics[2], topics[0], topics[1]})) == topics);
  CHECK(read_index("[]") == std::vector<std::string>{});
}

TEST_CASE("What is no list of texts is no bucket") {
  for (const char* payload : {"", "null", "{}", "\"a\"", "[1]", "[null]", "[\"a\",[]]", "[\"a\""}) {
    CAPTURE(payload);
    CHECK(read_index(payload) == std::nullopt);
  }
}

TEST_CASE("A bucket beyond the limit is not read") {
  const std::string topic(index_bytes_max, 'x');
  CHECK(read_index(index_payload({topic})) == std::nullopt);
}

TEST_CASE("A name that no broker takes is passed over") {
  for (const char* topic :
       {"statebus/hubs/state/light/+", "a/#", "a/b+", "a\\u0000b", "a\\u0080", ""}) {
    CAPTURE(topic);
    const std::string payload = R"(["a",")" + std::string(topic) + R"(","b"])";
    CHECK(read_index(payload) == std::vector<std::string>{"a", "b"});
  }
}
