// The global state, from retained topics alone: what every instance has on the bus, complete or
// saying what is lacking. `statebus state` shows it; nothing of Home Assistant is asked.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bridge/bulk_read.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// The topics of all index buckets that an instance's info names; none when it cannot be read.
std::vector<std::string> index_topics(const discovery::Topics& topics, const std::string& info);

/// What one instance has on the bus.
struct GatheredInstance {
  std::string status;                            // online, offline; empty: never written
  std::string info;                              // the JSON of its info
  std::map<std::string, std::string> documents;  // light.kitchen to its JSON
};

class Gathering {
 public:
  /// Hears each document, at first and when `watch` is set also later; an empty one is a removal.
  using OnDocument = std::function<void(const std::string& instance, const std::string& entity_id,
                                        const std::string& document)>;

  /// `marker` is a topic that this client may write and read.
  Gathering(const std::string& root, std::string marker, bool watch, OnDocument on_document);

  void start(Now now, Effects& effects);
  void opened(Line line, Now now, Effects& effects);
  void closed(Line line, const std::string& why, int reason, Now now, Effects& effects);
  void arrived(const Message& message, Line line, Now now, Effects& effects);
  void acknowledged(std::uint64_t token, Now now) { bulk_.acknowledged(token, now); }
  void tick(Now now, Effects& effects);
  Time deadline() const { return bulk_.deadline(); }

  /// All is read, or cannot be: see `failure`.
  bool is_done() const { return !failure_.empty() || bulk_.state() == BulkRead::State::done; }
  const std::string& failure() const { return failure_; }
  /// After the end: topics that an index names and the broker does not hold, and index buckets that
  /// are missing themselves.
  std::vector<std::string> lacking() const;
  const std::map<std::string, GatheredInstance>& instances() const { return instances_; }

 private:
  discovery::Topics of_instance(std::string_view name) const;
  void read_all(Now now, Effects& effects);
  void read(const Message& message);
  void read_bulk(const Message& message);
  void take_document(const discovery::TopicParts& parts, const std::string& payload);

  discovery::Topics topics_;
  bool watch_;
  OnDocument on_document_;
  BulkRead bulk_;
  std::map<std::string, GatheredInstance> instances_;
  std::set<std::string> heard_live_;  // topics, while all is being read
  std::string failure_;
};

}  // namespace bridge
