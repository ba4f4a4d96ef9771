#include "bridge/rights.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

using namespace bridge;

namespace {

const std::vector<std::string> prefixes{"homeassistant"};

/// Whether a filter takes a topic, as brokers decide it.
bool matches(std::string_view filter, std::string_view topic) {
  while (!filter.empty()) {
    if (filter == "#") return true;
    const auto filter_end = filter.find('/');
    const auto topic_end = topic.find('/');
    const std::string_view level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    if ((filter_end == std::string_view::npos) != (topic_end == std::string_view::npos)) {
      return false;
    }
    if (filter_end == std::string_view::npos) return true;
    filter.remove_prefix(filter_end + 1);
    topic.remove_prefix(topic_end + 1);
  }
  return false;
}

bool allows(const Right& right, Access access, const std::string& topic) {
  return (right.access == access || right.access == Access::readwrite) &&
         matches(right.filter, topic);
}

std::vector<Right> rights_of(const ConsumeSettings& consume = {}) {
  return rights_of_instance({"statebus", "hubs"}, prefixes, consume);
}

bool any_allows(const std::vector<Right>& rights, Access access, const std::string& topic) {
  return std::any_of(rights.begin(), rights.end(),
                     [&](const Right& each) { return allows(each, access, topic); });
}

bool has_line(const std::vector<Right>& rights, const std::string& line) {
  return std::any_of(rights.begin(), rights.end(),
                     [&](const Right& each) { return acl_line(each) == line; });
}

}  // namespace

TEST_CASE("Each attempt shows its own right and no other one") {
  const std::vector<Right> rights = rights_of({.prefix = "hubs_ha"});
  for (const Right& right : rights) {
    CAPTURE(acl_line(right));
    REQUIRE_FALSE(right.attempts.empty());
    // What may be written and read is found by what comes back, should the one be allowed twice.
    const Access access = right.access == Access::write ? Access::write : Access::read;
    for (const Attempt& attempt : right.attempts) {
      CAPTURE(attempt.topic);
      CHECK(allows(right, access, attempt.topic));
      CHECK((right.access == Access::write) == attempt.filter.empty());
      const auto others = std::count_if(rights.begin(), rights.end(), [&](const Right& each) {
        return allows(each, access, attempt.topic);
      });
      CHECK(others == 1);
      // What is to come back must be written first.
      CHECK(any_allows(rights, Access::write, attempt.topic));
    }
  }
}

TEST_CASE("No right covers what an instance should not do") {
  const std::vector<Right> rights = rights_of({.prefix = "hubs_ha"});
  const discovery::Topics topics("statebus", "hubs");
  for (const Right& excess : excesses_of_instance(topics, prefixes)) {
    CAPTURE(excess.purpose);
    CHECK_FALSE(any_allows(rights, excess.access, excess.attempts.front().topic));
  }
  const discovery::Topics other("statebus", "media");
  for (const std::string& topic :
       {other.state("light.tv"), other.command("light.tv"), other.call(), other.info(),
        other.announcement("homeassistant", "light", "statebus-media-tv"),
        std::string(discovery::birth_topic)}) {
    CAPTURE(topic);
    CHECK_FALSE(any_allows(rights, Access::write, topic));
  }
  for (const std::string& topic :
       {other.command("light.tv"), other.call(), other.reply("a"), other.image("camera.door")}) {
    CAPTURE(topic);
    CHECK_FALSE(any_allows(rights, Access::read, topic));
  }
}

TEST_CASE("Only an instance that consumes reads what follows, and calls others offline") {
  CHECK_FALSE(has_line(rights_of(), "topic read statebus/+/areas"));
  CHECK_FALSE(has_line(rights_of(), "topic write statebus/+/status"));
  CHECK(has_line(rights_of(), "topic read statebus/+/status"));
  const std::vector<Right> all = rights_of({.prefix = "hubs_ha"});
  for (const char* line :
       {"topic read statebus/+/areas", "topic read statebus/+/entity/+/+",
        "topic read statebus/+/fired/+", "topic read statebus/+/refused",
        "topic write statebus/+/status", "topic write statebus/+/command/+/+/announce"}) {
    CAPTURE(line);
    CHECK(has_line(all, line));
  }
  ConsumeSettings less{.prefix = "hubs_ha", .events = false};
  less.follow = {false, false, false, false};
  CHECK_FALSE(has_line(rights_of(less), "topic read statebus/+/areas"));
  CHECK_FALSE(has_line(rights_of(less), "topic read statebus/+/fired/+"));
  CHECK_FALSE(has_line(rights_of(less), "topic read statebus/+/refused"));
  less.notify_refusals = true;
  CHECK(has_line(rights_of(less), "topic read statebus/+/refused"));
}

TEST_CASE("No line stands there twice") {
  std::vector<std::string> lines;
  for (const Right& right : rights_of({.prefix = "hubs_ha"})) lines.push_back(acl_line(right));
  std::sort(lines.begin(), lines.end());
  CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
}
