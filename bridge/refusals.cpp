#include "bridge/refusals.hpp"

#include <fmt/format.h>

#include <utility>

namespace bridge {

void Refusals::tell(discovery::Json told, const std::string& what, const discovery::Refusal& why,
                    Now now, Effects& effects) {
  ++count_;
  // A client gone wild shall not flood the log and all who listen.
  if (!tellings_.take(now)) {
    ++untold_;
    return;
  }
  told["code"] = why.code;
  told["message"] = why.message;
  outbox_.send(topics_.refused(), discovery::to_text(told));
  std::string line = fmt::format("refused {} ({}): {}", what, why.code, why.message);
  const std::uint64_t untold = std::exchange(untold_, 0);
  if (untold != 0) line += fmt::format("; {} more were refused before it", untold);
  effects.say(Level::warning, line);
}

}  // namespace bridge
