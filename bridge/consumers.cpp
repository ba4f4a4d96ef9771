#include "bridge/consumers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "discovery/filter.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

constexpr std::size_t info_bytes_max = 64 * 1024;
// More than a home has; each costs every bridge an announcement of each entity.
constexpr std::size_t instances_max = 100;
constexpr std::size_t globs_max = 100;

/// Whether one of the globs is for this instance; without a list all are meant.
bool is_meant(const discovery::Json& consumes, const std::string& instance) {
  const auto from = consumes.find("from");
  if (from == consumes.end() || !from->is_array()) return true;
  std::vector<std::string> globs;
  for (const discovery::Json& glob : *from) {
    if (glob.is_string() && globs.size() < globs_max) globs.push_back(glob.get<std::string>());
  }
  return discovery::matching_glob(globs, instance) != nullptr;
}

}  // namespace

bool valid_discovery_prefix(std::string_view prefix, std::string_view root) {
  if (!discovery::valid_topic_prefix(prefix)) return false;
  const bool is_below =
      prefix.starts_with(root) && (prefix.size() == root.size() || prefix[root.size()] == '/');
  return !is_below;
}

Consumers::Consumers(const Settings& settings, const discovery::Topics& topics)
    : settings_(settings), topics_(topics) {
  gather();
}

void Consumers::heard(std::string_view instance, std::string_view info) {
  if (instance == topics_.instance()) return;
  const auto known = by_instance_.find(instance);
  if (info.empty()) {
    if (known != by_instance_.end()) by_instance_.erase(known);
    return gather();
  }
  const auto json = discovery::parse_json(info, info_bytes_max);
  if (!json || !json->is_object()) return;
  const auto consumes = json->find("consumes");
  if (consumes == json->end()) {
    if (known != by_instance_.end()) by_instance_.erase(known);
    return gather();
  }
  if (!consumes->is_object()) return;
  Asking asking;
  asking.prefix = discovery::text_at(*consumes, "prefix");
  if (!valid_discovery_prefix(asking.prefix, settings_.root)) return;
  asking.from_here = is_meant(*consumes, topics_.instance());
  // A bridge that has just started does not know its Home Assistant yet.
  asking.version =
      discovery::parse_version(discovery::text_at(*json, "ha_version"))
          .value_or(known == by_instance_.end() ? discovery::Version{} : known->second.version);
  if (known == by_instance_.end() && by_instance_.size() == instances_max) return;
  by_instance_.insert_or_assign(std::string(instance), std::move(asking));
  gather();
}

void Consumers::set_source(discovery::Version version) {
  if (std::exchange(source_, version) != version) ++changes_;
  gather();
}

void Consumers::gather() {
  const discovery::Version usual = settings_.announce_version.value_or(source_);
  std::map<std::string, discovery::Version> by_prefix;
  for (const auto& [instance, asking] : by_instance_) {
    if (!asking.from_here) continue;
    const discovery::Version version =
        asking.version == discovery::Version{} ? usual : asking.version;
    const auto [place, is_new] = by_prefix.emplace(asking.prefix, version);
    // Two that listen under one prefix get the form that the older one takes.
    if (!is_new) place->second = std::min(place->second, version);
  }
  if (by_instance_.empty()) by_prefix.emplace(settings_.announce_prefix, usual);
  by_prefix.erase(settings_.consume.prefix);
  if (!settings_.publish) by_prefix.clear();
  std::vector<discovery::Consumer> asked;
  for (const auto& [prefix, version] : by_prefix) asked.push_back({prefix, version});
  if (std::exchange(asked_, std::move(asked)) != asked_) ++changes_;
  std::erase_if(proven_, [&](const std::string& prefix) { return !is_asked(prefix); });
  if (!is_asked(own_)) own_.clear();
  choose();
}

/// Who gets all.
void Consumers::choose() {
  std::vector<discovery::Consumer> all = asked_;
  std::erase_if(
      all, [&](const auto& each) { return each.prefix == own_ || !proven_.contains(each.prefix); });
  if (std::exchange(all_, std::move(all)) != all_) ++changes_;
}

bool Consumers::is_asked(std::string_view prefix) const {
  return std::any_of(asked_.begin(), asked_.end(),
                     [&](const auto& each) { return each.prefix == prefix; });
}

std::vector<discovery::Consumer> Consumers::unproven() const {
  // Asked with each step, and as a rule there are none.
  std::vector<discovery::Consumer> unproven;
  std::copy_if(asked_.begin(), asked_.end(), std::back_inserter(unproven),
               [&](const auto& each) { return each.prefix != own_ && !is_proven(each.prefix); });
  return unproven;
}

void Consumers::prove(const std::string& prefix) {
  if (proven_.insert(prefix).second) choose();
}

void Consumers::prove_all() {
  for (const discovery::Consumer& each : asked_) prove(each.prefix);
}

void Consumers::set_own(std::string prefix) {
  if (prefix == own_) return;
  own_ = std::move(prefix);
  proven_.erase(own_);
  choose();
  ++changes_;
}

const discovery::Consumer* Consumers::at(std::string_view announcement_topic) const {
  const auto found = std::find_if(asked_.begin(), asked_.end(), [&](const auto& consumer) {
    return topics_.parse_announcement(consumer.prefix, announcement_topic).has_value();
  });
  return found == asked_.end() ? nullptr : &*found;
}

}  // namespace bridge
