#include "bridge/bulk_read.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace bridge {
namespace {

// Well below the 1,000 messages that a default Mosquitto queues for a client.
constexpr std::size_t batch_size = 400;
// Without the marker (a broker may not let this client write or read it) silence ends a step.
constexpr Time silence{2'000};
// But not before the broker has answered: it may be slow, or the line. Until then each silence
// asks again, for Paho C 1.3.12 was seen to lose an acknowledgement.
constexpr Time patience{30'000};
// Above all tokens of the outbox, which hears of the same acknowledgements.
constexpr std::uint64_t first_token = std::uint64_t{1} << 63;

}  // namespace

BulkRead::BulkRead(std::string marker_topic, Sink sink)
    : marker_topic_(std::move(marker_topic)), sink_(std::move(sink)) {}

void BulkRead::start(std::vector<std::string> filters, Now now, Effects& effects,
                     bool same_broker) {
  stop(effects);
  filters_ = std::move(filters);
  missing_.clear();
  batch_.clear();
  lacking_.clear();
  opened_ = answered_ = false;
  fetching_ = false;
  failure_.clear();
  refusal_ = 0;
  state_ = State::running;
  silent_at_ = give_up_at_ = now.at + patience;
  effects.broker.push_back(BrokerOpen{Line::bulk, {}, same_broker});
}

void BulkRead::stop(Effects& effects) {
  if (state_ == State::running) finish(State::idle, effects);
}

void BulkRead::expect(const std::vector<std::string>& topics) {
  expected_.insert(topics.begin(), topics.end());
}

void BulkRead::opened(Now now, Effects& effects) {
  if (state_ != State::running) return;
  opened_ = true;
  Subscribe subscribe{Line::bulk, {{.filter = marker_topic_, .qos = 0}}};
  for (const std::string& filter : filters_) {
    subscribe.subscriptions.push_back({.filter = filter, .qos = 0});
  }
  effects.broker.push_back(std::move(subscribe));
  begin_step(now, effects);
}

void BulkRead::begin_step(Now now, Effects& effects) {
  first_marker_ = marker_ + 1;
  answered_ = false;
  give_up_at_ = now.at + patience;
  mark(now, effects);
}

void BulkRead::mark(Now now, Effects& effects) {
  ++marker_;
  silent_at_ = now.at + silence;
  effects.broker.push_back(Publish{.line = Line::bulk,
                                   .token = first_token + marker_,
                                   .topic = marker_topic_,
                                   .payload = std::to_string(marker_)});
}

void BulkRead::acknowledged(std::uint64_t token, Now now) {
  if (state_ != State::running || !is_of_step(token - first_token)) return;
  answered_ = true;
  silent_at_ = now.at + silence;
}

bool BulkRead::is_of_step(std::uint64_t marker) const {
  return marker >= first_marker_ && marker <= marker_;
}

void BulkRead::arrived(const Message& message, Now now, Effects& effects) {
  if (state_ != State::running) return;
  silent_at_ = now.at + silence;
  give_up_at_ = now.at + patience;
  if (message.topic == marker_topic_) {
    std::uint64_t marker = 0;
    const std::string& text = message.payload;
    const char* const end = text.data() + text.size();
    const bool is_number = std::from_chars(text.data(), end, marker).ptr == end;
    if (is_number && is_of_step(marker)) next_batch(now, effects);
    return;
  }
  // A live message during the read is the newest value, too.
  seen_.insert(message.topic);
  sink_(message);
}

/// Once more after each round: an index that was fetched by name names others.
void BulkRead::find_missing() {
  for (const std::string& topic : expected_) {
    if (!seen_.contains(topic) && asked_.insert(topic).second) missing_.push_back(topic);
  }
}

void BulkRead::next_batch(Now now, Effects& effects) {
  if (!batch_.empty()) {
    effects.broker.push_back(Unsubscribe{Line::bulk, std::exchange(batch_, {})});
  }
  if (!std::exchange(fetching_, true)) {
    // The filters go too: from here on only what is asked for by name shall come.
    effects.broker.push_back(Unsubscribe{Line::bulk, filters_});
  }
  if (missing_.empty()) find_missing();
  if (missing_.empty()) return finish(State::done, effects);
  const std::size_t count = std::min(batch_size, missing_.size());
  Subscribe subscribe{Line::bulk, {}};
  for (std::size_t i = 0; i < count; ++i) {
    batch_.push_back(std::move(missing_.back()));
    missing_.pop_back();
    subscribe.subscriptions.push_back({.filter = batch_.back(), .qos = 0});
  }
  effects.broker.push_back(std::move(subscribe));
  begin_step(now, effects);
}

void BulkRead::finish(State state, Effects& effects) {
  state_ = state;
  silent_at_ = never;
  find_lacking();
  // The names of all that a broker holds take megabytes, and nobody asks for them any more.
  seen_ = {};
  expected_ = {};
  asked_ = {};
  effects.broker.push_back(BrokerClose{Line::bulk});
}

void BulkRead::closed(const std::string& why, int reason, Effects& effects) {
  if (state_ != State::running) return;
  failure_ = why;
  refusal_ = reason;
  finish(State::failed, effects);
}

void BulkRead::tick(Now now, Effects& effects) {
  if (state_ != State::running || now.at < silent_at_) return;
  if (answered_) return next_batch(now, effects);
  if (opened_ && now.at < give_up_at_) return mark(now, effects);
  failure_ =
      opened_ ? "it has stopped answering while it was read" : "it did not answer within 30 s";
  finish(State::failed, effects);
}

Time BulkRead::deadline() const { return state_ == State::running ? silent_at_ : never; }

void BulkRead::find_lacking() {
  for (const std::string& topic : expected_) {
    if (!seen_.contains(topic)) lacking_.push_back(topic);
  }
  std::sort(lacking_.begin(), lacking_.end());
}

}  // namespace bridge
