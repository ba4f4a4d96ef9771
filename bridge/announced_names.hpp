// What the index of another instance names as announced under a prefix: the entities that it wants
// this instance's Home Assistant to have.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/topic.hpp"

namespace bridge {

/// A bucket is kept as it came and read when somebody looks: while an instance comes, its buckets
/// change many times.
class AnnouncedNames {
 public:
  /// A message at `index/N`, with the number as it stands there. False when it is none of an index.
  bool heard(std::string_view number, const std::string& payload);
  /// Reads one bucket that was not read yet, with the topics of its instance; false when there is
  /// none.
  bool read_one(const discovery::Topics& topics, std::string_view prefix);

  bool empty() const { return buckets_.empty(); }
  /// Whether these are all the names there are, of an index of so many buckets.
  bool is_complete(std::size_t buckets) const { return buckets_.size() == buckets && !is_cut_; }
  /// Each as component and object with a dot between, such as light.statebus-hubs-9f3c…
  template <typename Visit>
  void each(Visit visit) const {
    for (const auto& [number, bucket] : buckets_) {
      for (const std::string& name : bucket.names) visit(name);
    }
  }

 private:
  struct Bucket {
    std::string unread;
    std::vector<std::string> names;
  };

  std::map<std::uint32_t, Bucket> buckets_;
  std::size_t unread_bytes_ = 0;
  bool is_cut_ = false;  // something was too much, or could not be read
};

}  // namespace bridge
