// The conversation with one Home Assistant: logs in, subscribes, fetches the registries, keeps them
// fresh, pings, and after every loss begins anew. It holds no facts itself; a listener hears them.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "bridge/backoff.hpp"
#include "bridge/effects.hpp"
#include "bridge/ha_facts.hpp"
#include "discovery/frame.hpp"
#include "discovery/json.hpp"

namespace bridge {

/// What became of a service call.
struct CallResult {
  std::uint64_t call = 0;
  bool ok = false;
  std::string
      code;  // Home Assistant's, such as service_validation_error; `timeout`, `disconnected`
  std::string message;
  std::string_view payload{};  // of success: Home Assistant's `result`; ends with the telling
};

/// What a login needs: the token, or why there is none.
struct LoginToken {
  std::string text;
  std::string problem;  // empty with a token
};

/// Hears what Home Assistant tells. Payloads are parts of the frame and end with the call.
struct HaListener {
  virtual ~HaListener() = default;
  virtual void ha_connected(const std::string& version, Now now) = 0;
  virtual void ha_lost(Now now) = 0;
  virtual void ha_config(const HaConfig& config, Now now) = 0;
  /// The first event of a subscription is the snapshot of all states.
  virtual void ha_states(discovery::PaddedJson event, bool snapshot, Now now) = 0;
  virtual void ha_registry(Registry registry, discovery::PaddedJson list, Now now) = 0;
  virtual void ha_renamed(const std::string& from, const std::string& to, Now now) = 0;
  /// The answer to a request of the listener's own, and what it follows.
  virtual void ha_heard(const discovery::HaMessage& message, Now now) = 0;
  virtual void ha_call_done(const CallResult& result, Now now) = 0;
};

class HaSession {
 public:
  /// Times between attempts, and how long an answer may take.
  struct Settings {
    std::string url;  // for messages alone
    Time call_timeout{60'000};
    std::uint64_t seed = 1;
  };

  HaSession(Settings settings, HaListener& listener);

  void start(Now now, Effects& effects);
  void opened(Now now);
  /// The token is asked for at each login, so that a renewed file is taken up.
  using Token = std::function<LoginToken()>;
  void set_token(Token token) { token_ = std::move(token); }
  /// The token may be another one now: a login that waits because of the last one is tried at once.
  void token_may_be_new(Now now);
  void frame(discovery::PaddedJson frame, Now now, Effects& effects);
  /// The connection could not be made or has ended; `status` is the HTTP status of a refused
  /// upgrade.
  void closed(const std::string& why, int status, Now now, Effects& effects);
  void tick(Now now, Effects& effects);
  Time deadline() const;

  bool is_live() const { return phase_ == Phase::live; }
  /// The token of the last login.
  const std::string& token() const { return sent_token_; }
  /// Asks for a registry again soon, because something unknown turned up.
  void refresh(Registry registry, Now now);
  /// Subscribes to all states anew: something was lost, or a complete snapshot is wanted.
  void resubscribe(Effects& effects);
  /// Calls a service on one entity, or without a target when that is empty; the number comes back
  /// in the CallResult.
  std::uint64_t call(std::string_view domain, std::string_view service, std::string_view entity_id,
                     const discovery::Json& data, Now now, Effects& effects);
  /// The same with a target in Home Assistant's form, and with the data that the service returns.
  std::uint64_t call(std::string_view domain, std::string_view service,
                     const discovery::Json& target, const discovery::Json& data,
                     bool return_response, Now now, Effects& effects);

  /// Sends a command of the listener's own; the answer comes to `ha_heard` with this number as id.
  std::int64_t request(std::string_view command, Effects& effects) {
    return ask({.asked = Asked::request}, command, effects);
  }
  /// The same with a subscription, whose events come there, too, until it is ended.
  std::int64_t follow(std::string_view command, Effects& effects) {
    return ask({.asked = Asked::follow}, command, effects);
  }
  void unfollow(std::int64_t id, Effects& effects);

 private:
  enum class Phase { waiting, opening, login, live };
  enum class Asked : std::uint8_t {
    nothing,
    config,
    states,
    registry,
    event,
    call,
    request,
    follow
  };
  struct Question {
    Asked asked = Asked::nothing;
    Registry registry = Registry::entities;
    Time due = never;  // of a call
    std::string event_type;
  };

  void message(const discovery::HaMessage& message, Now now, Effects& effects);
  void log_in(const discovery::HaMessage& message, Now now, Effects& effects);
  void send_token(Now now, Effects& effects);
  void refused(const std::string& text, Now now, Effects& effects);
  void begin(Now now, Effects& effects);
  void result(const Question& question, const discovery::HaMessage& message, Now now,
              Effects& effects);
  void event(const Question& question, const discovery::HaMessage& message, Now now,
             Effects& effects);
  void registry_event(Registry registry, std::string_view payload, Now now);
  void drop_connection(const std::string& why, Now now, Effects& effects);
  void wait_and_retry(Time wait, Now now);
  std::int64_t ask(Question question, std::string_view request, Effects& effects);
  void ask_registry(Registry registry, Effects& effects);
  void configured(const discovery::HaMessage& message, Now now, Effects& effects);
  void listed(Registry registry, const discovery::HaMessage& message, Now now, Effects& effects);
  void refresh_due(Now now, Effects& effects);
  void expire_calls(Now now);

  Settings settings_;
  HaListener& listener_;
  Token token_;
  discovery::FrameReader reader_;
  std::vector<discovery::HaMessage> messages_;
  Phase phase_ = Phase::waiting;
  std::int64_t next_id_ = 1;
  std::unordered_map<std::int64_t, Question> questions_;
  std::int64_t states_id_ =
      0;  // of the current subscription; events of an older one are passed over
  bool snapshot_seen_ = false;
  std::array<Time, registry_count> refresh_at_{never, never, never, never, never};
  Backoff backoff_;
  Time retry_at_{};
  Time live_since_{};
  Time last_heard_{};
  bool pinged_ = false;
  std::string last_failure_;  // said once, not at each attempt
  std::string sent_token_;
  std::optional<std::string> useless_token_;  // that the wait is for; empty: there was none
};

}  // namespace bridge
