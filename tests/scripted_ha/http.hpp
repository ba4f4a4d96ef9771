// The few plain HTTP answers of Home Assistant that a bridge may ask for.
#pragma once

#include <string>
#include <string_view>

#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// A status without anything else, such as 403 of a banned client: `403: Forbidden`.
HttpReply bare_reply(unsigned status);

/// GET of /api/, /api/config, /api/states, /api/states/<entity_id>, of the pictures of cameras and
/// images, and of /api/websocket without an upgrade. `authorization` is the value of that header.
HttpReply answer_http(const House& house, std::string_view path, std::string_view authorization);

}  // namespace scripted_ha
