#include "bridge/cli/checkup.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "bridge/neighbor_facts.hpp"
#include "discovery/domains.hpp"

namespace bridge::cli {
namespace {

/// That an instance tells in its info, another one at each start of its bridge; 0: none.
std::int64_t epoch_of(const std::string& info) {
  const auto read = read_neighbor_info(info);
  return read ? read->epoch : 0;
}

}  // namespace

void Checkup::find_ha(std::vector<Finding>& out) const {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "home_assistant", std::move(text)});
  };
  if (!ha_.survey().is_complete()) return add(Mark::bad, ha_.trouble());
  const HaConfig& config = ha_.survey().config();
  add(Mark::good,
      fmt::format("{} at {}, '{}'", config.version_text, config_.ha.url, config.location_name));
  if (!config.running) add(Mark::note, "it is still starting; what follows may lack entities");
  if (config.recovery_mode)
    add(Mark::bad, "it is in recovery mode; its integrations are not loaded");
  if (config_.settings.consume.follows() && ha_.survey().admin() == Survey::Admin::no) {
    add(Mark::note,
        "the user of home_assistant.token_file is no administrator, so that areas, labels, names "
        "and hidden flags of other instances do not follow; make it one, or write consume.follow: "
        "[]");
  }
  if (config_.settings.read_only) {
    add(Mark::note, "commands.read_only is set: every command and every call will be refused");
  }
  const Survey::Result result = ha_.survey().judge(config_.settings.instance);
  std::size_t kinds = 0;
  std::size_t stand_ins = 0;
  for (const auto& [domain, count] : result.published) {
    (discovery::domain_of(domain).name.empty() ? stand_ins : kinds) += count;
  }
  add(Mark::good,
      fmt::format("{} entities would be published: {} as their like, {} as read-only sensors",
                  result.entity_ids.size(), kinds, stand_ins));
  for (const auto& [reason, count] : result.others) {
    add(Mark::note, fmt::format("{} entities stay in the house: {}: {}", count,
                                discovery::to_text(reason), discovery::about(reason).why));
  }
  if (result.mirrors_of_own > 0) {
    add(Mark::bad,
        fmt::format("it shows {} entities of this very instance a second time: it listens on the "
                    "broker under the prefix '{}'. Give its MQTT integration another discovery "
                    "prefix, or announce under another one (announce.prefix)",
                    result.mirrors_of_own, config_.settings.announce_prefix));
  }
}

void Checkup::find_brokers(std::vector<Finding>& out) const {
  for (const auto& broker : brokers_) broker->find(out, brokers_.size() == 1);
  const BrokerCheckup* const used = used_broker();
  if (used == nullptr) return;
  if (brokers_.size() > 1) {
    out.push_back({Mark::good, "broker", "the bridge would use " + used->url()});
  }
  for (const auto& broker : brokers_) {
    if (broker.get() != used && broker->is_read()) find_apart(*used, *broker, out);
  }
}

/// The first that answers, as for a bridge.
const BrokerCheckup* Checkup::used_broker() const {
  const auto used = std::find_if(brokers_.begin(), brokers_.end(),
                                 [](const auto& broker) { return broker->is_read(); });
  return used == brokers_.end() ? nullptr : used->get();
}

/// Whether two brokers hold different things, by what each instance says of itself.
void Checkup::find_apart(const BrokerCheckup& used, const BrokerCheckup& other,
                         std::vector<Finding>& out) {
  const auto& here = used.gathering().instances();
  const auto& there = other.gathering().instances();
  std::set<std::string> different;
  for (const auto& [name, instance] : here) {
    const auto same = there.find(name);
    const bool is_same =
        same != there.end() && epoch_of(same->second.info) == epoch_of(instance.info);
    if (!is_same) different.insert(name);
  }
  for (const auto& [name, instance] : there) {
    if (!here.contains(name)) different.insert(name);
  }
  if (different.empty()) return;
  out.push_back({Mark::note, "broker",
                 fmt::format("{} and {} hold different things of {}: they do not share their "
                             "retained messages, so that whoever is at the one does not see who "
                             "is at the other. Join them (docs/brokers.md), or let all use one",
                             used.url(), other.url(), fmt::join(different, ", "))});
}

std::optional<Time> Checkup::tick() {
  // One after the other: Paho is slow where one connection is idle beside another, and two
  // addresses may lead to one broker.
  while (at_ < brokers_.size()) {
    if (const auto due = brokers_[at_]->tick()) return due;
    if (++at_ < brokers_.size()) brokers_[at_]->start();
  }
  return ha_.is_done() ? std::nullopt : std::optional(never);
}

/// What the Home Assistant of an instance lacks, as far as this instance has to do with it.
void Checkup::find_lacking(const std::string& name, const std::string& info,
                           std::vector<Finding>& out) const {
  const auto read = read_neighbor_info(info);
  if (!read) return;
  for (const auto& [of, count] : read->lacks) {
    if (name != config_.settings.instance && of != config_.settings.instance) continue;
    out.push_back({Mark::note, "bus",
                   fmt::format("the Home Assistant of {} has not made an entity of {} that {} has "
                               "announced, although they were asked for again; the log of its "
                               "bridge says of which",
                               name, count, of)});
  }
}

void Checkup::find_neighbours(std::vector<Finding>& out) const {
  const BrokerCheckup* const used = used_broker();
  if (used == nullptr) return;
  const std::vector<std::string> own = ha_.survey().judge(config_.settings.instance).entity_ids;
  const std::string& prefix = config_.settings.entity_id_prefix;
  if (const auto clashes = clashes_within(own, prefix); !clashes.empty()) {
    out.push_back({Mark::bad, "bus",
                   fmt::format("{} entities get an entity id on main that another one of this "
                               "instance gets, too, such as {}: main would give the later ones a "
                               "_2. Rename one of them",
                               clashes.size(), clashes.front())});
  }
  for (const auto& [name, instance] : used->gathering().instances()) {
    find_lacking(name, instance.info, out);
    if (name == config_.settings.instance) {
      out.push_back({Mark::note, "bus",
                     fmt::format("a bridge of this name was here before; its status is {}",
                                 instance.status.empty() ? "unknown" : instance.status)});
      continue;
    }
    out.push_back({Mark::good, "bus",
                   fmt::format("instance {} is {} with {} entities", name,
                               instance.status.empty() ? "silent" : instance.status,
                               instance.documents.size())});
    const std::vector<std::string> clashes = clashes_with(instance, own, prefix);
    if (clashes.empty()) continue;
    out.push_back(
        {Mark::bad, "bus",
         fmt::format("{} entities get the same entity id on main as one of {}, such as {}: main "
                     "would give the later ones a _2. Set publish.entity_id_prefix: {}_",
                     clashes.size(), name, clashes.front(), config_.settings.instance)});
  }
}

std::vector<Finding> Checkup::findings() {
  std::vector<Finding> out;
  find_ha(out);
  find_brokers(out);
  find_neighbours(out);
  return out;
}

}  // namespace bridge::cli
