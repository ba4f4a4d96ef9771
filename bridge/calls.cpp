#include "bridge/calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bridge {
namespace {

using discovery::Json;
using discovery::Refusal;

constexpr std::size_t running_max = 200;
// More than a year of a calendar; it is held in memory as a whole.
constexpr std::size_t response_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t reply_topic_bytes_max = 256;

/// Services that bear the name of an entity: to run one is to reach that entity.
bool is_named_after_entity(const discovery::Call& call) {
  if (call.domain == "notify") return call.service != "send_message";
  return call.domain == "script" && call.service != "turn_on" && call.service != "turn_off" &&
         call.service != "toggle";
}

}  // namespace

Calls::Calls(const Settings& settings, const discovery::Topics& topics, const discovery::Home& home,
             const Publications& publications, HaSession& session, Outbox& outbox,
             Refusals& refusals)
    : settings_(settings),
      topics_(topics),
      session_(session),
      outbox_(outbox),
      refusals_(refusals),
      targets_(settings, home, publications),
      allowance_(settings.commands_per_second, 2.0 * settings.commands_per_second) {}

bool Calls::is_reply_topic(const std::string& topic) const {
  const auto parts = topics_.parse(topic);
  return parts && parts->kind == discovery::TopicParts::Kind::reply &&
         topic.size() <= reply_topic_bytes_max && discovery::valid_topic_prefix(parts->object);
}

void Calls::answer(const Asker& asker, std::string payload) {
  if (asker.reply_to.empty()) return;
  outbox_.send(asker.reply_to, std::move(payload), false, asker.correlation_data);
}

void Calls::refuse(const Asker& asker, const Refusal& why, Now now, Effects& effects) {
  answer(asker, discovery::answer_payload(asker.id, why));
  Json told = Json::object();
  if (!asker.service.empty()) told["service"] = asker.service;
  const std::string id =
      asker.id.is_string() ? asker.id.get<std::string>() : discovery::to_text(asker.id);
  if (!asker.id.is_null()) told["id"] = id;
  const std::string what =
      asker.service.empty() ? "a call" : fmt::format("the call {}", asker.service);
  refusals_.tell(std::move(told), what, why, now, effects);
}

std::optional<Refusal> Calls::why_never(const Message& message, Now now) const {
  if (message.retained) {
    return Refusal{"retained",
                   "it was retained, so that each reconnect would repeat it; publish calls without "
                   "the retain flag, and clear this one"};
  }
  const Time valid{std::chrono::seconds{message.expiry_s}};
  if (message.expiry_s != 0 && message.arrived + valid <= now.at) {
    return Refusal{"expired", "it came too late to be carried out"};
  }
  if (settings_.read_only) return Refusal{"read_only", "commands.read_only is set"};
  return std::nullopt;
}

std::optional<Refusal> Calls::why_not_now(Now now) {
  if (!session_.is_live()) {
    return Refusal{"ha_unavailable", "the bridge has no connection to its Home Assistant"};
  }
  if (running_.size() >= running_max) {
    return Refusal{"rate", "too many calls wait for an answer of Home Assistant"};
  }
  if (!allowance_.take(now)) {
    return Refusal{"rate", fmt::format("more than {} calls a second came (commands.per_second)",
                                       settings_.commands_per_second)};
  }
  return std::nullopt;
}

bool Calls::is_allowed(const discovery::Call& call) const {
  return discovery::matching_glob(settings_.calls_allow, call.name()) != nullptr;
}

std::optional<Refusal> Calls::why_not_allowed(const discovery::Call& call) const {
  if (is_named_after_entity(call) && !targets_.is_published(call.name())) {
    return Refusal{"not_published",
                   fmt::format("this instance publishes no '{0}'; the service can be allowed by "
                               "calls.allow: [{0}]",
                               call.name())};
  }
  const std::string* const glob = discovery::matching_glob(settings_.deny, call.name());
  if (is_named_after_entity(call) && glob != nullptr) {
    return Refusal{"denied", fmt::format("commands.deny names {}", *glob)};
  }
  if (const std::string hidden = targets_.unpublished_in(call.data); !hidden.empty()) {
    if (targets_.is_published(hidden)) {
      return Refusal{"denied", fmt::format("its data name {}, which commands.deny names", hidden)};
    }
    return Refusal{"not_published",
                   fmt::format("its data name {}, which this instance does not publish", hidden)};
  }
  return std::nullopt;
}

std::variant<Json, Refusal> Calls::target_of(const discovery::Call& call) const {
  if (is_allowed(call)) return discovery::to_json(call.target);
  if (auto why = why_not_allowed(call)) return *why;
  if (is_named_after_entity(call)) {
    if (call.target.size() == 0) return Json::object();
    return Refusal{"target_not_allowed",
                   fmt::format("{} is itself what is reached; leave the target out", call.name())};
  }
  if (call.target.size() == 0) {
    return Refusal{"no_target",
                   fmt::format("it has no target; name what it is for, or allow the service by "
                               "calls.allow: [{}]",
                               call.name())};
  }
  Targets::Resolved resolved = targets_.resolve(call);
  if (auto* why = std::get_if<Refusal>(&resolved)) return std::move(*why);
  return Json{{"entity_id", std::get<std::vector<std::string>>(std::move(resolved))}};
}

void Calls::received(const Message& message, Now now, Effects& effects) {
  if (message.payload.empty()) return;  // somebody has cleared a retained call
  const discovery::ReadCall read = discovery::read_call(message.payload);
  const discovery::Call& call = read.call;
  Asker asker{call.name(), call.id, call.reply_to, message.correlation_data};
  if (asker.reply_to.empty()) asker.reply_to = message.response_topic;
  if (!asker.reply_to.empty() && !is_reply_topic(asker.reply_to)) {
    asker.reply_to.clear();
    return refuse(
        asker,
        Refusal{"reply_not_allowed",
                fmt::format("its answer is wanted outside of {}/+/reply/#", topics_.root())},
        now, effects);
  }
  if (read.fault) return refuse(asker, *read.fault, now, effects);
  const bool is_running =
      !call.id.is_null() && std::any_of(running_.begin(), running_.end(), [&](const auto& each) {
        return each.second.id == call.id && each.second.reply_to == asker.reply_to;
      });
  if (is_running) return;  // delivered twice; the first one will be answered
  if (const auto why = why_never(message, now)) return refuse(asker, *why, now, effects);
  const std::string id = call.id.is_null() ? std::string() : discovery::to_text(call.id);
  if (!id.empty() && ids_.knows(asker.reply_to, id, now)) {
    return effects.say(Level::debug, fmt::format("passed over the call {}: its id was taken before",
                                                 asker.service));
  }
  if (const auto why = why_not_now(now)) return refuse(asker, *why, now, effects);
  auto target = target_of(call);
  if (const auto* why = std::get_if<Refusal>(&target)) return refuse(asker, *why, now, effects);
  if (!id.empty()) ids_.add(asker.reply_to, id, now);
  const std::uint64_t number = session_.call(call.domain, call.service, std::get<Json>(target),
                                             call.data, call.return_response, now, effects);
  running_.emplace(number, std::move(asker));
}

void Calls::call_done(const CallResult& result, Now now, Effects& effects) {
  const auto found = running_.find(result.call);
  if (found == running_.end()) return;
  const Asker asker = std::move(found->second);
  running_.erase(found);
  if (!result.ok) {
    ids_.forget(asker.reply_to, discovery::to_text(asker.id));
    return refuse(asker, {result.code, result.message}, now, effects);
  }
  const auto read = discovery::parse_json(result.payload, response_bytes_max);
  const Json response = read && read->is_object() ? read->value("response", Json()) : Json();
  std::string payload = discovery::answer_payload(asker.id, response);
  const std::uint32_t limit = outbox_.packet_bytes_max();
  const bool is_too_large = !read || (limit != 0 && packet_bytes(asker.reply_to, payload) > limit);
  if (is_too_large) {
    const std::string why = fmt::format(
        "the service ran, but its answer of {} bytes is too large: a bridge gives at most 4 MB "
        "and 32 levels, and the broker may take less; ask for a shorter time or fewer items",
        result.payload.size());
    return refuse(asker, Refusal{"too_large", why}, now, effects);
  }
  answer(asker, std::move(payload));
}

}  // namespace bridge
