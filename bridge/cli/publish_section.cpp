#include "bridge/cli/publish_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace bridge::cli {
namespace {

void read_rule(Section& section, std::vector<discovery::FilterRule>& rules) {
  const std::size_t before = rules.size();
  for (const std::string way : {"exclude", "include"}) {
    const bool given = section.has(way);
    section.section(way, [&](Section& keys) {
      discovery::FilterRule rule;
      rule.include = way == "include";
      keys.text("entity", rule.entity);
      keys.text("domain", rule.domain);
      keys.text("integration", rule.integration);
      keys.text("device", rule.device);
      keys.text("area", rule.area);
      keys.text("label", rule.label);
      keys.choice("category", rule.category, {"config", "diagnostic"});
      bool hidden = false;
      const bool says_hidden = keys.has("hidden");
      keys.flag("hidden", hidden);
      if (says_hidden) rule.hidden = hidden;
      if (given) rules.push_back(rule);
    });
  }
  if (rules.size() != before + 1)
    section.fail("include", "or exclude: each rule has exactly one of them");
}

/// It becomes a level of a topic.
void check_event_type(const Section& section, const std::string& type) {
  const bool legal = !type.empty() && type.size() <= 64 &&
                     std::all_of(type.begin(), type.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
                     });
  if (!legal) {
    section.fail("events", fmt::format("has '{}'; an event type has 1 to 64 characters of a-z, "
                                       "A-Z, 0-9, _, . and -",
                                       type));
  }
  if (type == "state_changed" || type == "state_reported" || type.ends_with("_registry_updated")) {
    section.fail("events",
                 fmt::format("has '{}', which states and devices on the bus tell already", type));
  }
}

void read_images(Section& section, ImageSettings& images) {
  section.texts("include", images.include);
  section.number("max_bytes", images.max_bytes, 1'000, 5'000'000);
  section.duration("every", images.every);
  for (const std::string& glob : images.include) {
    if (glob.starts_with("camera.") || glob.starts_with("image.")) continue;
    section.fail("include", fmt::format("has '{}'; only camera.… and image.… have pictures", glob));
  }
  if (images.every < Time{1'000} || images.every > Time{24 * 3'600'000}) {
    section.fail("every", "must be from 1s to 24h");
  }
}

}  // namespace

void read_publish(Section& section, Settings& settings) {
  section.sections("filter", [&](Section& rule) { read_rule(rule, settings.filter); });
  section.section("images", [&](Section& s) { read_images(s, settings.images); });
  section.text("entity_id_prefix", settings.entity_id_prefix);
  for (const char c : settings.entity_id_prefix) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!legal) section.fail("entity_id_prefix", "may have a-z, 0-9 and _ only");
  }
  section.texts("events", settings.events);
  for (const std::string& type : settings.events) check_event_type(section, type);
  section.flag("device_triggers", settings.device_triggers);
}

}  // namespace bridge::cli
