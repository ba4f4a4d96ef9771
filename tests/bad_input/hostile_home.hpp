// A Home Assistant that, of a house of two sensors, sends one frame that it should not.
#pragma once

#include <string>

#include "tests/bad_input/table.hpp"
#include "tests/machines/published.hpp"

namespace bad_input {

/// What holds whatever came in: the instance is online, its documents are JSON, and nothing stands
/// at a topic that is no topic or not its own.
void check_whole(const machines::Simulation& simulation);

struct HostileHome : machines::Published {
  explicit HostileHome(const machines::Json& house = machines::sensors(2))
      : machines::Published(house) {
    say("what comes in");
  }

  /// Sends this frame in the place of the next event; ID in it stands for the id of the states'
  /// subscription.
  void send_frame(const std::string& frame);
  /// The same with the event alone.
  void send_event(const std::string& event) {
    send_frame(R"({"id":ID,"type":"event","event":)" + event + "}");
  }

  /// The document of the sensor that the frame is about, without its times.
  std::string document() const;
  /// What comes next arrives, and nothing has been cleared.
  void check_goes_on();

  /// The warnings and errors since the house was published.
  std::string warned() const { return warnings(log(), logged_); }

 private:
  std::size_t logged_ = log().size();
};

}  // namespace bad_input
