#include "bridge/announced_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "discovery/identity.hpp"
#include "discovery/index.hpp"

namespace bridge {
namespace {

constexpr std::size_t unread_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t names_max = 50'000;

/// Whether a bridge has made it of the names of an entity, so that it can be a level of a topic.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 512 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// What main makes no entity of cannot be lacking there.
bool becomes_entity(std::string_view component) {
  return component != "device_automation" && component != "tag";
}

}  // namespace

bool AnnouncedNames::heard(std::string_view number, const std::string& payload) {
  std::uint32_t n = 0;
  const auto read = std::from_chars(number.begin(), number.end(), n);
  if (read.ec != std::errc{} || read.ptr != number.end() || n >= discovery::index_buckets_max)
    return false;
  Bucket& bucket = buckets_[n];
  unread_bytes_ -= bucket.unread.size();
  bucket = {};
  const bool fits = payload.size() <= discovery::index_bytes_max &&
                    unread_bytes_ + payload.size() <= unread_bytes_max;
  if (fits) bucket.unread = payload;
  is_cut_ = is_cut_ || !fits || payload.empty();
  unread_bytes_ += bucket.unread.size();
  return true;
}

bool AnnouncedNames::read_one(const discovery::Topics& topics, std::string_view prefix) {
  const auto unread = std::find_if(buckets_.begin(), buckets_.end(),
                                   [](const auto& each) { return !each.second.unread.empty(); });
  if (unread == buckets_.end()) return false;
  Bucket& bucket = unread->second;
  const auto listed = discovery::read_index(bucket.unread);
  unread_bytes_ -= bucket.unread.size();
  bucket.unread.clear();
  is_cut_ = is_cut_ || !listed;
  if (!listed) return true;
  std::size_t known = 0;
  for (const auto& [number, each] : buckets_) known += each.names.size();
  for (const std::string& topic : *listed) {
    const auto parts = topics.parse_announcement(prefix, topic);
    if (!parts || !becomes_entity(parts->domain)) continue;
    if (discovery::instance_of(parts->object) != topics.instance()) continue;
    if (!is_name(parts->domain) || !is_name(parts->object)) continue;
    if (known++ >= names_max) {
      is_cut_ = true;
      break;
    }
    bucket.names.push_back(fmt::format("{}.{}", parts->domain, parts->object));
  }
  return true;
}

}  // namespace bridge
