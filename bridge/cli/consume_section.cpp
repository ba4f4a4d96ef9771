#include "bridge/cli/consume_section.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "bridge/consumers.hpp"
#include "discovery/topic.hpp"

namespace bridge::cli {
namespace {

void read_follow(Section& section, FollowSettings& follow) {
  static const std::map<std::string, bool FollowSettings::*> facts{
      {"areas", &FollowSettings::areas},
      {"labels", &FollowSettings::labels},
      {"names", &FollowSettings::names},
      {"hidden", &FollowSettings::hidden}};
  std::vector<std::string> words;
  for (const auto& [word, fact] : facts) words.push_back(word);
  section.texts("follow", words);
  for (const auto& [word, fact] : facts) follow.*fact = false;
  for (const std::string& word : words) {
    const auto found = facts.find(word);
    if (found == facts.end()) {
      section.fail("follow",
                   fmt::format("has '{}'; it takes areas, labels, names and hidden", word));
    }
    follow.*found->second = true;
  }
}

}  // namespace

void read_prefix(Section& section, const Settings& settings, std::string& prefix) {
  section.text("prefix", prefix);
  if (prefix.empty()) return;
  if (!discovery::valid_topic_prefix(prefix)) {
    section.fail("prefix", topic_prefix_form);
  }
  if (!valid_discovery_prefix(prefix, settings.root)) {
    section.fail("prefix",
                 "is the root or below it; Home Assistant would read documents as announcements");
  }
}

void read_consume(Section& section, Settings& settings) {
  ConsumeSettings& consume = settings.consume;
  read_prefix(section, settings, consume.prefix);
  const std::vector<std::string> all = consume.from;
  section.texts("from", consume.from);
  read_follow(section, consume.follow);
  section.flag("events", consume.events);
  section.flag("notify_refusals", consume.notify_refusals);
  if (consume.prefix.empty() && consume.from != all) {
    section.fail("prefix",
                 "is missing; name the discovery prefix that this Home Assistant listens "
                 "on, or write consume: false");
  }
}

}  // namespace bridge::cli
