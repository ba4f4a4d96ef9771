// Whom a call reaches: targets by entity, device, area, floor and label become the published
// entities that they name here, as Home Assistant itself would find them.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "bridge/publications.hpp"
#include "bridge/settings.hpp"
#include "discovery/call.hpp"
#include "discovery/home.hpp"

namespace bridge {

class Targets {
 public:
  Targets(const Settings& settings, const discovery::Home& home, const Publications& publications)
      : settings_(settings), home_(home), publications_(publications) {}

  /// The ids of the published entities of the service's domain that take the call, at least one and
  /// sorted; or why there is none. What is denied or unavailable is left out unless all are.
  using Resolved = std::variant<std::vector<std::string>, discovery::Refusal>;
  Resolved resolve(const discovery::Call& call) const;

  bool is_published(std::string_view entity_id) const;
  /// An entity id in the data that Home Assistant has and this instance does not publish, or
  /// denies: a group's new member, say; or `all`, where that stands for entities. Empty: there is
  /// none.
  std::string unpublished_in(const discovery::Json& data) const;

 private:
  std::string unpublished_among(const std::string& text) const;

  const Settings& settings_;
  const discovery::Home& home_;
  const Publications& publications_;
};

}  // namespace bridge
