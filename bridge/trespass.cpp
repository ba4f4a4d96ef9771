#include "bridge/trespass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace bridge {
namespace {

constexpr std::int64_t epoch_jump_max = std::int64_t{1} << 45;
// Main runs a callback of each entity for each status.
constexpr Time repair_pace{1'000};
constexpr const char* remedy =
    "Find who may write there, and forbid it in the broker's access list (statebus acl)";

}  // namespace

std::optional<std::int64_t> epoch_of(const discovery::Json& told) {
  const auto epoch = told.find("epoch");
  if (epoch == told.end() || !epoch->is_number_integer()) return std::nullopt;
  // What is beyond 2^63 would come out negative, and so as one of long ago.
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const bool is_beyond =
      epoch->is_number_unsigned() && epoch->get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  return is_beyond ? most : epoch->get<std::int64_t>();
}

bool is_plausible_epoch(std::int64_t epoch, Now now) {
  return epoch > 0 && epoch < now.unix_ms + epoch_jump_max;
}

Time Trespass::status_written(const std::string& topic, Now now) {
  if (repair_at_ <= now.at) repair_at_ = std::max(now.at, repair_at_ + repair_pace);
  if (!repairs_.take(now)) {
    alarm_ =
        fmt::format("somebody else writes to {} again and again; it is put right once a second. {}",
                    topic, remedy);
  }
  return repair_at_;
}

void Trespass::heartbeat_forged(const std::string& topic, const std::string& payload) {
  alarm_ = fmt::format("{} holds what no bridge writes ({}); it is passed over and put right. {}",
                       topic, discovery::shown(payload), remedy);
}

std::optional<std::string> Trespass::take_alarm(Now now) {
  if (alarm_.empty() || !alarms_.take(now)) return std::nullopt;
  return std::exchange(alarm_, {});
}

}  // namespace bridge
