// Which entities leave the house, and for each that does not the reason.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/home.hpp"
#include "discovery/reason.hpp"

namespace discovery {

/// One rule: it matches an entity for which all that is given holds.
struct FilterRule {
  bool include = false;
  std::string entity;       // a glob of entity ids: sensor.*_power
  std::string domain;       // light
  std::string integration;  // hue
  std::string device;       // a device's id, or a glob of its name
  std::string area;         // an area's id, or a glob of its name
  std::string label;        // a label's id, or a glob of its name
  std::string category;     // config or diagnostic
  std::optional<bool> hidden;
};

/// The rule as the configuration has it: exclude: {domain: update}.
std::string to_text(const FilterRule& rule);

/// `*` stands for any text, `?` for one character.
bool matches_glob(std::string_view glob, std::string_view text);
/// The first of them that does; null: none.
const std::string* matching_glob(const std::vector<std::string>& globs, std::string_view text);

class Filter {
 public:
  /// The user's rules; they go after those of the table of what every Home Assistant has and what
  /// is hidden, and the last rule that matches decides. An entity that none matches is published.
  explicit Filter(std::vector<FilterRule> rules = {});

  Reason judge(const Home& home, const Entity& entity) const;

  /// The user's rule that decides on an entity; null: none matches it.
  const FilterRule* rule_for(const Home& home, const Entity& entity) const;

 private:
  std::vector<FilterRule> rules_;
};

}  // namespace discovery
