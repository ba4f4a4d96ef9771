// The ledger compares what the broker holds with what is wanted there: publish, keep or clear.
//
// Of what is held only a hash is kept, 8 bytes a topic, whatever the payloads weigh.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace discovery {

/// What the broker holds at one topic: 0 for nothing, else the hash of the payload.
using Held = std::uint64_t;

inline Held hash_of(std::string_view payload) {
  if (payload.empty()) return 0;
  const std::uint64_t hash = std::hash<std::string_view>{}(payload);
  return hash == 0 ? 1 : hash;
}

enum class Verdict { keep, publish, clear };

/// What is to be done so that the broker holds `wanted`; an empty one means that it shall hold
/// nothing.
inline Verdict judge(Held held, std::string_view wanted) {
  if (hash_of(wanted) == held) return Verdict::keep;
  return wanted.empty() ? Verdict::clear : Verdict::publish;
}

}  // namespace discovery
