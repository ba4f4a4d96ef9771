#include "bridge/registry_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "discovery/json.hpp"

namespace bridge {
namespace {

constexpr std::size_t in_flight_max = 20;
constexpr std::size_t answer_bytes_max = 1024 * 1024;
// Answers need no timer of their own: Home Assistant that is silent is given up by the session.

std::string text_of(const RegistryWrite& write) {
  return write.command + discovery::to_text(write.data);
}

}  // namespace

void RegistryDesk::connected() {
  in_flight_.clear();
  busy_.clear();
  awaits_list_.clear();
  refused_.clear();
  forbidden_ = false;
}

void RegistryDesk::offer(RegistryWrite write, Now now, Effects& effects) {
  if (forbidden_ || is_busy(write.key)) return;
  const auto before = refused_.find(write.key);
  if (before != refused_.end() && before->second.contains(text_of(write))) return;
  if (in_flight_.size() == in_flight_max || !allowance_.take(now)) {
    full_ = true;
    return;
  }
  std::string request = fmt::format(R"("type":"{}")", write.command);
  for (const auto& [key, value] : write.data.items()) {
    request += fmt::format(R"(,"{}":{})", key, discovery::to_text(value));
  }
  busy_[write.key] = write.registry;
  in_flight_[session_.request(request, effects)] = std::move(write);
}

bool RegistryDesk::heard(const discovery::HaMessage& message, Now now, Effects& effects) {
  const auto found = in_flight_.find(message.id);
  if (found == in_flight_.end()) return false;
  const RegistryWrite write = std::move(found->second);
  in_flight_.erase(found);
  if (!message.success) {
    busy_.erase(write.key);
    refused(write, message, effects);
    return true;
  }
  refused_.erase(write.key);
  told_forbidden_ = false;
  if (!write.news.empty()) effects.say(Level::info, write.news);
  if (write.only_asks) {
    busy_.erase(write.key);
  } else {
    awaits_list_.insert(write.key);
    session_.refresh(write.registry, now);
  }
  if (write.done) {
    write.done(
        discovery::parse_json(message.payload, answer_bytes_max).value_or(discovery::Json()));
  }
  return true;
}

void RegistryDesk::refused(const RegistryWrite& write, const discovery::HaMessage& message,
                           Effects& effects) {
  if (message.error_code == "unauthorized") {
    forbidden_ = true;
    if (std::exchange(told_forbidden_, true)) return;
    effects.say(Level::warning,
                "areas, labels, names and hidden flags of other instances do not follow: Home "
                "Assistant lets nobody but administrators write its registries. Make the user of "
                "home_assistant.token_file an administrator, or write consume.follow: []");
    return;
  }
  refused_[write.key].insert(text_of(write));
  if (write.only_asks) return;
  effects.say(Level::warning,
              fmt::format("{} does not follow: Home Assistant refuses {} ({}: {}). It is tried "
                          "again after the next change or login",
                          write.about, write.command, message.error_code, message.error_text));
}

void RegistryDesk::listed(Registry registry) {
  std::erase_if(busy_, [&](const auto& busy) {
    return busy.second == registry && awaits_list_.erase(busy.first) != 0;
  });
}

Time RegistryDesk::room_at(Now now) {
  // An answer makes room, too, and is an event of its own.
  return in_flight_.size() == in_flight_max ? never : allowance_.next(now);
}

}  // namespace bridge
