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

void Rejections::refused(Record& record, Now now, Effects& effects) {
  if (!std::exchange(record.refused, true)) ++refused_;
  const bool essential = record.what == What::description || record.what == What::document;
  if (essential && record.wanted && !std::exchange(record.withholds, true)) ++withholding_;
  if (retry_at_ == never || retry_at_ <= now.at) retry_at_ = now.at + retry_period;
  tell(now, effects,
       fmt::format("the broker refused a message to {}: the bridge's user may not write there; "
                   "allow it in the broker's ACL",
                   record.topic));
}

void Rejections::forgive(Record& record) {
  if (std::exchange(record.refused, false)) --refused_;
  if (std::exchange(record.withholds, false)) --withholding_;
}

void Rejections::too_large(const Record& record, std::size_t bytes, std::uint32_t bytes_max,
                           Now now, Effects& effects) {
  tell(now, effects,
       fmt::format("{} is not published: {} bytes are more than the broker's max_packet_size of "
                   "{}; raise that, or leave the entity out",
                   record.topic, bytes, bytes_max));
}

void Rejections::retrying(Now now) { retry_at_ = now.at + retry_period; }

}  // namespace bridge
