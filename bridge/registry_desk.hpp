// What is written into Home Assistant's registries: one thing at a time for each row, paced, each
// refusal told once, and not again before something has changed.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "bridge/allowance.hpp"
#include "bridge/ha_session.hpp"

namespace bridge {

/// A command that changes one row.
struct RegistryWrite {
  std::string key;      // of the row; the next waits until the registry has told this one
  std::string command;  // config/area_registry/update
  discovery::Json data;
  Registry registry = Registry::entities;  // that tells it
  std::string about;                       // for people: the area Kitchen
  std::string news{};                      // for the log, once it was taken
  bool only_asks = false;                  // it changes nothing
  std::function<void(const discovery::Json& result)> done{};
};

class RegistryDesk {
 public:
  explicit RegistryDesk(HaSession& session) : session_(session) {}

  /// A login: what was refused may be taken now.
  void connected();
  void lost() { in_flight_.clear(); }

  /// A row that waits for an answer, or for the registry to tell what has become of it.
  bool is_busy(const std::string& key) const { return busy_.contains(key); }
  /// Sends it, unless it was refused before or too much is under way; then `is_full`.
  void offer(RegistryWrite write, Now now, Effects& effects);
  bool is_full() const { return full_; }
  void begin_pass() { full_ = false; }
  /// Home Assistant lets nothing be written: the user is no administrator.
  bool is_forbidden() const { return forbidden_; }

  /// True when the message was the answer to a write.
  bool heard(const discovery::HaMessage& message, Now now, Effects& effects);
  /// A registry was listed anew, so it shows what had been written until then.
  void listed(Registry registry);
  /// When there is room again, after it was full.
  Time room_at(Now now);

 private:
  void refused(const RegistryWrite& write, const discovery::HaMessage& message, Effects& effects);

  HaSession& session_;
  Allowance allowance_{50, 20};
  std::map<std::int64_t, RegistryWrite> in_flight_;  // by the command's id
  std::map<std::string, Registry, std::less<>> busy_;
  std::set<std::string, std::less<>> awaits_list_;                     // of those that are busy
  std::map<std::string, std::set<std::string>, std::less<>> refused_;  // writes by their key
  bool full_ = false;
  bool forbidden_ = false;
  bool told_forbidden_ = false;
};

}  // namespace bridge
