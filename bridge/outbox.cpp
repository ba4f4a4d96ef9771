#include "bridge/outbox.hpp"

#include <algorithm>
#include <utility>

namespace bridge {
namespace {

// Messages that are not retained wait at most in this number and size; the oldest goes when one
// more comes. An answer to a call may have 4 MB.
constexpr std::size_t messages_max = 1000;
constexpr std::size_t messages_bytes_max = 16 * 1024 * 1024;

bool is_indexed(What what) {
  return what == What::device || what == What::description || what == What::document ||
         what == What::view || what == What::image || what == What::announcement ||
         what == What::trigger || what == What::instance || what == What::followed;
}

}  // namespace

Outbox::Outbox(const discovery::Topics& topics, Render render) : render_(std::move(render)) {
  for (std::uint32_t bucket = 0; bucket < discovery::index_buckets; ++bucket) {
    Record& index = record(topics.index(bucket), What::index, bucket);
    index.wanted = true;
    index_records_.push_back(&index);
  }
}

Record& Outbox::record(const std::string& topic, What what, std::uint32_t owner) {
  Record* place = find(topic);
  if (place == nullptr) {
    auto made = std::make_unique<Record>();
    made->topic = topic;
    place = made.get();
    records_.emplace(place->topic, std::move(made));
  }
  place->what = what;
  place->owner = owner;
  if (is_indexed(what)) list(*place);
  return *place;
}

void Outbox::list(Record& record) {
  if (std::exchange(record.indexed, true)) return;
  const std::uint32_t bucket = discovery::index_bucket(record.topic, discovery::index_buckets);
  buckets_[bucket].push_back(&record);
  touch(*index_records_[bucket]);
}

Record* Outbox::find(std::string_view topic) const {
  const auto found = records_.find(topic);
  return found == records_.end() ? nullptr : found->second.get();
}

std::string Outbox::index_of(std::uint32_t bucket) const {
  std::vector<std::string_view> topics;
  for (const Record* record : buckets_[bucket]) topics.push_back(record->topic);
  return discovery::index_payload(std::move(topics));
}

void Outbox::enqueue(Record& record, Lane lane) {
  if (record.in_flight) {
    record.again = true;
    return;
  }
  const bool paced = lane == Lane::paced;
  // What waits in the paced lane may be asked to hurry; its old place there is then passed over.
  if (record.queued && (record.paced == paced || paced)) return;
  record.queued = true;
  record.paced = paced;
  ++record.places;
  (paced ? paced_lane_ : now_lane_).push_back(&record);
}

void Outbox::touch(Record& record, Lane lane) {
  record.wanted = true;
  enqueue(record, lane);
}

void Outbox::touch_first(Record& record) {
  record.wanted = true;
  if (record.in_flight) {
    first_ = &record;
    return;
  }
  record.queued = true;
  record.paced = false;
  ++record.places;
  now_lane_.push_front(&record);
}

void Outbox::repeat(Record& record, Lane lane) {
  record.once_more = true;
  touch(record, lane);
}

void Outbox::drop(Record& record) {
  record.wanted = record.once_more = false;
  record.owner = nobody;
  record.after = nullptr;
  rejections_.forgive(record);
  enqueue(record, Lane::now);
}

void Outbox::replace(std::vector<Record*>& records, std::vector<Record*> wanted) {
  for (Record* record : std::exchange(records, std::move(wanted))) {
    if (std::find(records.begin(), records.end(), record) == records.end()) drop(*record);
  }
}

void Outbox::release(Record& record) {
  record.wanted = record.queued = record.again = record.once_more = false;
  record.owner = nobody;
  record.after = nullptr;
  rejections_.forgive(record);
}

void Outbox::send(std::string topic, std::string payload, bool retain,
                  std::string correlation_data) {
  if (!is_open()) return;
  messages_bytes_ += payload.size();
  while (!messages_.empty() &&
         (messages_.size() == messages_max || messages_bytes_ > messages_bytes_max)) {
    take_message();
    dropped_messages_ = true;
  }
  messages_.push_back({.topic = std::move(topic),
                       .payload = std::move(payload),
                       .retain = retain,
                       .correlation_data = std::move(correlation_data)});
}

Publish Outbox::take_message() {
  Publish message = std::move(messages_.front());
  messages_.pop_front();
  messages_bytes_ -= message.payload.size();
  return message;
}

void Outbox::begin_reading() {
  for (auto& [topic, record] : records_) record->read = false;
}

void Outbox::held(const std::string& topic, std::string_view payload, bool listed) {
  Record* record = find(topic);
  if (record == nullptr) record = &this->record(topic, What::foreign, nobody);
  // One that was given up and comes back, with a broker that has an old snapshot, is as any other.
  if (record->owner == nobody && !record->wanted) record->what = What::foreign;
  record->read = true;
  if (listed) list(*record);
  found(*record, discovery::hash_of(payload));
}

void Outbox::found(Record& record, discovery::Held held) {
  const bool changed = std::exchange(record.held, held) != held;
  if (!changed || !record.wanted || record.what == What::status) return;
  // Many may be lacking, and each costs main as much as a new one.
  const bool paced = record.what == What::announcement || record.what == What::trigger;
  touch(record, paced ? Lane::paced : Lane::now);
}

void Outbox::end_reading() {
  for (auto& [topic, record] : records_) {
    if (!record->read) found(*record, 0);
    // What nobody has claimed is gone for good.
    if (record->what == What::foreign && record->held == 0) drop(*record);
  }
}

void Outbox::open(unsigned window, std::uint32_t packet_bytes_max) {
  window_ = window;
  packet_bytes_max_ = packet_bytes_max;
  flights_.assign(window, {});
  in_flight_ = 0;
  // An empty bucket is published as well: a missing one would be a loss, and not known from that.
  for (Record* index : index_records_) touch(*index);
  for (const auto& bucket : buckets_) {
    for (Record* listed : bucket) listed->named = false;
  }
  mark_refused();
}

/// What was refused is compared and sent again; it counts as refused until the broker takes it.
void Outbox::mark_refused() {
  for (auto& [topic, record] : records_) {
    if (record->refused) enqueue(*record, Lane::now);
  }
}

void Outbox::close() {
  unwatch();
  if (first_ != nullptr) std::exchange(first_, nullptr)->again = true;
  window_ = 0;
  in_flight_ = 0;
  messages_.clear();
  messages_bytes_ = 0;
  dropped_messages_ = told_dropped_ = false;
  for (Flight& flight : std::exchange(flights_, {})) {
    if (flight.token == 0 || flight.record == nullptr) continue;
    Record& record = *flight.record;
    record.in_flight = false;
    const bool again = std::exchange(record.again, false);
    // What was released meanwhile waits for its sweep.
    if (record.wanted || again || flight.hash == 0) enqueue(record, Lane::now);
  }
}

bool Outbox::announces() const {
  const auto is_announcement = [](const Record* record) {
    return record != nullptr && record->wanted && record->what == What::announcement;
  };
  const auto flies = [&](const Flight& f) { return f.token != 0 && is_announcement(f.record); };
  return std::any_of(paced_lane_.begin(), paced_lane_.end(), is_announcement) ||
         std::any_of(now_lane_.begin(), now_lane_.end(), is_announcement) ||
         std::any_of(flights_.begin(), flights_.end(), flies);
}

bool Outbox::caught_up() const {
  const auto is_watched = [&](const Flight& f) { return f.token != 0 && f.token < watched_; };
  return watching_ && watched_ != never_sent && !withholds_online() &&
         std::none_of(flights_.begin(), flights_.end(), is_watched);
}

Time Outbox::oldest_in_flight() const {
  Time oldest = never;
  for (const Flight& flight : flights_) {
    if (flight.token != 0) oldest = std::min(oldest, flight.since);
  }
  return oldest;
}

/// A record that is neither wanted nor held, and that nobody has claimed since it was dropped, has
/// no more reason to be.
void Outbox::settle(Record& record) {
  if (record.wanted || record.held != 0 || record.places != 0 || record.in_flight) return;
  if (record.owner != nobody) return;
  if (record.indexed) {
    const std::uint32_t bucket = discovery::index_bucket(record.topic, discovery::index_buckets);
    std::erase(buckets_[bucket], &record);
    touch(*index_records_[bucket]);
  }
  rejections_.forgive(record);
  records_.erase(records_.find(record.topic));
}

void Outbox::acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects) {
  const auto flight = std::find_if(flights_.begin(), flights_.end(),
                                   [&](const Flight& f) { return f.token == token; });
  if (token == 0 || flight == flights_.end()) return;
  Record* const record = flight->record;
  const discovery::Held hash = flight->hash;
  *flight = {};
  --in_flight_;
  if (accepted) ++accepted_;
  if (record == nullptr) return;
  record->in_flight = false;
  if (accepted) {
    const discovery::Held before = std::exchange(record->held, hash);
    const bool is_told_anew = record->wanted && before != 0 && hash != 0;
    if (is_told_anew && record->what == What::announcement) replaced_.push_back(record->owner);
    rejections_.forgive(*record);
  } else {
    rejections_.refused(*record, now, effects);
  }
  if (std::exchange(record->again, false)) enqueue(*record, Lane::now);
  if (first_ == record) touch_first(*std::exchange(first_, nullptr));
  settle(*record);
}

}  // namespace bridge
