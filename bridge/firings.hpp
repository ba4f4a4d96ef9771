// Events of Home Assistant's bus that the user listed: subscribes to them at each login and puts
// each firing on the broker as Home Assistant wrote it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "bridge/ha_session.hpp"
#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"

namespace bridge {

class Firings {
 public:
  Firings(const Settings& settings, const discovery::Topics& topics, const discovery::Home& home,
          HaSession& session, Outbox& outbox)
      : settings_(settings), topics_(topics), home_(home), session_(session), outbox_(outbox) {}

  /// A new login: Home Assistant knows of no subscription.
  void connected(Effects& effects);
  void heard(const discovery::HaMessage& message, Effects& effects);

 private:
  void forward(const std::string& type, std::string_view event);

  const Settings& settings_;
  const discovery::Topics& topics_;
  const discovery::Home& home_;
  HaSession& session_;
  Outbox& outbox_;
  std::map<std::int64_t, std::string> types_;  // by the number of the subscription
  std::set<std::string> refused_;              // types of which that was said
};

}  // namespace bridge
