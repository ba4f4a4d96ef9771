// Refusals of commands and calls: counted, told on the bus and in the log, and never in a flood.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/allowance.hpp"
#include "bridge/outbox.hpp"
#include "discovery/command.hpp"

namespace bridge {

class Refusals {
 public:
  Refusals(const discovery::Topics& topics, Outbox& outbox) : topics_(topics), outbox_(outbox) {}

  /// `told` is what `refused` says beside code and message; `what` names it in the log: "a command
  /// for light.kitchen".
  void tell(discovery::Json told, const std::string& what, const discovery::Refusal& why, Now now,
            Effects& effects);

  std::uint64_t count() const { return count_; }
  /// The last one that was told, as `info` shows it; null: none was.
  const discovery::Json& last() const { return last_; }

 private:
  const discovery::Topics& topics_;
  Outbox& outbox_;
  Allowance tellings_{10, 20};
  std::uint64_t count_ = 0;
  discovery::Json last_;
  std::uint64_t untold_ = 0;  // since the last that was told
};

}  // namespace bridge
