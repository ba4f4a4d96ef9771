// The other instances: what they have on the bus of areas, floors, labels, devices and entities.
//
// Changes come over the main line, what is there already is read in bulk: when an instance turns
// up, starts anew or comes online, since a broker with small queues drops a part of a flood. A read
// that lacks something is repeated.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "bridge/bulk_read.hpp"
#include "bridge/neighbor_facts.hpp"
#include "discovery/topic.hpp"

namespace bridge {

class Neighbors {
 public:
  /// Whether this instance takes from that one.
  using Takes = std::function<bool(std::string_view)>;

  Neighbors(const discovery::Topics& topics, Takes takes);

  /// A message of another instance on the main line.
  void heard(const discovery::TopicParts& parts, const Message& message, Now now);
  void broker_lost(Effects& effects);

  /// The line for reading in bulk is in use; its events belong to `bulk`.
  bool is_reading() const { return bulk_.state() == BulkRead::State::running; }
  BulkRead& bulk() { return bulk_; }

  void tick(Now now, Effects& effects);
  Time deadline() const;

  const std::map<std::string, Neighbor, std::less<>>& all() const { return known_; }
  bool is_online(std::string_view instance) const { return online_.contains(instance); }
  /// Grows whenever a fact is another one.
  std::uint64_t changes() const { return changes_; }

 private:
  /// A read that lacked something: when it is repeated, and after how long the time after that.
  struct Repeat {
    Time at = never;
    Time pause{};
  };

  void heard_status(std::string_view instance, const std::string& payload, Now now);
  void heard_info(std::string_view instance, const std::string& payload, Now now);
  bool apply(Neighbor& neighbor, const discovery::TopicParts& parts, const std::string& payload);
  void read_one(const Message& message);
  void expect(const discovery::TopicParts& parts, const std::string& payload);
  void read_soon(std::string_view instance, Now now);
  void read_again_later(const std::string& instance, Now now);
  void start_reading(Now now, Effects& effects);
  void end_reading(Now now);
  void listen_to(const std::string& instance, Effects& effects);

  const discovery::Topics& topics_;
  Takes takes_;
  BulkRead bulk_;
  std::map<std::string, Neighbor, std::less<>> known_;
  std::map<std::string, Neighbor, std::less<>> fresh_;  // those that are being read
  std::set<std::string, std::less<>> to_read_;
  std::set<std::string, std::less<>> listened_to_;
  std::set<std::string, std::less<>> online_;
  std::set<std::string, std::less<>> heard_live_;  // topics, while all is being read
  std::map<std::string, Repeat, std::less<>> repeats_;
  Time read_at_ = never;
  std::uint64_t changes_ = 0;
};

}  // namespace bridge
