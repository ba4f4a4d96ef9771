#include "discovery/reason.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;
using tests::Subject;

TEST_CASE("Each reason has a code of its own, and one sentence for why and for what to do") {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const ReasonText& text = about(static_cast<Reason>(i));
    CAPTURE(text.code);
    CHECK(codes.insert(text.code).second);
    CHECK(text.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    for (const std::string_view sentence : {text.why, text.remedy}) {
      CHECK(sentence.size() > 5);
      CHECK(sentence.back() != '.');
    }
  }
}

TEST_CASE("A stand-in says whether statebus, the release or the entity is the reason") {
  const auto why = [](const char* entity_id, Version release, const Json& attributes) {
    const Subject subject(tests::state_of(entity_id, "on", attributes));
    const Description description = subject.description();
    const Consumer consumer{{}, release};
    return why_stand_in(facts_of(description, consumer, release));
  };
  const Json none = Json::object();
  CHECK(why("media_player.radio", newest_release, none) == Reason::no_platform);
  CHECK(why("notify.phone", oldest_release, none) == Reason::old_release);
  CHECK(why("notify.phone", newest_release, none) == Reason::published);
  CHECK(why("group.all", newest_release, {{"entity_id", {"light.a"}}}) == Reason::published);
  CHECK(why("group.all", newest_release, {{"entity_id", {"sensor.a"}}}) == Reason::mixed_group);
  CHECK(why("tts.a", newest_release, none) == Reason::not_configured);
  CHECK(why("camera.a", oldest_release, none) == Reason::not_configured);
  CHECK(why("sensor.a", oldest_release, none) == Reason::published);
  CHECK(why("input_boolean.a", oldest_release, none) == Reason::published);
}
