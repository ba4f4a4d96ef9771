#include "discovery/filter.hpp"

#include <algorithm>

#include "discovery/identity.hpp"

namespace discovery {
namespace {

/// Entities of singletons and of Home Assistant itself: every instance has them, they would clash
/// on main and say nothing of the home.
const FilterRule left_out[] = {
    {.domain = "sun"},
    {.integration = "sun"},
    {.entity = "zone.home"},
    {.integration = "backup"},
    {.integration = "hassio"},
    {.entity = "update.home_assistant_*"},
    {.entity = "conversation.home_assistant"},
    {.entity = "tts.home_assistant_cloud"},
    {.entity = "stt.home_assistant_cloud"},
    {.hidden = true},
};

bool matches_name(const std::string& wanted, std::string_view id, std::string_view name) {
  return wanted == id || matches_glob(wanted, name);
}

bool matches_device(const std::string& wanted, const Home& home, const EntityEntry& entry) {
  const DeviceEntry* device = home.device(entry.device_id);
  return device != nullptr && matches_name(wanted, device->id, device->name);
}

bool matches_label(const std::string& wanted, const Home& home, const EntityEntry& entry) {
  const DeviceEntry* device = home.device(entry.device_id);
  const auto has = [&](const std::vector<std::string>& labels) {
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& id) {
      const auto label = home.labels().find(id);
      return matches_name(wanted, id, label == home.labels().end() ? id : label->second.name);
    });
  };
  return has(entry.labels) || (device != nullptr && has(device->labels));
}

bool matches(const FilterRule& rule, const Home& home, const Entity& entity) {
  static const EntityEntry unregistered;
  const EntityEntry& entry = entity.entry ? *entity.entry : unregistered;
  if (!rule.entity.empty() && !matches_glob(rule.entity, entity.id)) return false;
  if (!rule.domain.empty() && rule.domain != entity.domain()) return false;
  if (!rule.integration.empty() && rule.integration != entry.platform) return false;
  if (!rule.category.empty() && rule.category != entry.entity_category) return false;
  if (rule.hidden && *rule.hidden == entry.hidden_by.empty()) return false;
  if (!rule.device.empty() && !matches_device(rule.device, home, entry)) return false;
  if (!rule.label.empty() && !matches_label(rule.label, home, entry)) return false;
  if (rule.area.empty()) return true;
  const Place* area = home.area_of(entity);
  return area != nullptr && matches_name(rule.area, area->id, area->name);
}

}  // namespace

std::string to_text(const FilterRule& rule) {
  std::string text;
  const auto put = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    text += text.empty() ? "" : ", ";
    (text += key) += value;
  };
  put("entity: ", rule.entity);
  put("domain: ", rule.domain);
  put("integration: ", rule.integration);
  put("device: ", rule.device);
  put("area: ", rule.area);
  put("label: ", rule.label);
  put("category: ", rule.category);
  if (rule.hidden) put("hidden: ", *rule.hidden ? "true" : "false");
  return (rule.include ? "include: {" : "exclude: {") + text + "}";
}

bool matches_glob(std::string_view glob, std::string_view text) {
  // The usual two-pointer walk: on a mismatch the last star takes one character more.
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t]) && glob[g] != '*') {
      ++g;
      ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

const std::string* matching_glob(const std::vector<std::string>& globs, std::string_view text) {
  const auto found = std::find_if(globs.begin(), globs.end(), [&](const std::string& glob) {
    return matches_glob(glob, text);
  });
  return found == globs.end() ? nullptr : &*found;
}

Filter::Filter(std::vector<FilterRule> rules) : rules_(std::move(rules)) {}

Reason Filter::judge(const Home& home, const Entity& entity) const {
  if (!valid_entity_id(entity.id)) return Reason::invalid_id;
  if (is_mirror(home, entity)) return Reason::mirror;
  if (entity.entry && !entity.entry->disabled_by.empty()) return Reason::disabled;
  if (const FilterRule* rule = rule_for(home, entity)) {
    return rule->include ? Reason::published : Reason::filtered;
  }
  const auto out =
      std::find_if(std::begin(left_out), std::end(left_out),
                   [&](const FilterRule& rule) { return matches(rule, home, entity); });
  if (out == std::end(left_out)) return Reason::published;
  return out->hidden ? Reason::hidden : Reason::left_out;
}

const FilterRule* Filter::rule_for(const Home& home, const Entity& entity) const {
  const auto last = std::find_if(rules_.rbegin(), rules_.rend(), [&](const FilterRule& rule) {
    return matches(rule, home, entity);
  });
  return last == rules_.rend() ? nullptr : &*last;
}

}  // namespace discovery
