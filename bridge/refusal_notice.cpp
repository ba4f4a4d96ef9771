#include "bridge/refusal_notice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bridge {
namespace {

constexpr std::size_t word_max = 128;
constexpr std::size_t sentence_max = 500;

struct Remedy {
  std::string_view code;
  std::string_view text;
};
// `{}` stands for the instance. Codes that are not here are those of its Home Assistant.
constexpr std::array remedies{
    Remedy{"retained", "Publish commands without the retain flag"},
    Remedy{"expired", "Try again; when it happens often, see what keeps {} or the broker busy"},
    Remedy{"not_published", "`statebus explain` tells at {} why the entity is not on the bus"},
    Remedy{"read_only", "Set commands.read_only to false in the configuration of {} to allow it"},
    Remedy{"denied", "Take it out of commands.deny in the configuration of {} to allow it"},
    Remedy{"rate", "Send fewer at once, or raise that rate in the configuration of {}"},
    Remedy{"malformed", "See docs/topics.md for the form of a command"},
    Remedy{"unknown_slot", "See docs/topics.md for the topics of commands"},
    Remedy{"unknown_service", "`statebus domains` tells which services each kind takes"},
    Remedy{"target_not_allowed",
           "Leave the target out: it is for the entity of its topic or service"},
    Remedy{"no_target", "Name what {} publishes, or allow the service by its calls.allow"},
    Remedy{"unknown_target", "Name a device, area, floor or label of {}"},
    Remedy{"reply_not_allowed", "Ask for the answer at a reply topic of the bus"},
    Remedy{"too_large", "It was done at {}; ask for less, to get an answer"},
    Remedy{"ha_unavailable", "See whether the Home Assistant of {} runs, then try again"},
    Remedy{"unavailable", "See at {} why the entity is unavailable, then try again"},
    Remedy{"timeout", "See at {} whether it was done after all, then try again"},
    Remedy{"disconnected", "See at {} whether it was done after all, then try again"},
};
constexpr std::string_view other_remedy = "The log of the Home Assistant of {} may tell more";

/// The text at a key, without what Markdown or HTML would make something of.
std::string plain(const discovery::Json& refusal, const char* key, std::size_t bytes_max) {
  std::string text = discovery::text_at(refusal, key).substr(0, bytes_max);
  const auto is_special = [](char c) {
    return static_cast<unsigned char>(c) < ' ' ||
           std::string_view("`<>[]").find(c) != std::string_view::npos;
  };
  std::replace_if(text.begin(), text.end(), is_special, ' ');
  return text;
}

std::string remedy_for(std::string_view code, std::string_view instance) {
  const auto found = std::find_if(remedies.begin(), remedies.end(),
                                  [&](const Remedy& remedy) { return remedy.code == code; });
  const std::string_view text = found == remedies.end() ? other_remedy : found->text;
  return fmt::format(fmt::runtime(text), instance);
}

}  // namespace

Notice notice_of(std::string_view instance, const discovery::Json& refusal) {
  const std::string entity = plain(refusal, "entity_id", word_max);
  const std::string service = plain(refusal, "service", word_max);
  const std::string code = plain(refusal, "code", word_max);
  std::string what = service.empty() ? "A command" : fmt::format("`{}`", service);
  if (!entity.empty()) what += fmt::format(" for `{}`", entity);
  std::string why = plain(refusal, "message", sentence_max);
  if (!why.ends_with('.')) why += '.';
  return {.id = fmt::format("statebus_refused_{}_{}", instance, entity.empty() ? service : entity),
          .title = fmt::format("{} did not carry out a command", instance),
          .message = fmt::format("{} was not carried out at {}: {} {}. ({})", what, instance, why,
                                 remedy_for(code, instance), code)};
}

}  // namespace bridge
