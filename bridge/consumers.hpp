// For whom this instance announces: the Home Assistants that other instances' info names, or the
// one of the configuration where nobody consumes.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/settings.hpp"
#include "discovery/consumer.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// Whether announcements may stand under a prefix. At or below the root they could be taken for
/// documents and commands.
bool valid_discovery_prefix(std::string_view prefix, std::string_view root);

class Consumers {
 public:
  Consumers(const Settings& settings, const discovery::Topics& topics);

  /// The retained info of an instance; empty: it was cleared. That of this instance is passed over,
  /// and one that says nothing that can be understood changes nothing.
  void heard(std::string_view instance, std::string_view info);
  /// The release of this instance's own Home Assistant, which is the form that an announcement has
  /// for a consumer of unknown release.
  void set_source(discovery::Version version);

  /// Who asks, sorted by prefix, each prefix once; but for this instance's own Home Assistant by
  /// `consume.prefix`. The instance itself is announced for all of them. Empty when others consume,
  /// and none of them takes what this instance has.
  const std::vector<discovery::Consumer>& asked() const { return asked_; }
  bool is_asked(std::string_view prefix) const;
  /// Those of them that get all the rest, too: known to be another Home Assistant.
  const std::vector<discovery::Consumer>& all() const { return all_; }
  /// Those of whom that is not known yet.
  std::vector<discovery::Consumer> unproven() const;
  bool is_proven(const std::string& prefix) const { return proven_.contains(prefix); }
  /// Nobody who listens under the prefix is this instance's own Home Assistant.
  void prove(const std::string& prefix);
  void prove_all();
  /// Its own Home Assistant listens there, and would show all twice; empty: under none of them.
  void set_own(std::string prefix);
  const std::string& own() const { return own_; }
  discovery::Version source() const { return source_; }
  /// The one under whose prefix an announcement of this instance stands; null: nobody asks for it
  /// any more.
  const discovery::Consumer* at(std::string_view announcement_topic) const;

  /// Grows whenever `asked`, `all` or `source` changes.
  std::uint64_t changes() const { return changes_; }

 private:
  struct Asking {
    std::string prefix;
    discovery::Version version;  // none: not known yet
    bool from_here = false;      // it wants this instance's entities
    auto operator<=>(const Asking&) const = default;
  };

  void gather();
  void choose();

  const Settings& settings_;
  const discovery::Topics& topics_;
  std::map<std::string, Asking, std::less<>> by_instance_;
  std::vector<discovery::Consumer> asked_;
  std::vector<discovery::Consumer> all_;
  std::string own_;
  std::set<std::string> proven_;  // prefixes
  discovery::Version source_;
  std::uint64_t changes_ = 0;
};

}  // namespace bridge
