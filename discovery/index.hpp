// The index: the names of all retained topics of an instance, so that a reader knows what it lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace discovery {

/// How many buckets an instance's index has; `info` tells it, so that it may change. With 32, an
/// instance of 5,000 entities has some 600 names in each, and a new entity rewrites some 40 kB.
constexpr std::uint32_t index_buckets = 32;

/// An index of more buckets than these is nobody's, and not read.
constexpr std::uint32_t index_buckets_max = 4096;

/// A larger bucket is not read.
constexpr std::size_t index_bytes_max = 4 * 1024 * 1024;

/// The JSON list of a bucket; `topics` in any order.
std::string index_payload(std::vector<std::string_view> topics);

/// The names in a bucket; nothing when it is no list of texts.
std::optional<std::vector<std::string>> read_index(std::string_view payload);

}  // namespace discovery
