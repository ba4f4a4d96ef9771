#include "discovery/document.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Padded;

namespace {

std::string document(const State& state) {
  std::string out;
  append_document(out, state);
  return out;
}

State with(std::string_view name, std::string_view json) {
  State state{.value = "on"};
  state.attributes.set(name, json);
  return state;
}

}  // namespace

TEST_CASE("A document is one line of state, attributes and times") {
  State state{
      .value = "21.50", .last_changed = 1780308000'123456, .last_updated = 1780308005'000000};
  state.attributes.set("unit_of_measurement", "\"°C\"");
  state.attributes.set("battery", "0");
  CHECK(document(state) ==
        R"({"state":"21.50","attributes":{"battery":0,"unit_of_measurement":"°C"},)"
        R"("last_changed":"2026-06-01T10:00:00.123456+00:00",)"
        R"("last_updated":"2026-06-01T10:00:05+00:00"})");
}

TEST_CASE("A document without attributes or times is whole") {
  CHECK(document({}) == R"({"state":"","attributes":{},"last_changed":null,"last_updated":null})");
}

TEST_CASE("Attributes stand as Home Assistant wrote them, through a frame and back") {
  Home home;
  const Padded event(
      R"({"a":{"sensor.x":{"s":"\"a\"\n{{ b }} ü","a":{"z":21.40,"y":1e3,"x":null,"w":false,)"
      R"("v":"","u":[1.0,{"b":[],"a":{}}],"t":18446744073709551615,)"
      R"("it's \"q\"":"{{ }} \u00fc\\"},"lc":1}}})");
  home.apply_states(event, [](const StateChange&) {});
  CHECK(
      document(*home.find("sensor.x")->state) ==
      R"({"state":"\"a\"\n{{ b }} ü","attributes":{"it's \"q\"":"{{ }} \u00fc\\",)"
      R"("t":18446744073709551615,"u":[1.0,{"b":[],"a":{}}],"v":"","w":false,)"
      R"("x":null,"y":1e3,"z":21.40},)"
      R"("last_changed":"1970-01-01T00:00:01+00:00","last_updated":"1970-01-01T00:00:01+00:00"})");
}

TEST_CASE("Secrets and Home Assistant's own mark stay out") {
  for (const auto& [name, json] : std::initializer_list<std::pair<const char*, const char*>>{
           {"access_token", "\"1f\""},
           {"restored", "true"},
           {"entity_picture", R"("/api/camera_proxy/camera.door?token=1f")"},
           {"entity_picture_local", R"("/api/media_player_proxy/x?token=1f&cache=2")"}}) {
    CAPTURE(name);
    const State state = with(name, json);
    CHECK(left_out(*state.attributes.begin()));
    CHECK(document(state).find("1f") == std::string::npos);
    CHECK(document(state).find(name) == std::string::npos);
  }
}

TEST_CASE("What only looks like a secret stays in") {
  for (const auto& [name, json] : std::initializer_list<std::pair<const char*, const char*>>{
           {"entity_picture", R"("https://example.org/cover.jpg")"},
           {"entity_picture", "null"},
           {"media_url", R"("x?token=1")"},
           {"access_tokens", "1"},
           {"restored_at", "1"}}) {
    CAPTURE(name);
    const State state = with(name, json);
    CHECK_FALSE(left_out(*state.attributes.begin()));
    CHECK(document(state).find(json) != std::string::npos);
  }
}

TEST_CASE("Only unavailable and unknown are silent") {
  CHECK(is_silent({.value = "unavailable"}));
  CHECK(is_silent({.value = "unknown"}));
  for (const char* value : {"", "off", "None", "0", "Unavailable", "none"}) {
    CHECK_FALSE(is_silent({.value = value}));
  }
}
