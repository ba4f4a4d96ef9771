// Which entities a subscribe_entities subscription is about.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/scripted_ha/json.hpp"

namespace scripted_ha {

/// Reads `entity_ids`, `include` and `exclude` of the command; without them it takes everything.
class EntityFilter {
 public:
  EntityFilter() = default;
  explicit EntityFilter(const Json& command);

  bool takes(const std::string& entity_id) const;

 private:
  struct Part {
    std::vector<std::string> domains;
    std::vector<std::string> globs;
    std::vector<std::string> entities;

    bool empty() const { return domains.empty() && globs.empty() && entities.empty(); }
    bool names(const std::string& entity_id) const;
  };
  static Part read(const Json& part);

  std::set<std::string> entity_ids_;
  Part include_;
  Part exclude_;
};

}  // namespace scripted_ha
