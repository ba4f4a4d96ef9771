// Reading what the broker holds, over the second connection, in a way that a default broker
// survives.
//
// A wildcard gives most of it at once, but a broker with small queues drops what is too much, and
// says nothing. So whoever reads names, from the index, the topics that must be there, and those
// that did not come are fetched by name in batches. Each step ends with a marker that the reader
// sends to itself: it arrives behind all retained messages. Where it may not, the step ends when
// nothing more comes after the broker has acknowledged or refused it.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "bridge/effects.hpp"
#include "discovery/home.hpp"

namespace bridge {

class BulkRead {
 public:
  /// Hears each retained message once.
  using Sink = std::function<void(const Message&)>;

  /// `marker_topic` is one that this client may write and read, such as statebus/hubs/reply/read.
  BulkRead(std::string marker_topic, Sink sink);

  /// Opens the connection and reads everything that the filters match; `same_broker` as in
  /// BrokerOpen.
  void start(std::vector<std::string> filters, Now now, Effects& effects, bool same_broker = false);
  void stop(Effects& effects);
  /// Names topics that must be there; may be called by the sink.
  void expect(const std::vector<std::string>& topics);

  void opened(Now now, Effects& effects);
  void closed(const std::string& why, int reason, Effects& effects);
  void arrived(const Message& message, Now now, Effects& effects);
  /// The broker has taken or refused a message of either line.
  void acknowledged(std::uint64_t token, Now now);
  void tick(Now now, Effects& effects);
  Time deadline() const;

  enum class State { idle, running, done, failed };
  State state() const { return state_; }
  /// After the end: expected topics that the broker does not hold, sorted.
  const std::vector<std::string>& lacking() const { return lacking_; }
  /// Why it failed, and the broker's reason code when it refused, else 0.
  const std::string& failure() const { return failure_; }
  int refusal() const { return refusal_; }
  /// It failed because nobody answered.
  bool met_nobody() const { return state_ == State::failed && !opened_ && refusal_ == 0; }

 private:
  void begin_step(Now now, Effects& effects);
  void mark(Now now, Effects& effects);
  /// Whether that marker was sent since the step has begun.
  bool is_of_step(std::uint64_t marker) const;
  void find_missing();
  void find_lacking();
  void next_batch(Now now, Effects& effects);
  void finish(State state, Effects& effects);

  std::string marker_topic_;
  Sink sink_;
  State state_ = State::idle;
  std::vector<std::string> filters_;
  std::unordered_set<std::string, discovery::StringHash, std::equal_to<>> seen_;
  std::unordered_set<std::string> expected_;
  std::unordered_set<std::string> asked_;  // by name, already
  std::vector<std::string> missing_;       // still to be fetched by name, from the end
  std::vector<std::string> batch_;         // subscribed to at present
  std::vector<std::string> lacking_;
  bool opened_ = false;
  bool answered_ = false;  // a marker of this step was taken or refused
  bool fetching_ = false;  // by name; before, by filters
  std::uint64_t marker_ = 0;
  std::uint64_t first_marker_ = 0;  // of this step
  Time silent_at_ = never;
  Time give_up_at_ = never;
  std::string failure_;
  int refusal_ = 0;
};

}  // namespace bridge
