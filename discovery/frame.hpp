// Frames of Home Assistant's WebSocket API: one JSON object, or an array of them once
// `coalesce_messages` was asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace discovery {

/// So many bytes behind the end of a PaddedJson belong to its buffer: simdjson reads, but does not
/// mind, what stands there.
constexpr std::size_t json_padding = 64;

/// JSON text in a padded buffer. A part of one is padded by what follows it there.
struct PaddedJson {
  std::string_view text;
};

/// One message of a frame. The views are parts of the frame and end with it.
struct HaMessage {
  std::int64_t id = 0;
  std::string_view type;     // result, event, pong, auth_required, auth_ok, auth_invalid
  bool success = false;      // of a result
  std::string_view payload;  // the JSON text of `result` or `event`; empty without one
  std::string error_code;    // of a result without success, such as unknown_command
  std::string error_text;    // its message, or the one of auth_invalid
  std::string ha_version;    // of auth_required and auth_ok, such as 2026.11.0
};

/// Splits frames into their messages; keeps the parser's memory from one to the next.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();

  /// The messages in their order, in `out`. False, with those before the fault, when the frame is
  /// no valid JSON or no object or array of objects.
  bool read(PaddedJson frame, std::vector<HaMessage>& out);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace discovery
