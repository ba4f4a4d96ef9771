// The sending half of the outbox: takes marked records out of both lanes, in their order and as the
// window, the pace and what has to go before them allow, and makes their messages.
#include <algorithm>
#include <utility>

#include "bridge/outbox.hpp"

namespace bridge {
namespace {

constexpr double announcements_per_second = 200;
constexpr double announcements_at_once = 20;
// So many payloads are made and compared in one step; the rest waits for the next, so that frames
// of Home Assistant and acknowledgements are never kept waiting long.
constexpr int records_per_pump = 400;

}  // namespace

/// False when nothing is to be sent.
bool Outbox::make_payload(Record& record, Now now, Effects& effects) {
  payload_.clear();
  if (!record.wanted) return true;
  if (record.what == What::index) {
    payload_ = index_of(record.owner);
  } else {
    render_(record, payload_);
  }
  if (record.what == What::image && payload_.empty()) return false;
  const std::size_t size = packet_bytes(record.topic, payload_);
  if (packet_bytes_max_ == 0 || size <= packet_bytes_max_) {
    rejections_.fits(record);
    return true;
  }
  rejections_.too_large(record, size, packet_bytes_max_, now, effects);
  // An old state would be taken for the present one; without a document main shows the entity as
  // unknown. Without an announcement main would lose it, so that one stays.
  payload_.clear();
  return record.what == What::document || record.what == What::view;
}

void Outbox::fly(Record* record, discovery::Held hash, Publish message, Now now, Effects& effects) {
  const auto free = std::find_if(flights_.begin(), flights_.end(),
                                 [](const Flight& flight) { return flight.token == 0; });
  message.token = next_token_++;
  *free = {record, hash, message.token, now.at};
  ++in_flight_;
  ++sent_;
  effects.broker.push_back(std::move(message));
}

/// Whether something has to go out, or to be acknowledged, before this record may be sent.
bool Outbox::must_wait(const Record& record, Pass& pass) const {
  if (record.held != 0) {
    // A document at a new topic has no reader that could take it wrongly; that one goes first.
    for (const Record* after = record.after; after != nullptr; after = after->after) {
      if (after->wanted && ((after->queued && !after->paced) || after->again)) return true;
    }
    return false;
  }
  // No topic without a name: a new one follows the bucket of the index that names it. Those behind
  // it wait as well, so that the topics of an entity stay in their order.
  if (!record.wanted || !record.indexed) return false;
  pass.new_topics_wait = pass.new_topics_wait || !record.named;
  return pass.new_topics_wait;
}

Outbox::Sent Outbox::pump_record(Record& record, Pass& pass) {
  if (must_wait(record, pass)) return Sent::later;
  --pass.budget;
  record.queued = false;
  if (record.what == What::index) {
    // Also when it is too large for the broker: that is told, and must not stop all else.
    for (Record* listed : buckets_[record.owner]) listed->named = true;
  }
  if (!make_payload(record, pass.now, pass.effects)) return Sent::not_needed;
  const bool must_go = std::exchange(record.once_more, false) || record.expiry_s != 0;
  if (!must_go && discovery::judge(record.held, payload_) == discovery::Verdict::keep) {
    rejections_.forgive(record);
    settle(record);
    return Sent::not_needed;
  }
  record.in_flight = true;
  const discovery::Held hash = discovery::hash_of(payload_);
  // A lost picture is made good by the next one; that a topic was cleared has to be certain.
  const int qos = record.what == What::image && record.wanted ? 0 : 1;
  fly(&record, hash,
      {.topic = record.topic,
       .payload = payload_,
       .qos = qos,
       .retain = true,
       .expiry_s = record.expiry_s},
      pass.now, pass.effects);
  return Sent::yes;
}

/// True when all that is left waits for what is in flight.
bool Outbox::pump_lane(std::deque<Record*>& lane, Pass& pass) {
  const bool paced = &lane == &paced_lane_;
  // Those that wait keep their places, and the end of what is watched stays behind them.
  std::vector<Record*> waiting;
  bool moved = false;
  std::size_t left = lane.size();
  for (; left > 0 && pass.budget > 0 && in_flight_ < window_; --left) {
    if (paced && allowance_ < 1) break;
    Record* const record = lane.front();
    lane.pop_front();
    if (record == nullptr) {
      if (waiting.empty()) {
        watched_ = next_token_;
      } else {
        waiting.push_back(nullptr);
      }
      continue;
    }
    --record->places;
    if (!record->queued || record->paced != paced) {
      settle(*record);
      moved = true;
      continue;
    }
    const Sent sent = pump_record(*record, pass);
    if (sent == Sent::later) {
      ++record->places;
      waiting.push_back(record);
      continue;
    }
    moved = true;
    if (sent == Sent::yes && paced) allowance_ -= 1;
  }
  lane.insert(lane.begin(), waiting.begin(), waiting.end());
  return left == 0 && !moved && !waiting.empty();
}

void Outbox::pump(Now now, Effects& effects) {
  const double seconds = std::chrono::duration<double>(now.at - refilled_).count();
  allowance_ = std::min(allowance_ + seconds * announcements_per_second, announcements_at_once);
  refilled_ = now.at;
  if (is_open() && now.at >= rejections_.retry_at()) {
    Record* const sample = rejections_.retrying(now);
    sample != nullptr ? enqueue(*sample, Lane::now) : mark_refused();
  }
  if (dropped_messages_ && !std::exchange(told_dropped_, true)) {
    effects.say(Level::warning,
                "the broker takes messages more slowly than they come; of answers to calls, events "
                "and refusals that wait, more than 1,000 or 16 MB, the oldest are dropped");
  }
  while (!messages_.empty() && in_flight_ < window_) {
    fly(nullptr, 0, take_message(), now, effects);
  }
  if (in_flight_ == window_ || first_ != nullptr) return;
  Pass pass{.now = now, .effects = effects, .budget = records_per_pump};
  now_lane_waits_ = pump_lane(now_lane_, pass);
  paced_lane_waits_ = pump_lane(paced_lane_, pass);
}

Time Outbox::deadline(Now now) const {
  if (in_flight_ == window_ || first_ != nullptr) return never;
  if (!now_lane_.empty() && !now_lane_waits_) return now.at;
  const Time retry_at = std::max(rejections_.retry_at(), now.at);
  if (paced_lane_.empty() || paced_lane_waits_) return retry_at;
  const double wait_s = std::max(0.0, 1 - allowance_) / announcements_per_second;
  return std::min(retry_at, now.at + Time{static_cast<std::int64_t>(wait_s * 1000) + 1});
}

}  // namespace bridge
