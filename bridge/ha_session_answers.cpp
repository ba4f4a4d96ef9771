// What Home Assistant answers and tells within a session: lists, states, results of calls.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/ha_session.hpp"

namespace bridge {
namespace {

// Registry events come in bursts, and each asks for a list of up to some megabytes.
constexpr Time refresh_delay{500};
constexpr Time list_retry{30'000};

/// The list of a registry that has nothing.
discovery::PaddedJson empty_list() {
  static const std::string bytes = "[]" + std::string(discovery::json_padding, ' ');
  return {std::string_view(bytes).substr(0, 2)};
}

}  // namespace

void HaSession::ask_registry(Registry registry, Effects& effects) {
  refresh_at_[static_cast<std::size_t>(registry)] = never;
  ask({.asked = Asked::registry, .registry = registry},
      fmt::format(R"("type":"{}")", words_of(registry).list), effects);
}

void HaSession::refresh(Registry registry, Now now) {
  Time& at = refresh_at_[static_cast<std::size_t>(registry)];
  at = std::min(at, now.at + refresh_delay);
}

/// Entities name devices, and devices areas: what is named is asked for first, so that no entity is
/// announced without its device.
void HaSession::refresh_due(Now now, Effects& effects) {
  if (*std::min_element(std::begin(refresh_at_), std::end(refresh_at_)) > now.at) return;
  for (std::size_t i = registry_count; i-- > 0;) {
    if (refresh_at_[i] != never) ask_registry(static_cast<Registry>(i), effects);
  }
}

void HaSession::result(const Question& question, const discovery::HaMessage& message, Now now,
                       Effects& effects) {
  switch (question.asked) {
    case Asked::nothing:
    case Asked::event:
      return;
    case Asked::config:
      return configured(message, now, effects);
    case Asked::states:
      // Home Assistant reports a change that it could not write as JSON by a failed result.
      if (!message.success) {
        effects.say(Level::warning,
                    fmt::format("Home Assistant could not send a state ({}); reading "
                                "all states again",
                                message.error_text));
        resubscribe(effects);
      }
      return;
    case Asked::request:
    case Asked::follow:
      return listener_.ha_heard(message, now);
    case Asked::registry:
      return listed(question.registry, message, now, effects);
    case Asked::call:
      listener_.ha_call_done({static_cast<std::uint64_t>(message.id), message.success,
                              message.error_code, message.error_text, message.payload},
                             now);
      return;
  }
}

/// Without its release and state nothing can be done for it.
void HaSession::configured(const discovery::HaMessage& message, Now now, Effects& effects) {
  const HaConfig config = read_ha_config(message.payload);
  if (message.success && !config.version_text.empty()) return listener_.ha_config(config, now);
  const std::string& why = message.error_text;
  drop_connection(
      fmt::format("its configuration cannot be read{}; see whether home_assistant.url is that of a "
                  "Home Assistant",
                  why.empty() ? "" : " (" + why + ")"),
      now, effects);
}

void HaSession::listed(Registry registry, const discovery::HaMessage& message, Now now,
                       Effects& effects) {
  if (message.success) return listener_.ha_registry(registry, {message.payload}, now);
  // Floors and labels came with 2024.4; before, there are none. Any other list that fails is not
  // an empty one.
  const bool optional = registry == Registry::floors || registry == Registry::labels;
  if (optional && message.error_code == "unknown_command") {
    return listener_.ha_registry(registry, empty_list(), now);
  }
  effects.say(Level::warning,
              fmt::format("Home Assistant could not list its {} ({}); asking again in 30 s",
                          words_of(registry).name, message.error_text));
  refresh_at_[static_cast<std::size_t>(registry)] = now.at + list_retry;
}

void HaSession::event(const Question& question, const discovery::HaMessage& message, Now now,
                      Effects& effects) {
  if (question.asked == Asked::states) {
    if (message.id != states_id_) return;
    const bool snapshot = !std::exchange(snapshot_seen_, true);
    listener_.ha_states({message.payload}, snapshot, now);
  } else if (question.asked == Asked::follow) {
    listener_.ha_heard(message, now);
  } else if (question.event_type == "core_config_updated") {
    ask({.asked = Asked::config}, R"("type":"get_config")", effects);
  } else if (question.asked == Asked::event) {
    registry_event(question.registry, message.payload, now);
  }
}

void HaSession::registry_event(Registry registry, std::string_view payload, Now now) {
  if (registry == Registry::services && !concerns_notifier(payload)) return;
  refresh(registry, now);
  if (registry != Registry::entities) return;
  if (const auto rename = read_rename(payload)) listener_.ha_renamed(rename->from, rename->to, now);
}

}  // namespace bridge
