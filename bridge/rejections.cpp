#include "bridge/rejections.hpp"

#include <fmt/format.h>

#include <utility>

#include "bridge/outbox.hpp"

namespace bridge {
namespace {

// Whoever changes the broker's ACL need not restart the bridge: one message every two seconds finds
// out, and costs a broker little.
constexpr Time sample_period{2'000};
// The rights may have come back in part.
constexpr Time all_period{60'000};

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
  if (all_at_ <= now.at || refused_ == 1) all_at_ = now.at + all_period;
  if (std::exchange(sampling_, false) && sample_ == &record) return;
  sample_ = &record;
  sample_at_ = now.at + sample_period;
  tell(now, effects,
       fmt::format("the broker refused a message to {}: the bridge's user may not write there; "
                   "allow it in the broker's ACL",
                   record.topic));
}

void Rejections::forgive(Record& record) {
  if (record.refused) --refused_;
  set(record.refused, false);
  if (std::exchange(record.withholds, false)) --withholding_;
  if (sample_ != &record) return;
  sample_ = nullptr;
  all_at_ = Time{};
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

Record* Rejections::retrying(Now now) {
  sample_at_ = now.at + sample_period;
  sampling_ = now.at < all_at_;
  if (sampling_) return sample_;
  all_at_ = now.at + all_period;
  return nullptr;
}

}  // namespace bridge
