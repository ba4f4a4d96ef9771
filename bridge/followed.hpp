// What this instance has last applied in its Home Assistant of what other instances have: the base
// that tells what a user has changed since. It stands on the broker, so that it survives a restart.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "bridge/outbox.hpp"
#include "discovery/json.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// Of one area, floor, label, device or entity of another instance.
struct Applied {
  std::string of;     // the id of its like in this Home Assistant's registry
  std::string name;   // of areas, floors and labels: as given
  bool made = false;  // likewise: this bridge, or an announcement, made it
  std::map<std::string, discovery::Json, std::less<>> values;  // by fact; without the defaults
  std::set<std::string, std::less<>> kept;                     // facts that the user has changed

  const discovery::Json* value(std::string_view fact) const;
  /// Whether it says more than that nothing was applied.
  bool says_nothing() const { return name.empty() && values.empty() && kept.empty(); }

  friend bool operator==(const Applied&, const Applied&) = default;
};

/// What a record is about; its kind is area, floor, label, device or entity.
struct FollowedKey {
  std::string_view source;
  std::string_view kind;
  std::string_view id;
};

class Followed {
 public:
  Followed(const discovery::Topics& topics, Outbox& outbox) : topics_(topics), outbox_(outbox) {}

  /// A retained record, as the broker holds it before the first of them is looked at.
  void hold(const discovery::TopicParts& parts, const std::string& topic,
            const std::string& payload);
  /// All that the broker holds has been told.
  void end_reading() { is_read_ = true; }
  bool is_read() const { return is_read_; }

  const Applied* find(const FollowedKey& key) const;
  /// Keeps it, at the broker too; one that says nothing goes.
  void store(const FollowedKey& key, Applied applied);
  void forget(const FollowedKey& key);
  /// All of a source that is no more.
  void forget_all(std::string_view source);
  /// Those of a kind of one source, with their ids.
  using Each = std::function<void(const std::string& id, const Applied&)>;
  void each(std::string_view source, std::string_view kind, const Each& hear) const;

  void render(const Record& record, std::string& payload) const;

 private:
  std::string topic_of(const FollowedKey& key) const {
    return topics_.followed(key.source, key.kind, key.id);
  }

  const discovery::Topics& topics_;
  Outbox& outbox_;
  std::map<std::string, Applied, std::less<>> applied_;  // by topic
  bool is_read_ = false;
};

}  // namespace bridge
