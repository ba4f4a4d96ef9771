// A refusal in words for the person who gave the command on main: what was not done, why, and what
// to do about it.
#pragma once

#include <string>
#include <string_view>

#include "discovery/json.hpp"

namespace bridge {

/// What Home Assistant shows as a persistent notification.
struct Notice {
  std::string id;  // one for each instance and entity, so that a newer one takes its place
  std::string title;
  std::string message;  // Markdown
};

/// Of the payload at an instance's `refused`.
Notice notice_of(std::string_view instance, const discovery::Json& refusal);

}  // namespace bridge
