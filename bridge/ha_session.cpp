#include "bridge/ha_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bridge {
namespace {

// A failed login may ban the address for good (http: login_attempts_threshold), so the next one
// waits.
constexpr Time refused_wait{15 * 60'000};
constexpr Time first_wait{1'000};
constexpr Time last_wait{30'000};
// A connection that lived so long was a good one: the next loss starts with the shortest wait.
constexpr Time good_life{60'000};
constexpr Time opening_timeout{30'000};
constexpr Time silence_before_ping{20'000};
constexpr Time answer_timeout{15'000};
// Home Assistant answers each within seconds; calls have a limit of their own.
constexpr std::size_t questions_max = 10'000;

}  // namespace

HaSession::HaSession(Settings settings, HaListener& listener)
    : settings_(std::move(settings)),
      listener_(listener),
      backoff_(first_wait, last_wait, settings_.seed) {}

void HaSession::start(Now now, Effects& effects) {
  phase_ = Phase::opening;
  retry_at_ = now.at + opening_timeout;
  effects.ha.push_back(HaOpen{});
}

void HaSession::opened(Now now) {
  phase_ = Phase::login;
  last_heard_ = now.at;
  retry_at_ = now.at + opening_timeout;
}

void HaSession::wait_and_retry(Time wait, Now now) {
  const bool was_live = std::exchange(phase_, Phase::waiting) == Phase::live;
  retry_at_ = now.at + wait;
  const auto questions = std::exchange(questions_, {});
  if (!was_live) return;
  if (now.at - live_since_ >= good_life) backoff_.reset();
  listener_.ha_lost(now);
  for (const auto& [id, question] : questions) {
    if (question.asked != Asked::call) continue;
    listener_.ha_call_done({static_cast<std::uint64_t>(id), false, "disconnected",
                            "the connection to Home Assistant was lost before it answered; whether "
                            "the service ran is not known"},
                           now);
  }
}

void HaSession::closed(const std::string& why, int status, Now now, Effects& effects) {
  if (phase_ == Phase::waiting) return;
  if (status == 403) {
    refused(
        "it refuses the bridge: it answers 403 Forbidden: this address is banned or the proxy "
        "refuses it; see "
        "ip_bans.yaml in its configuration folder",
        now, effects);
    return;
  }
  const bool was_live = phase_ == Phase::live;
  const bool met_nobody = phase_ == Phase::opening && status == 0;
  wait_and_retry(met_nobody ? backoff_.knock() : backoff_.next(), now);
  if (was_live || why != last_failure_) {
    effects.say(Level::warning,
                fmt::format("Home Assistant at {}: {}; trying again", settings_.url, why));
  }
  last_failure_ = why;
}

void HaSession::refused(const std::string& text, Now now, Effects& effects) {
  effects.ha.push_back(HaClose{});
  wait_and_retry(refused_wait, now);
  effects.say(Level::error,
              fmt::format("Home Assistant at {}: {}. The next attempt is in 15 minutes, at a "
                          "restart of the bridge, or with another token at a reload (SIGHUP)",
                          settings_.url, text));
}

void HaSession::drop_connection(const std::string& why, Now now, Effects& effects) {
  effects.ha.push_back(HaClose{});
  closed(why, 0, now, effects);
}

void HaSession::frame(discovery::PaddedJson frame, Now now, Effects& effects) {
  if (phase_ != Phase::login && phase_ != Phase::live) return;
  last_heard_ = now.at;
  pinged_ = false;
  const bool valid = reader_.read(frame, messages_);
  // Handling one message may end the connection, and then the rest concerns nobody.
  for (const discovery::HaMessage& each : messages_) {
    if (phase_ == Phase::login || phase_ == Phase::live) message(each, now, effects);
    if (questions_.size() > questions_max) {
      drop_connection(fmt::format("it leaves more than {} questions unanswered", questions_max),
                      now, effects);
    }
  }
  if (!valid && phase_ != Phase::waiting) {
    drop_connection(
        fmt::format("it sent a frame of {} bytes that is no valid JSON", frame.text.size()), now,
        effects);
  }
}

void HaSession::message(const discovery::HaMessage& message, Now now, Effects& effects) {
  if (phase_ == Phase::login) return log_in(message, now, effects);
  const auto found = questions_.find(message.id);
  if (found == questions_.end()) return;
  if (message.type == "event") return event(found->second, message, now, effects);
  if (message.type == "pong") questions_.erase(found);
  if (message.type != "result") return;
  const Question question = found->second;
  const bool subscribed = question.asked == Asked::states || question.asked == Asked::event ||
                          question.asked == Asked::follow;
  if (!subscribed || !message.success) questions_.erase(found);
  result(question, message, now, effects);
}

void HaSession::log_in(const discovery::HaMessage& message, Now now, Effects& effects) {
  if (message.type == "auth_required") {
    send_token(now, effects);
  } else if (message.type == "auth_invalid") {
    useless_token_ = sent_token_;
    refused(
        fmt::format("it refuses the bridge: it does not accept the token ({}); make a new one with "
                    "`statebus token {}` and put it into home_assistant.token_file",
                    message.error_text, settings_.url),
        now, effects);
  } else if (message.type == "auth_ok") {
    phase_ = Phase::live;
    live_since_ = now.at;
    last_failure_.clear();
    useless_token_.reset();
    begin(now, effects);
    listener_.ha_connected(message.ha_version, now);
  }
}

/// A login without a token would fail, and failed logins can ban the address.
void HaSession::send_token(Now now, Effects& effects) {
  LoginToken token = token_();
  if (!token.problem.empty()) {
    useless_token_ = "";
    return refused("the bridge does not log in: " + token.problem, now, effects);
  }
  sent_token_ = std::move(token.text);
  const discovery::Json login{{"type", "auth"}, {"access_token", sent_token_}};
  effects.ha.push_back(HaSend{discovery::to_text(login)});
}

void HaSession::token_may_be_new(Now now) {
  if (phase_ != Phase::waiting || !useless_token_) return;
  const LoginToken token = token_();
  if (token.problem.empty() && token.text != *useless_token_) retry_at_ = now.at;
}

void HaSession::begin(Now, Effects& effects) {
  next_id_ = 1;
  states_id_ = 0;
  questions_.clear();
  ask({}, R"("type":"supported_features","features":{"coalesce_messages":1})", effects);
  const auto subscribe = [&](const std::string& type, Asked asked, Registry registry) {
    ask({.asked = asked, .registry = registry, .event_type = type},
        fmt::format(R"("type":"subscribe_events","event_type":"{}")", type), effects);
  };
  subscribe("core_config_updated", Asked::event, Registry::entities);
  for (std::size_t i = 0; i < registry_count; ++i) {
    const auto registry = static_cast<Registry>(i);
    for (const std::string_view event : words_of(registry).events) {
      if (!event.empty()) subscribe(std::string(event), Asked::event, registry);
    }
  }
  ask({.asked = Asked::config}, R"("type":"get_config")", effects);
  resubscribe(effects);
  // The lists come after the states: so an entity that has a state and stands in no list is one
  // without a registry entry, and not one that was registered a moment later.
  for (std::size_t i = 0; i < registry_count; ++i) ask_registry(static_cast<Registry>(i), effects);
}

std::int64_t HaSession::ask(Question question, std::string_view request, Effects& effects) {
  const std::int64_t id = next_id_++;
  questions_[id] = std::move(question);
  effects.ha.push_back(HaSend{fmt::format(R"({{"id":{},{}}})", id, request)});
  return id;
}

void HaSession::resubscribe(Effects& effects) {
  if (states_id_ != 0) unfollow(states_id_, effects);
  snapshot_seen_ = false;
  states_id_ = ask({.asked = Asked::states}, R"("type":"subscribe_entities")", effects);
}

void HaSession::unfollow(std::int64_t id, Effects& effects) {
  questions_.erase(id);
  ask({}, fmt::format(R"("type":"unsubscribe_events","subscription":{})", id), effects);
}

std::uint64_t HaSession::call(std::string_view domain, std::string_view service,
                              std::string_view entity_id, const discovery::Json& data, Now now,
                              Effects& effects) {
  discovery::Json target = discovery::Json::object();
  if (!entity_id.empty()) target["entity_id"] = entity_id;
  return call(domain, service, target, data, false, now, effects);
}

std::uint64_t HaSession::call(std::string_view domain, std::string_view service,
                              const discovery::Json& target, const discovery::Json& data,
                              bool return_response, Now now, Effects& effects) {
  std::string request = fmt::format(
      R"("type":"call_service","domain":"{}","service":"{}","service_data":{},"target":{})", domain,
      service, discovery::to_text(data), discovery::to_text(target));
  if (return_response) request += R"(,"return_response":true)";
  const std::int64_t id =
      ask({.asked = Asked::call, .due = now.at + settings_.call_timeout}, request, effects);
  return static_cast<std::uint64_t>(id);
}

void HaSession::expire_calls(Now now) {
  std::vector<std::uint64_t> expired;
  for (const auto& [id, question] : questions_) {
    if (question.due <= now.at) expired.push_back(static_cast<std::uint64_t>(id));
  }
  for (const std::uint64_t id : expired) {
    questions_.erase(static_cast<std::int64_t>(id));
    listener_.ha_call_done(
        {id, false, "timeout",
         "Home Assistant did not answer in time; whether the service ran is not known"},
        now);
  }
}

void HaSession::tick(Now now, Effects& effects) {
  if (phase_ == Phase::waiting) {
    if (now.at >= retry_at_) start(now, effects);
    return;
  }
  if (phase_ != Phase::live) {
    if (now.at >= retry_at_) drop_connection("it did not answer within 30 s", now, effects);
    return;
  }
  expire_calls(now);
  refresh_due(now, effects);
  const Time silent = now.at - last_heard_;
  if (pinged_ && silent >= silence_before_ping + answer_timeout) {
    drop_connection("it has not answered a ping for 15 s", now, effects);
  } else if (!pinged_ && silent >= silence_before_ping) {
    pinged_ = true;
    ask({}, R"("type":"ping")", effects);
  }
}

Time HaSession::deadline() const {
  if (phase_ != Phase::live) return retry_at_;
  Time next = last_heard_ + silence_before_ping + (pinged_ ? answer_timeout : Time{});
  for (const Time at : refresh_at_) next = std::min(next, at);
  for (const auto& [id, question] : questions_) next = std::min(next, question.due);
  return next;
}

}  // namespace bridge
