#include "discovery/bus_event.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Padded;

TEST_CASE("An event's data is told as it was written") {
  const Padded event(
      R"({"event_type":"zha_event","data":{"b":1.50, "a":"\u00fc"},"origin":"LOCAL",)"
      R"("time_fired":"2026-06-01T10:00:00+00:00","context":{"id":"x"}})");
  const auto read = read_bus_event(event);
  REQUIRE(read.has_value());
  CHECK(read->data == R"({"b":1.50, "a":"\u00fc"})");
  CHECK(read->time_fired == R"("2026-06-01T10:00:00+00:00")");
}

TEST_CASE("What is no event of the bus is none") {
  for (const char* text :
       {"null", "[]", "{}", R"({"data":{}})", R"({"data":[],"time_fired":"x"})",
        R"({"data":{},"time_fired":1})", R"({"data":{)", R"({"variables":{},"context":{}})"}) {
    CAPTURE(text);
    const Padded event(text);
    CHECK_FALSE(read_bus_event(event).has_value());
  }
}

TEST_CASE("What Home Assistant goes by is not fired from outside") {
  for (const char* type : {"zha_event", "timer.finished", "ios.action_fired",
                           "mobile_app_notification_action", "X-1"}) {
    CAPTURE(type);
    CHECK(may_be_fired(type));
  }
  for (const char* type :
       {"", "state_changed", "state_reported", "call_service", "service_registered",
        "component_loaded", "user_removed", "homeassistant_stop", "homeassistant_started",
        "entity_registry_updated", "repairs_issue_registry_updated", "automation_reloaded",
        "recorder_hourly_statistics_generated", "statebus_refused", "*", "a b", "a\"", "ü"}) {
    CAPTURE(type);
    CHECK_FALSE(may_be_fired(type));
  }
  CHECK(may_be_fired(std::string(64, 'x')));
  CHECK_FALSE(may_be_fired(std::string(65, 'x')));
}
