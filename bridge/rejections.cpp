#include "bridge/rejections.hpp"

#include <fmt/format.h>

#include <utility>

#include "bridge/outbox.hpp"

namespace bridge {
namespace {

// Whoever changes the broker's ACL need not restart the bridge.
constexpr Time retry_period{60'000};

}  // namespace

void Rejections::tell(Now now, Effects& effects, std::string text) {
  if (!tellings_.take(now)) {
    ++untold_;
    return;
  }
  if (untold_ != 0) text += fmt::format("; {} more messages were not taken before it", untold_);
  untold_ = 0;
  effects.say(Level::error, std::move(text));
}

void Rejections::set(bool& flag, bool value) {
  if (std::exchange(flag, value) != value) ++changes_;
}

void Rejections::refused(Record& record, Now now, Effects& effects) {
  if (!record.refused) ++refused_;
  set(record.refused, true);
  const bool essential = record.what == What::description || record.what == What::document;
  if (essential && record.wanted && !std::exchange(record.withholds, true)) ++withholding_;
  if (retry_at_ == never || retry_at_ <= now.at) retry_at_ = now.at + retry_period;
  tell(now, effects,
       fmt::format("the broker refused a message to {}: the bridge's user may not write there; "
                   "allow it in the broker's ACL",
                   record.topic));
}

void Rejections::forgive(Record& record) {
  if (record.refused) --refused_;
  set(record.refused, false);
  if (std::exchange(record.withholds, false)) --withholding_;
}

void Rejections::too_large(Record& record, std::size_t bytes, std::uint32_t bytes_max, Now now,
                           Effects& effects) {
  set(record.too_large, true);
  tell(now, effects,
       fmt::format("{} is not published: {} bytes are more than the broker's max_packet_size of "
                   "{}; raise that, or leave the entity out",
                   record.topic, bytes, bytes_max));
}

void Rejections::fits(Record& record) { set(record.too_large, false); }

void Rejections::retrying(Now now) { retry_at_ = now.at + retry_period; }

}  // namespace bridge
