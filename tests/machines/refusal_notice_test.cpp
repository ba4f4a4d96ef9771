// A refusal in words for people.
#include "bridge/refusal_notice.hpp"

#include <doctest/doctest.h>

using bridge::Notice;
using bridge::notice_of;
using discovery::Json;

TEST_CASE("A notice says what was refused, why, and what to do") {
  const Notice notice = notice_of("hubs", Json::parse(R"({"code":"denied","entity_id":"lock.door",
      "message":"commands.deny names lock.*","service":"unlock"})"));
  CHECK(notice.id == "statebus_refused_hubs_lock.door");
  CHECK(notice.title == "hubs did not carry out a command");
  CHECK(notice.message ==
        "`unlock` for `lock.door` was not carried out at hubs: commands.deny names lock.*. Take it "
        "out of commands.deny in the configuration of hubs to allow it. (denied)");
}

TEST_CASE("An error of Home Assistant itself leads to its log") {
  const Notice notice = notice_of("hubs", Json::parse(R"({"code":"home_assistant_error",
      "entity_id":"switch.coffee","message":"No coffee."})"));
  CHECK(notice.message ==
        "A command for `switch.coffee` was not carried out at hubs: No coffee. The log of the Home "
        "Assistant of hubs may tell more. (home_assistant_error)");
}

TEST_CASE("A refusal without an entity has a notice of its service") {
  const Notice notice = notice_of("hubs", Json::parse(R"({"code":"timeout","message":"no answer",
      "service":"weather.get_forecasts"})"));
  CHECK(notice.id == "statebus_refused_hubs_weather.get_forecasts");
  CHECK(notice.message.starts_with("`weather.get_forecasts` was not carried out at hubs: no ans"));
}

TEST_CASE("What others write makes neither markup nor a page of text") {
  const std::string markup = "`<img src=x>` [a](http://x) {} ![b](y)\n";
  const Notice notice = notice_of("hubs", {{"code", markup},
                                           {"entity_id", markup},
                                           {"service", markup},
                                           {"message", markup + std::string(10'000, 'x')}});
  for (const char* part : {"<", ">", "[", "]", "\n"}) {
    CAPTURE(part);
    CHECK(notice.message.find(part) == std::string::npos);
    CHECK(notice.title.find(part) == std::string::npos);
  }
  CHECK(notice.message.size() < 1'200);
}
