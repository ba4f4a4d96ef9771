// What happens at other instances and is no state: events that they forward are fired on the
// instance's own Home Assistant, and so are their refusals, which people may see as notifications.
//
// Each event that is fired bears a mark, by which the bridge here does not forward it again.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "bridge/allowance.hpp"
#include "bridge/ha_session.hpp"
#include "bridge/settings.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// The type of the event that a refusal becomes.
constexpr std::string_view refused_event = "statebus_refused";

class Relay {
 public:
  Relay(const Settings& settings, const discovery::Topics& topics, HaSession& session)
      : settings_(settings), topics_(topics), session_(session) {}

  /// What it has to hear of others; nothing unless this instance consumes.
  std::vector<std::string> filters() const;

  /// A firing or refusal of another instance that this one takes from.
  void heard(const discovery::TopicParts& parts, const Message& message, Now now, Effects& effects);

  /// A new login: what was asked gets no answer, and the user may have other rights.
  void connected();
  void answered(const discovery::HaMessage& message, Effects& effects);

  void tick(Now now, Effects& effects);
  Time deadline() const { return say_at_; }

 private:
  void forward(const discovery::TopicParts& parts, const Message& message, Now now,
               Effects& effects);
  void tell_refusal(std::string_view instance, const Message& message, Now now, Effects& effects);
  void fire(std::string_view type, discovery::Json data, Now now, Effects& effects);
  void notify(std::string_view instance, const discovery::Json& refusal, Now now, Effects& effects);
  void ask(const std::string& what, const std::string& request, Effects& effects);
  void say_later(Now now);

  const Settings& settings_;
  const discovery::Topics& topics_;
  HaSession& session_;
  std::map<std::int64_t, std::string> asked_;  // what for, by the number of the request
  std::set<std::string> failed_;               // what failed since the login, and was said
  bool may_fire_ = true;                       // as far as the login has shown
  Allowance firings_{50, 200};
  Allowance notices_{0.2, 10};
  std::uint64_t unfired_ = 0;  // since that was last said
  std::uint64_t unshown_ = 0;  // likewise: refusals without a notification
  Time say_at_ = never;
};

}  // namespace bridge
