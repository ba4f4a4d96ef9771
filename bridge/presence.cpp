#include "bridge/presence.hpp"

#include <algorithm>
#include <utility>

namespace bridge {
namespace {

// A restart of the WebSocket alone is over before; longer, and main shall know.
constexpr Time ha_loss_grace{10'000};
constexpr Time heartbeat_period{30'000};
constexpr std::uint32_t heartbeat_expiry_s = 90;
// Counters in info cost main a callback for each of its readers.
constexpr Time info_pace{10'000};
constexpr std::size_t info_bytes_max = 64 * 1024;
constexpr int schema_version = 1;

discovery::Json counted(const discovery::ReasonCounts& reasons) {
  discovery::Json counts = discovery::Json::object();
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const std::string code(to_text(static_cast<discovery::Reason>(i)));
    if (reasons[i] != 0) counts[code] = reasons[i];
  }
  return counts;
}

}  // namespace

Presence::Presence(const Settings& settings, const discovery::Topics& topics,
                   const Consumers& consumers, Outbox& outbox)
    : settings_(settings), topics_(topics), consumers_(consumers), outbox_(outbox) {
  status_ = &outbox_.record(topics_.status(), What::status, 0);
  info_ = &outbox_.record(topics_.info(), What::info, 0);
  heartbeat_ = &outbox_.record(topics_.heartbeat(), What::heartbeat, 0);
  heartbeat_->expiry_s = heartbeat_expiry_s;
  announced_at(settings_.announce_prefix);
}

/// A prefix is kept while somebody asks for it or something of this instance may stand there.
void Presence::forget_prefixes() {
  std::erase_if(announced_under_, [&](const std::string& prefix) {
    if (consumers_.is_asked(prefix) || prefix == settings_.announce_prefix) return false;
    bool stands = false;
    outbox_.each([&](const Record& record) {
      stands = stands || topics_.parse_announcement(prefix, record.topic).has_value();
    });
    return !stands;
  });
}

void Presence::announced_at(const std::string& prefix) {
  const auto& known = announced_under_;
  if (std::find(known.begin(), known.end(), prefix) == known.end()) {
    announced_under_.push_back(prefix);
  }
}

void Presence::hold_heartbeat(const std::string& payload, Now now) {
  const auto json = discovery::parse_json(payload, info_bytes_max);
  const std::int64_t epoch = json ? epoch_of(*json).value_or(0) : 0;
  const bool is_plausible = is_plausible_epoch(epoch, now);
  rival_epoch_ = is_plausible ? epoch : 0;
  const bool is_forged = !is_plausible && !payload.empty();
  if (is_forged) trespass_.heartbeat_forged(topics_.heartbeat(), payload);
}

void Presence::hold_info(const std::string& payload) {
  const auto json = discovery::parse_json(payload, info_bytes_max);
  if (!json || !json->is_object()) return;
  held_epoch_ = epoch_of(*json).value_or(held_epoch_);
  held_version_ = discovery::text_at(*json, "ha_version");
  for (const std::string& prefix : discovery::texts_at(*json, "announced_under")) {
    if (discovery::valid_topic_prefix(prefix)) announced_at(prefix);
  }
}

void Presence::begin(Now now) {
  const bool plausible = is_plausible_epoch(held_epoch_, now);
  // What was held may be from another bridge of this instance, which this one had given way to.
  if (!begun_ || (plausible && held_epoch_ > epoch_)) {
    epoch_ = std::max(plausible ? held_epoch_ + 1 : 0, now.unix_ms);
  }
  if (!begun_) {
    begun_ = true;
    lost_at_ = now.at;
    link_since_ms_ = now.unix_ms;
  }
  // It names the prefixes that are announced under, so it goes before all announcements; those may
  // have waited for the broker since Home Assistant was there.
  outbox_.touch_first(*info_);
  // A broker that has forgotten it learns it again; `online` waits until all else is there.
  if (said_ && !online_) outbox_.touch(*status_);
  beat_at_ = now.at;
}

void Presence::ha_config(const HaConfig& config, Now now) {
  config_ = config;
  if (begun_) outbox_.touch(*info_);
  consumers_changed(now);
}

void Presence::consumers_changed(Now now) {
  const std::size_t known = announced_under_.size();
  for (const discovery::Consumer& consumer : consumers_.asked()) announced_at(consumer.prefix);
  // It names a prefix before the first announcement there.
  if (begun_ && announced_under_.size() != known) outbox_.touch_first(*info_);
  if (begun_ && info_at_ == never) info_at_ = now.at + info_pace;
  // Nothing is announced before Home Assistant has told its release.
  if (config_.version == discovery::Version{}) return;
  std::vector<Record*> wanted;
  const auto& events = settings_.events;
  const bool scans_tags = std::find(events.begin(), events.end(), "tag_scanned") != events.end();
  for (std::uint32_t i = 0; i < discovery::instance_entities().size(); ++i) {
    const discovery::InstanceEntity& entity = discovery::instance_entities()[i];
    if (entity.component == "tag" && !scans_tags) continue;
    const std::string object = "statebus-" + topics_.instance() + "-" + std::string(entity.object);
    for (const discovery::Consumer& consumer : consumers_.asked()) {
      Record& record = outbox_.record(
          topics_.announcement(consumer.prefix, entity.component, object), What::instance, i);
      wanted.push_back(&record);
      outbox_.touch(record, Lane::now);
    }
  }
  outbox_.replace(instance_, std::move(wanted));
}

void Presence::ha_ready(Now now) {
  // At the end Home Assistant is still there, and must not make the instance online again.
  if (ready_ || stopped_) return;
  ready_ = true;
  link_since_ms_ = now.unix_ms;
  if (begun_) outbox_.touch(*info_);
}

void Presence::ha_lost(Now now) {
  if (!ready_) return;
  ready_ = false;
  lost_at_ = now.at;
  link_since_ms_ = now.unix_ms;
  if (begun_) outbox_.touch(*info_);
}

void Presence::set_online(bool online) {
  online_ = online;
  said_ = true;
  status_due_ = false;
  outbox_.touch(*status_);
}

void Presence::caught_up() {
  if (awaits_broker()) set_online(true);
}

void Presence::withhold() {
  if (online_ || !said_) set_online(false);
}

void Presence::stop() {
  stopped_ = true;
  ready_ = false;
  if (!begun_) return;
  set_online(false);
  // Cleared: one that is there means a bridge that runs, or has died within three periods.
  outbox_.touch(*heartbeat_);
}

void Presence::repair_status(Now now) {
  // After a loss `online` waits until all else is there, whoever has written what meanwhile.
  if (!said_ || (online_ && status_due_)) return;
  repair_at_ = std::min(repair_at_, trespass_.status_written(topics_.status(), now));
}

void Presence::count(std::size_t published, std::uint64_t refused,
                     const discovery::Json& last_refused, const discovery::ReasonCounts& reasons,
                     Now now) {
  if (published == published_ && refused == refused_ && reasons == reasons_) return;
  published_ = published;
  refused_ = refused;
  last_refused_ = last_refused;
  reasons_ = reasons;
  if (info_at_ == never) info_at_ = now.at + info_pace;
}

void Presence::count_lacks(const std::map<std::string, std::size_t>& lacks, Now now) {
  if (lacks == lacks_) return;
  lacks_ = lacks;
  if (info_at_ == never) info_at_ = now.at + info_pace;
}

void Presence::tick(Now now) {
  if (!begun_) return;
  if (!ready_ && (online_ || !said_) && now.at >= lost_at_ + ha_loss_grace) set_online(false);
  if (now.at >= repair_at_) {
    repair_at_ = never;
    outbox_.touch(*status_);
  }
  if (now.at >= beat_at_) {
    beat_at_ = now.at + heartbeat_period;
    ++beats_;
    outbox_.touch(*heartbeat_);
  }
  if (now.at >= info_at_) {
    info_at_ = never;
    forget_prefixes();
    outbox_.touch(*info_);
  }
}

Time Presence::deadline() const {
  if (!begun_) return never;
  Time next = std::min({beat_at_, info_at_, repair_at_});
  if (!ready_ && (online_ || !said_)) next = std::min(next, lost_at_ + ha_loss_grace);
  return next;
}

void Presence::render(const Record& record, std::string& payload) {
  if (record.what == What::status) {
    payload = online_ ? "online" : "offline";
  } else if (record.what == What::heartbeat) {
    if (stopped_) return;
    payload = discovery::to_text({{"epoch", epoch_},
                                  {"beat", beats_},
                                  {"sent", outbox_.sent()},
                                  {"acknowledged", outbox_.accepted()},
                                  {"images_refused", images_refused_}});
  } else if (record.what == What::instance) {
    const discovery::Consumer* const consumer = consumers_.at(record.topic);
    if (consumer == nullptr) return;
    payload = discovery::to_text(
        discovery::announce_instance(discovery::instance_entities()[record.owner], topics_,
                                     *consumer, settings_.bridge_version));
  } else if (record.what == What::info) {
    payload = discovery::to_text(info());
  }
}

discovery::Json Presence::info() const {
  // Others announce in the form of this release, so until Home Assistant tells it, it is the one of
  // before.
  const bool is_known = !config_.version_text.empty();
  discovery::Json info{{"schema", schema_version},
                       {"epoch", epoch_},
                       {"version", settings_.bridge_version},
                       {"name", config_.location_name},
                       {"ha_version", is_known ? config_.version_text : held_version_},
                       {"roles", discovery::Json::array()},
                       {"announced_under", announced_under_},
                       {"entity_id_prefix", settings_.entity_id_prefix},
                       {"index_buckets", discovery::index_buckets},
                       {"ha_link", ready_ ? "up" : "down"},
                       {"ha_link_since_ms", link_since_ms_},
                       {"published", published_},
                       {"reasons", counted(reasons_)},
                       {"refused", refused_}};
  if (settings_.publish) info["roles"].push_back("publish");
  if (!last_refused_.is_null()) info["last_refused"] = last_refused_;
  if (!consumers_.own().empty()) info["own_prefix"] = consumers_.own();
  if (const ConsumeSettings& consume = settings_.consume; !consume.prefix.empty()) {
    info["roles"].push_back("consume");
    info["consumes"] = {{"prefix", consume.prefix}, {"from", consume.from}};
    if (!lacks_.empty()) info["lacks"] = lacks_;
  }
  return info;
}

}  // namespace bridge
