// Which entities leave the house, and for each that does not the reason.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/home.hpp"

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

/// Why an entity is not on the bus. docs/topics.md lists the codes.
enum class Reason { published, mirror, disabled, invalid_id, left_out, filtered };

/// The code as it is shown to people: left_out.
std::string_view to_text(Reason reason);

/// `*` stands for any text, `?` for one character.
bool matches_glob(std::string_view glob, std::string_view text);

class Filter {
 public:
  /// The user's rules; they go after those of the table of what every Home Assistant has and what
  /// is hidden, and the last rule that matches decides. An entity that none matches is published.
  explicit Filter(std::vector<FilterRule> rules = {});

  Reason judge(const Home& home, const Entity& entity) const;

 private:
  std::vector<FilterRule> rules_;
};

}  // namespace discovery
