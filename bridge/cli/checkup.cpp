#include "bridge/cli/checkup.hpp"

#include <fmt/format.h>

#include "discovery/domains.hpp"

namespace bridge::cli {

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

void Checkup::find_broker(std::vector<Finding>& out) const {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "broker", std::move(text)});
  };
  if (!gathering_.failure().empty() || !gathering_.is_done() || !probing_) {
    const std::string why =
        gathering_.failure().empty() ? "it did not answer in time" : gathering_.failure();
    return add(Mark::bad, fmt::format("{}: {}{}", config_.settings.broker_url, why,
                                      broker_reason_ == 0x86 || broker_reason_ == 0x87
                                          ? "; check broker.username and broker.password_file"
                                          : ""));
  }
  add(Mark::good, fmt::format("{} speaks MQTT 5; up to {} messages in flight",
                              config_.settings.broker_url, window_for(limits_)));
  if (const std::string why = why_unusable(limits_); !why.empty()) add(Mark::bad, why);
  if (limits_.packet_bytes_max != 0) {
    add(Mark::note, fmt::format("messages may have {} bytes at most", limits_.packet_bytes_max));
  }
  for (const std::string& notice : notices_) add(Mark::bad, notice);
  find_rights(out);
}

void Checkup::find_rights(std::vector<Finding>& out) const {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "broker", std::move(text)});
  };
  for (const Trial& trial : probing_->trials()) {
    const auto& [may_write, may_read] = trial.rights;
    if (trial.probe == Probe::others) {
      if (!may_write) continue;
      add(Mark::note,
          "this user may write the topics of other instances, too; an ACL would keep them apart");
    } else if (trial.probe == Probe::commands) {
      find_command_rights(trial, out);
    } else if (may_write && may_read) {
      add(Mark::good, fmt::format("this user may read and write {}", trial.filter));
    } else {
      add(Mark::bad, fmt::format("this user may not {} {}; allow it in the broker's ACL",
                                 may_write ? "read" : "write", trial.filter));
    }
  }
}

void Checkup::find_command_rights(const Trial& trial, std::vector<Finding>& out) {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "broker", std::move(text)});
  };
  if (trial.rights.may_read) {
    add(Mark::good, fmt::format("commands arrive: this user may read {}", trial.filter));
  } else if (trial.rights.may_write) {
    add(Mark::bad, fmt::format("this user may not read {}, so that no command arrives; allow it in "
                               "the broker's ACL",
                               trial.filter));
  } else {
    add(Mark::note, fmt::format("this user may not write {}, so whether commands arrive was not "
                                "tried",
                                trial.filter));
  }
}

/// Who asks, from the infos that were read.
std::vector<std::string> Checkup::announced_prefixes() const {
  Consumers consumers(config_.settings, topics_);
  for (const auto& [name, instance] : gathering_.instances()) {
    consumers.heard(name, instance.info);
  }
  std::vector<std::string> prefixes;
  for (const discovery::Consumer& consumer : consumers.asked()) {
    prefixes.push_back(consumer.prefix);
  }
  return prefixes;
}

std::optional<Time> Checkup::tick() {
  gathering_.tick(io::now(), effects_);
  if (gathering_.is_done() && gathering_.failure().empty() && !probing_) {
    probing_.emplace(topics_, announced_prefixes());
    probing_->start(io::now(), effects_);
  }
  perform();
  const bool broker_done =
      !gathering_.failure().empty() || (probing_ && probing_->is_done(io::now()));
  if (ha_.is_done() && broker_done) return std::nullopt;
  return std::min(gathering_.deadline(), probing_ ? probing_->deadline() : never);
}

void Checkup::find_neighbours(std::vector<Finding>& out) const {
  if (!gathering_.is_done() || !gathering_.failure().empty()) return;
  const std::vector<std::string> own = ha_.survey().judge(config_.settings.instance).entity_ids;
  const std::string& prefix = config_.settings.entity_id_prefix;
  if (const auto clashes = clashes_within(own, prefix); !clashes.empty()) {
    out.push_back({Mark::bad, "bus",
                   fmt::format("{} entities get an entity id on main that another one of this "
                               "instance gets, too, such as {}: main would give the later ones a "
                               "_2. Rename one of them",
                               clashes.size(), clashes.front())});
  }
  for (const auto& [name, instance] : gathering_.instances()) {
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
  find_broker(out);
  find_neighbours(out);
  return out;
}

}  // namespace bridge::cli
