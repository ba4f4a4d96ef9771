// The desk where commands from the broker are received: read, checked against the rules, put
// together where Home Assistant has split them, called, and answered for when they are refused.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>

#include "bridge/allowance.hpp"
#include "bridge/command_ids.hpp"
#include "bridge/ha_session.hpp"
#include "bridge/publications.hpp"
#include "bridge/refusals.hpp"
#include "bridge/settings.hpp"
#include "discovery/command.hpp"

namespace bridge {

class CommandDesk {
 public:
  CommandDesk(const Settings& settings, const discovery::Home& home,
              const Publications& publications, HaSession& session, Refusals& refusals);

  /// A message below `command/`. `parts` are those of its topic.
  void received(const discovery::TopicParts& parts, const Message& message, Now now,
                Effects& effects);
  void call_done(const CallResult& result, Now now, Effects& effects);
  void tick(Now now, Effects& effects);
  Time deadline() const;

 private:
  struct Command {
    discovery::ServiceCall call;
    Time expires{};
  };
  struct Waiting {
    Command command;
    Time due{};
  };
  struct Running {
    discovery::ServiceCall call;
    Time since{};
  };
  /// What one entity may take, so that its flood does not keep others waiting.
  struct Pace {
    Allowance allowance;
    std::size_t queued = 0;
  };

  void take(Command command, Now now, Effects& effects);
  void run(Command command, Now now, Effects& effects);
  Pace& pace_of(const std::string& entity_id);
  /// Why the queue takes no more of this entity; empty when it does.
  std::string why_full(const Pace& pace) const;
  void start(Command command, Now now, Effects& effects);
  std::uint64_t ask(const discovery::ServiceCall& call, const discovery::Entity& entity, Now now,
                    Effects& effects);
  void start_queued(Now now, Effects& effects);
  /// When a call may start that must not overtake an earlier one; `now` when there is none.
  Time may_start(const discovery::ServiceCall& call, Now now) const;
  void refuse(const std::string& entity_id, const discovery::Asked& asked,
              const discovery::Refusal& why, Now now, Effects& effects);
  /// Refuses one that was taken already; its id may come again.
  void refuse(const discovery::ServiceCall& call, const discovery::Refusal& why, Now now,
              Effects& effects);

  const Settings& settings_;
  const discovery::Home& home_;
  const Publications& publications_;
  HaSession& session_;
  Refusals& refusals_;
  std::deque<Waiting> waiting_;  // for parts of the same call
  std::list<Command> queue_;     // to start, in the order in which they came
  Time next_start_ = never;      // when one of the queue may start or expires
  std::unordered_map<std::uint64_t, Running> running_;
  CommandIds ids_;
  Allowance allowance_;
  std::unordered_map<std::string, Pace> paces_;  // of entities that were commanded
};

}  // namespace bridge
