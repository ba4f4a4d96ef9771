// Why an entity is not on the bus, not on main, or not there as its like: the one closed list of
// codes. The filter and the bridge give them, the log, info, `check` and `explain` tell them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace discovery {

enum class Reason : std::uint8_t {
  published,
  // It is not on the bus:
  mirror,
  disabled,
  invalid_id,
  hidden,
  left_out,
  filtered,
  no_state,
  pending,
  // it is, and main lacks it or a part of it:
  incomplete,
  no_consumer,
  own_prefix,
  deleted,
  not_allowed,
  too_large,
  clash,
  // main has it as a stand-in, a read-only sensor:
  no_platform,
  old_release,
  mixed_group,
  not_configured
};
constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::not_configured) + 1;

/// Whether an entity with this reason has no topics.
constexpr bool keeps_off_the_bus(Reason reason) {
  return reason > Reason::published && reason < Reason::incomplete;
}

/// What people are told: the code, one sentence, and what to do.
struct ReasonText {
  std::string_view code;
  std::string_view why;
  std::string_view remedy;
};
const ReasonText& about(Reason reason);

/// The code alone: left_out.
inline std::string_view to_text(Reason reason) { return about(reason).code; }

/// How many entities have each reason.
using ReasonCounts = std::array<std::uint32_t, reason_count>;

}  // namespace discovery
