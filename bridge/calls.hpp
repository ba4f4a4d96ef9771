// Calls: services that others ask for with a target and data, run and answered.
//
// What may be reached is what is published: the target is resolved here, and Home Assistant gets
// the ids of entities alone. Services that the user allows by calls.allow go to Home Assistant as
// they come.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "bridge/allowance.hpp"
#include "bridge/command_ids.hpp"
#include "bridge/ha_session.hpp"
#include "bridge/outbox.hpp"
#include "bridge/refusals.hpp"
#include "bridge/targets.hpp"

namespace bridge {

class Calls {
 public:
  Calls(const Settings& settings, const discovery::Topics& topics, const discovery::Home& home,
        const Publications& publications, HaSession& session, Outbox& outbox, Refusals& refusals);

  /// A message at `call`.
  void received(const Message& message, Now now, Effects& effects);
  void call_done(const CallResult& result, Now now, Effects& effects);

 private:
  /// Whom the answer is for, and what it is about.
  struct Asker {
    std::string service;
    discovery::Json id;
    std::string reply_to;
    std::string correlation_data;
  };

  /// Why it is not to be taken at all.
  std::optional<discovery::Refusal> why_never(const Message& message, Now now) const;
  /// Why it cannot be taken now, whatever it asks for.
  std::optional<discovery::Refusal> why_not_now(Now now);
  std::optional<discovery::Refusal> why_not_allowed(const discovery::Call& call) const;
  bool is_allowed(const discovery::Call& call) const;
  /// The target as Home Assistant gets it.
  std::variant<discovery::Json, discovery::Refusal> target_of(const discovery::Call& call) const;
  bool is_reply_topic(const std::string& topic) const;
  void refuse(const Asker& asker, const discovery::Refusal& why, Now now, Effects& effects);
  void answer(const Asker& asker, std::string payload);

  const Settings& settings_;
  const discovery::Topics& topics_;
  HaSession& session_;
  Outbox& outbox_;
  Refusals& refusals_;
  Targets targets_;
  std::unordered_map<std::uint64_t, Asker> running_;  // by the session's number
  CommandIds ids_;
  Allowance allowance_;
};

}  // namespace bridge
