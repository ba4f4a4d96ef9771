// What others write at the topics that are the bridge's own: how soon that is put right, and when
// somebody is told. The broker's access list is what forbids it; this keeps the harm small.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bridge/allowance.hpp"
#include "discovery/json.hpp"

namespace bridge {

/// Of an info or a heartbeat; nothing when it has none.
std::optional<std::int64_t> epoch_of(const discovery::Json& told);

/// Whether a bridge can have had this epoch. A larger one, taken over or given way to, would let a
/// forger lock the instance out for ever.
bool is_plausible_epoch(std::int64_t epoch, Now now);

class Trespass {
 public:
  /// Somebody has written to the status; when it is to be put right: at once, and with one who
  /// writes there again and again once a second.
  Time status_written(const std::string& topic, Now now);
  /// A heartbeat that no bridge can have given.
  void heartbeat_forged(const std::string& topic, const std::string& payload);
  /// A sentence for the log, once a minute.
  std::optional<std::string> take_alarm(Now now);

 private:
  Time repair_at_{};  // the last that was given
  // The will of an earlier connection is one, and a consumer that calls a dead instance offline.
  Allowance repairs_{5.0 / 60, 5};
  Allowance alarms_{1.0 / 60, 1};
  std::string alarm_;  // not told yet
};

}  // namespace bridge
