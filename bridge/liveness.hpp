// Whether other instances still live. An instance whose bridge died together with the broker has
// left no will: its status says `online` for ever, and its entities on main look alive. So a bridge
// that consumes follows the heartbeats, and calls such an instance offline.
#pragma once

#include <map>
#include <string>

#include "bridge/outbox.hpp"
#include "bridge/settings.hpp"

namespace bridge {

class Liveness {
 public:
  Liveness(const Settings& settings, const discovery::Topics& topics, Outbox& outbox)
      : settings_(settings), topics_(topics), outbox_(outbox) {}

  /// What it has to hear of others on the main line; nothing unless this instance consumes.
  std::vector<std::string> filters() const;
  /// A status or heartbeat of another instance.
  void heard(const discovery::TopicParts& parts, const Message& message, Now now);
  /// Without a connection nobody is heard.
  void broker_lost() { instances_.clear(); }

  void tick(Now now, Effects& effects);
  Time deadline() const;

 private:
  struct Instance {
    bool online = false;  // as its status says
    Time alive_until{};   // unless another heartbeat comes
  };

  const Settings& settings_;
  const discovery::Topics& topics_;
  Outbox& outbox_;
  std::map<std::string, Instance, std::less<>> instances_;
};

}  // namespace bridge
