// Which commands with an id were taken, so that one that comes a second time is not run again. An
// id belongs to its entity, is remembered for a while, and forgotten when its command is refused.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "bridge/effects.hpp"

namespace bridge {

class CommandIds {
 public:
  /// Notes the id; false when it is known already.
  bool add(const std::string& entity_id, const std::string& id, Now now) {
    while (!order_.empty() && order_.front().first <= now.at) drop_oldest();
    std::string key = key_of(entity_id, id);
    if (!until_.emplace(key, now.at + life).second) return false;
    if (order_.size() >= most) drop_oldest();
    order_.emplace_back(now.at + life, std::move(key));
    return true;
  }

  bool knows(const std::string& entity_id, const std::string& id, Now now) {
    while (!order_.empty() && order_.front().first <= now.at) drop_oldest();
    return until_.contains(key_of(entity_id, id));
  }

  void forget(const std::string& entity_id, const std::string& id) {
    until_.erase(key_of(entity_id, id));
  }

 private:
  static constexpr Time life{10 * 60'000};
  static constexpr std::size_t most = 10'000;

  /// No entity id has a blank in it.
  static std::string key_of(const std::string& entity_id, const std::string& id) {
    return entity_id + ' ' + id;
  }

  void drop_oldest() {
    const auto& [until, key] = order_.front();
    // One that was forgotten may be known again, for longer.
    const auto found = until_.find(key);
    if (found != until_.end() && found->second == until) until_.erase(found);
    order_.pop_front();
  }

  std::unordered_map<std::string, Time> until_;
  std::deque<std::pair<Time, std::string>> order_;
};

}  // namespace bridge
