#include "bridge/refusals.hpp"

#include <fmt/format.h>

#include <utility>

#include "discovery/time.hpp"

namespace bridge {
namespace {

constexpr std::size_t shown_max = 500;

/// In the words that main's sensor has for its attributes, where `entity_id` is not one's own.
discovery::Json shown(const discovery::Json& refusal, Now now) {
  discovery::Json shown{{"code", refusal.at("code")},
                        {"message", discovery::text_at(refusal, "message").substr(0, shown_max)}};
  if (refusal.contains("entity_id")) shown["entity"] = refusal.at("entity_id");
  if (refusal.contains("service")) shown["service"] = refusal.at("service");
  std::string time;
  discovery::append_json_time(time, now.unix_ms * 1000);
  shown["at"] = discovery::Json::parse(time);
  return shown;
}

}  // namespace

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
  last_ = shown(told, now);
  std::string line = fmt::format("refused {} ({}): {}", what, why.code, why.message);
  const std::uint64_t untold = std::exchange(untold_, 0);
  if (untold != 0) line += fmt::format("; {} more were refused before it", untold);
  effects.say(Level::warning, line);
}

}  // namespace bridge
