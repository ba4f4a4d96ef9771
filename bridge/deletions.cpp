#include "bridge/deletions.hpp"

#include <algorithm>
#include <utility>

namespace bridge {
namespace {

// The topics of a device are cleared one after the other, and a whole tree takes longer.
constexpr Time quiet{2'000};

}  // namespace

void Deletions::overwritten(const Message& message, Now now) {
  Record* const record = outbox_.find(message.topic);
  if (!message.retained) return;
  if (record == nullptr || !record->wanted) return publications_.left_behind(message, now);
  const bool is_announcement = record->what == What::announcement ||
                               record->what == What::trigger || record->what == What::instance;
  if (!is_announcement || !message.payload.empty()) {
    return outbox_.held(message.topic, message.payload, record->indexed);
  }
  record->held = 0;
  cleared_.push_back(message.topic);
  decide_at_ = now.at + quiet;
}

void Deletions::tick(Now now, Effects& effects) {
  if (cleared_.empty() || now.at < decide_at_) return;
  std::vector<Record*> cleared;
  for (const std::string& topic : std::exchange(cleared_, {})) {
    Record* const record = outbox_.find(topic);
    // It may have been sent again, or given up, meanwhile.
    if (record != nullptr && record->wanted && record->held == 0) cleared.push_back(record);
  }
  // Of a user that would be two wishes at once, and the instance's own device goes with neither.
  const bool is_loss = std::any_of(cleared.begin(), cleared.end(), [](const Record* record) {
    return record->what == What::instance;
  });
  for (Record* record : cleared) {
    if (is_loss) {
      outbox_.touch(*record, Lane::paced);
    } else if (record->what == What::announcement) {
      publications_.deleted(*record, now, effects);
    }
  }
  // A trigger belongs to no entity: it stays away with all the entities of its device.
  if (!is_loss) triggers_.consumers_changed();
}

}  // namespace bridge
