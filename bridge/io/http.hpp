// Single HTTP requests: for logging in, where the caller waits, and for pictures, where it does
// not.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "bridge/io/ha_socket.hpp"

namespace bridge::io {

struct HttpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// POSTs `body` to `path` at the host of `settings.url`. Throws HttpError when there is no answer
/// within 20 seconds. Redirects are not followed: a password goes to no other host than the one
/// named.
HttpAnswer post(const HaSettings& settings, const std::string& path,
                const std::string& content_type, const std::string& body);

/// GETs a picture at the host of `settings.url` and goes on; `done` hears what came of it, within
/// 20 seconds, on the loop's thread. Redirects are not followed, because of the token.
void fetch(boost::asio::io_context& loop, const HaSettings& settings, FetchPicture wanted,
           std::function<void(PictureAnswer)> done);

/// Logs in on the WebSocket with `token`, sends one command, given without its id, and gives its
/// answer. Throws HttpError.
std::string ask_websocket(const HaSettings& settings, const std::string& token,
                          const std::string& command);

}  // namespace bridge::io
