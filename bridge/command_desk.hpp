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
#include "bridge/outbox.hpp"
#include "bridge/publications.hpp"
#include "bridge/settings.hpp"
#include "discovery/command.hpp"

namespace bridge {

class CommandDesk {
 public:
  CommandDesk(const Settings& settings, const discovery::Topics& topics,
              const discovery::Home& home, const Publications& publications, HaSession& session,
              Outbox& outbox);

  /// A message below `command/`. `parts` are those of its topic.
  void received(const discovery::TopicParts& parts, const Message& message, Now now,
                Effects& effects);
  void call_done(const CallResult& result, Now now, Effects& effects);
  void tick(Now now, Effects& effects);
  Time deadline() const;

  std::uint64_t refused() const { return refused_; }
  /// The last one that was told, as `info` shows it; null: none was.
  const discovery::Json& last_refused() const { return last_refused_; }

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

  void take(Command command, Now now, Effects& effects);
  void run(Command command, Now now, Effects& effects);
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
  const discovery::Topics& topics_;
  const discovery::Home& home_;
  const Publications& publications_;
  HaSession& session_;
  Outbox& outbox_;
  std::deque<Waiting> waiting_;  // for parts of the same call
  std::list<Command> queue_;     // to start, in the order in which they came
  Time next_start_ = never;      // when one of the queue may start or expires
  std::unordered_map<std::uint64_t, Running> running_;
  CommandIds ids_;
  Allowance allowance_;
  Allowance tellings_{10, 20};
  std::uint64_t refused_ = 0;
  discovery::Json last_refused_;
  std::uint64_t untold_ = 0;  // refusals since the last that was told
};

}  // namespace bridge
