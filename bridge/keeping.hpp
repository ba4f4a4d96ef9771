// What the broker keeps: whether retained messages come by name and by wildcard, and how many
// messages wait for a client that is given many at once. A broker says none of it by itself.
// `statebus check` tries it with one retained message, which it clears again.
#pragma once

#include <string>

#include "bridge/effects.hpp"

namespace bridge {

class Keeping {
 public:
  /// Main's Home Assistant subscribes to as many topics at once, and a broker that is asked for one
  /// of them so many times has to hold so many messages.
  static constexpr std::size_t wanted_at_once = 500;

  /// `topic` is one that this client may write and read, and `wildcard` matches it.
  Keeping(std::string topic, std::string wildcard)
      : topic_(std::move(topic)), wildcard_(std::move(wildcard)) {}

  /// Opens the bulk line, to the broker that has answered on the main line.
  void start(Now now, Effects& effects);
  void opened(Now now, Effects& effects);
  void closed(const std::string& why);
  void acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects);
  void arrived(const Message& message, Now now, Effects& effects);
  void tick(Now now, Effects& effects);

  bool is_done() const { return stage_ == Stage::done; }
  Time deadline() const { return is_done() ? never : silent_at_; }
  /// The broker took the message; without that nothing else is known.
  bool was_tried() const { return was_tried_; }
  bool by_wildcard() const { return by_wildcard_; }
  /// How many of `wanted_at_once` came; none: the broker retains nothing. One: it takes equal
  /// filters for one.
  std::size_t at_once() const { return at_once_; }
  /// The broker ended it; empty when it did not.
  const std::string& failure() const { return failure_; }

 private:
  enum class Stage { opening, writing, by_wildcard, at_once, clearing, done };

  void enter(Stage stage, Now now, Effects& effects);

  std::string topic_;
  std::string wildcard_;
  Stage stage_ = Stage::opening;
  Time silent_at_ = never;
  bool was_tried_ = false;
  bool by_wildcard_ = false;
  std::size_t at_once_ = 0;
  std::string failure_;
};

}  // namespace bridge
