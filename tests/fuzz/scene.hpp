// One bridge, a broker in memory and a Home Assistant that has what an input says, in virtual time.
// Everything is as the program wires it (bridge/publish_role.hpp) but for the sockets.
//
// An input is text, a line for each thing that happens; `act` tells the words. What no word begins
// is for the door itself.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/publish_role.hpp"
#include "tests/machines/fake_broker.hpp"

namespace fuzz {

using bridge::Time;

/// The client id of the instance on one of its connections.
std::string client_of(bridge::Line line, const std::string& instance);

/// Takes the first word off a line, and the blank behind it.
std::string_view next_word(std::string_view& line);

class Scene {
 public:
  explicit Scene(std::string instance);
  ~Scene();

  bridge::Settings& settings() { return settings_; }
  const std::string& instance() const { return settings_.instance; }

  /// Does what a line says; false when its first word is none of these. Before the first line that
  /// needs a bridge: `consume`, `release 2024.3.3`, `house CASE…` (of tests/golden),
  /// `answer TYPE JSON` (what Home Assistant will answer; `!CODE` refuses), `packet BYTES`.
  /// At any time: `retained TOPIC PAYLOAD`, `said TOPIC PAYLOAD` (not retained),
  /// `event TYPE JSON` (of states or a type of events), `frame TEXT`, `picture STATUS TYPE BODY`,
  /// `wait MS`, `deny TOPIC`, `cut ha|broker`, `restart`, `stop`.
  bool act(std::string_view line);

  /// The first process of the bridge, once.
  void start();
  /// Lets all that is due happen, for a while.
  void rest();

  void publish(std::string_view topic, std::string_view payload, bool retain);
  /// One more answer of Home Assistant's to a request of this type.
  void set_answer(std::string_view type, std::string_view json);

 private:
  using Event = std::function<void()>;

  bool prepare(std::string_view word, std::string_view rest);
  bool act_on_ha(std::string_view word, std::string_view rest);
  bool act_on_broker(std::string_view word, std::string_view rest);
  bridge::Now moment() const;
  void wait(Time time);
  void turn();
  void run_process();
  void end_process();
  void perform(const bridge::HaEffect& effect);
  void perform(const bridge::BrokerEffect& effect);
  void open(const bridge::BrokerOpen& open);
  void answer(std::string_view request);
  /// The bridge hears a frame, which may end the connection.
  void tell(std::string_view text);
  void later(Event event);

  bridge::Settings settings_;
  std::map<std::string, std::string, std::less<>> answers_;
  machines::FakeBroker broker_;
  bridge::BrokerLimits limits_;
  std::unique_ptr<bridge::PublishRole> bridge_;
  bridge::Effects effects_;
  std::deque<Event> events_;
  std::uint64_t ha_number_ = 0;  // of the connection; what an ended one still brings is for nobody
  std::uint64_t line_numbers_[2] = {};
  std::uint64_t connections_ = 0;
  std::map<std::string, std::int64_t, std::less<>> subscribed_;  // ids of events by their type
  std::string picture_;
  Time now_{1'000'000};
  Time waited_{};
  std::size_t asked_ = 0;   // commands and calls that came
  std::size_t called_ = 0;  // services of Home Assistant
  bool started_ = false;
};

/// A whole input: each line is acted on, and what no word begins goes to `door`.
void play(Scene& scene, const std::uint8_t* data, std::size_t size,
          const std::function<void(std::string_view line)>& door);

}  // namespace fuzz
