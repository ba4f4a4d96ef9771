// The table of kinds as people read it: what each domain of a source is on main, and which commands
// it takes. `statebus domains` shows it, and docs/domains.md is made of it.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "discovery/consumer.hpp"

namespace discovery {

/// What an entity is on main: the MQTT component, and whether it only stands in for its like.
struct KindOnMain {
  std::string_view component;
  bool stand_in = false;

  friend auto operator<=>(const KindOnMain&, const KindOnMain&) = default;
};

struct KindRow {
  std::string_view domain;         // at the source; empty: every other one
  std::set<KindOnMain> on_newest;  // more than one: the entity's capabilities decide
  std::set<KindOnMain> on_oldest;
  std::vector<std::string_view> services;
};

/// All kinds, sorted by name, and the stand-in at the end.
std::vector<KindRow> kind_table();

}  // namespace discovery
