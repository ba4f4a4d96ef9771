// What a bridge said in a conversation: one line for each message, to be compared with a text.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/effects.hpp"

namespace machines {

/// One wish of the bridge. `act` is one of: set, clear, send (to the broker), subscribe,
/// unsubscribe, connect, disconnect, ask, call (of Home Assistant), say (a heading of the test).
struct Line {
  bridge::Time at{};
  std::string act;
  std::string what;  // the topic, filter or type of request
  std::string text;  // the payload
};

class Transcript {
 public:
  void add(bridge::Time at, std::string act, std::string what, std::string text = {});
  /// Begins a new part: lines before it are kept for the text and forgotten for all else.
  void say(bridge::Time at, const std::string& heading);

  /// The lines since the last heading, without connections and requests.
  std::vector<Line> messages() const;
  /// The same as texts, such as `set statebus/hubs/status`; without index and heartbeat.
  std::vector<std::string> acts() const;
  /// How many messages since the last heading have this act and a topic that begins so.
  std::size_t count(std::string_view act, std::string_view beginning = {}) const;

  /// How many requests of this type Home Assistant got since the last heading.
  std::size_t count_asked(std::string_view type) const;

  /// The whole conversation, without index, heartbeat and pings. The time is in seconds since the
  /// last heading; of payloads only what tells one conversation from another is shown, since
  /// golden/ has their bytes.
  std::string text() const;

 private:
  std::vector<Line> lines_;
  std::size_t part_ = 0;  // where the last heading stands
};

/// Compares with conversations/NAME.txt; a difference is written beside it as *.out, which
/// tests/accept takes over.
void check_conversation(const Transcript& transcript, const std::string& name);

}  // namespace machines
