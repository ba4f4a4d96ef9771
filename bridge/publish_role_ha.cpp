// What the publishing role does with what Home Assistant tells.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/publish_role.hpp"

namespace bridge {
namespace {

// A subscription that loses something at once again is a fault that a pause bears better than a
// storm.
constexpr Time reread_pause{10'000};

}  // namespace

bool PublishRole::has_all_lists() const {
  return std::all_of(std::begin(listed_), std::end(listed_), [](bool listed) { return listed; });
}

bool PublishRole::may_delete() const {
  return session_.is_live() && is_started() && snapshot_complete_ && has_all_lists() &&
         broker_read_;
}

bool PublishRole::may_fetch() const {
  return session_.is_live() && snapshot_complete_ && outbox_.is_open() && presence_.is_online();
}

void PublishRole::ha_connected(const std::string& version, Now) {
  listed_.fill(false);
  snapshot_applied_ = false;
  snapshot_complete_ = false;
  reread_at_ = never;
  images_.logged_in(session_.token());
  effects_->say(Level::info,
                fmt::format("connected to Home Assistant {} at {}", version, settings_.ha_url));
  firings_.connected(*effects_);
  triggers_.connected();
  own_prefix_.connected();
  consume_.ha_connected();
}

void PublishRole::ha_lost(Now now) {
  snapshot_complete_ = false;
  // What it comes back without is decided on anew, with the guard against mass removal.
  settled_ = false;
  presence_.ha_lost(now);
  consume_.ha_lost();
}

void PublishRole::ha_config(const HaConfig& config, Now now) {
  config_ = config;
  home_.set_temperature_unit(config.temperature_unit);
  consumers_.set_source(config.version);
  own_prefix_.ha_config(config);
  consume_.ha_config(config);
  presence_.ha_config(config, now);
  take_consumers(now, *effects_);
  triggers_.facts_changed(now);
  if (!is_started()) {
    presence_.ha_lost(now);
    // What it tells while it starts or stops comes and goes; main shows a gap, and none of that.
    if (presence_.is_online()) presence_.withhold();
  } else if (snapshot_applied_ && !snapshot_complete_) {
    // What was told while it started may lack much; from now on a snapshot is all there is.
    session_.resubscribe(*effects_);
    session_.refresh(Registry::services, now);
  }
}

void PublishRole::ha_states(discovery::PaddedJson event, bool snapshot, Now now) {
  bool asks_registry = false;
  const auto on_change = [&](const discovery::StateChange& change) {
    if (!publications_.state_changed(change, snapshot, now) || !has_all_lists()) return;
    if (change.entity.entry) {
      publications_.judge(change.entity, now);
    } else {
      asks_registry = true;
    }
  };
  if (snapshot) {
    const bool complete = is_started();
    const auto applied = home_.apply_snapshot(event, complete, on_change);
    apply(applied, now);
    const bool first = !std::exchange(snapshot_applied_, true);
    snapshot_complete_ = complete && applied == discovery::Home::Applied::ok;
    if (first && has_all_lists()) publications_.judge_all(now);
  } else {
    apply(home_.apply_states(event, on_change), now);
    if (config_.version < discovery::since::null_attributes && home_.may_hide_nulls() &&
        reread_at_ == never) {
      reread_at_ = std::max(now.at, reread_pause_until_);
    }
  }
  if (asks_registry) session_.refresh(Registry::entities, now);
}

void PublishRole::apply(discovery::Home::Applied applied, Now now) {
  if (applied == discovery::Home::Applied::ok || reread_at_ != never) return;
  const std::string& at = home_.malformed_at();
  effects_->say(
      Level::warning,
      applied == discovery::Home::Applied::unknown_entity
          ? "Home Assistant changed an entity that it never told of; reading all states again"
          : fmt::format("Home Assistant sent states in an unknown form{}; reading all again",
                        at.empty() ? "" : " (at " + discovery::shown(at) + ")"));
  reread_at_ = std::max(now.at, reread_pause_until_);
  reread_due(now);
}

/// Reads all states again once that was asked for and the pause is over.
void PublishRole::reread_due(Now now) {
  if (now.at < reread_at_) return;
  reread_at_ = never;
  // Until the next login reads them anyway there is nobody to ask.
  if (!session_.is_live()) return;
  reread_pause_until_ = now.at + reread_pause;
  session_.resubscribe(*effects_);
}

/// The list of areas, floors or labels.
void PublishRole::publish_places(const std::string& topic, What what) {
  Record& record = outbox_.record(topic, what, 0);
  settings_.publish ? outbox_.touch(record) : outbox_.drop(record);
}

void PublishRole::ha_registry(Registry registry, discovery::PaddedJson list, Now now) {
  const bool knew_all = has_all_lists();
  const auto judge = [&](discovery::Entity& entity) {
    if (knew_all) publications_.judge(entity, now);
  };
  bool read = false;
  bool relabelled = false;
  const auto take = [&](auto rows, auto set) {
    read = rows.has_value();
    if (read) set(std::move(*rows));
  };
  switch (registry) {
    case Registry::entities:
      take(discovery::read_entities(list),
           [&](auto rows) { home_.set_entities(std::move(rows), judge); });
      own_prefix_.registry_told();
      break;
    case Registry::devices:
      take(discovery::read_devices(list),
           [&](auto rows) { home_.set_devices(std::move(rows), judge); });
      break;
    case Registry::areas:
      take(discovery::read_places(list, "area_id"),
           [&](auto rows) { home_.set_areas(std::move(rows), judge); });
      publish_places(topics_.areas(), What::areas);
      break;
    case Registry::floors:
      take(discovery::read_places(list, "floor_id"),
           [&](auto rows) { home_.set_floors(std::move(rows)); });
      publish_places(topics_.floors(), What::floors);
      break;
    case Registry::labels:
      take(discovery::read_places(list, "label_id"),
           [&](auto rows) { relabelled = home_.set_labels(std::move(rows)); });
      publish_places(topics_.labels(), What::labels);
      break;
    case Registry::services:
      take(discovery::read_notifiers(list), [&](auto names) {
        home_.set_notifiers(names, is_started(), [&](const discovery::StateChange& change) {
          if (publications_.state_changed(change, false, now) && knew_all) {
            publications_.judge(change.entity, now);
          }
        });
      });
      break;
  }
  if (!read) {
    effects_->say(Level::warning,
                  "Home Assistant sent a list in an unknown form; the last one "
                  "stays in use");
    return;
  }
  listed_.at(static_cast<std::size_t>(registry)) = true;
  consume_.ha_listed(registry, now);
  const bool of_devices = registry == Registry::devices || registry == Registry::areas;
  if (of_devices) triggers_.facts_changed(now);
  if (!has_all_lists() || !snapshot_applied_) return;
  if (!knew_all || relabelled) {
    publications_.judge_all(now);
  } else if (registry == Registry::entities) {
    judge_newcomers(now);
  }
}

/// Judges what turned up since the last list and waited for this one to tell whether it is
/// registered.
void PublishRole::judge_newcomers(Now now) {
  std::vector<std::string> unjudged;
  for (const auto& [id, entity] : home_.entities()) {
    const Publication* publication = publications_.find(id);
    const bool is_new = publication == nullptr || !publication->live ||
                        publication->registered != (entity.entry != nullptr);
    if (is_new) unjudged.push_back(id);
  }
  for (const std::string& id : unjudged) {
    if (discovery::Entity* entity = home_.find(id)) publications_.judge(*entity, now);
  }
}

void PublishRole::ha_renamed(const std::string& from, const std::string&, Now) {
  publications_.renamed(from);
}

void PublishRole::ha_heard(const discovery::HaMessage& message, Now now) {
  firings_.heard(message, *effects_);
  triggers_.heard(message, now, *effects_);
  own_prefix_.heard(message);
  consume_.ha_heard(message, now, *effects_);
}

void PublishRole::ha_call_done(const CallResult& result, Now now) {
  desk_.call_done(result, now, *effects_);
  calls_.call_done(result, now, *effects_);
}

void PublishRole::set_filter(std::vector<discovery::FilterRule> rules, Now now) {
  const bool facts_known = has_all_lists() && snapshot_applied_;
  publications_.set_filter(std::move(rules), facts_known, now);
  if (facts_known) publications_.judge_all(now);
}

}  // namespace bridge
