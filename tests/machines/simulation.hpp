// One bridge between the scripted Home Assistant and a broker in memory, driven by virtual time:
// hours pass in milliseconds, and each run of the same steps gives the same messages.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bridge/publish_role.hpp"
#include "tests/machines/fake_broker.hpp"
#include "tests/machines/transcript.hpp"
#include "tests/scripted_ha/protocol.hpp"

namespace machines {

using bridge::Time;
using scripted_ha::Json;
using namespace std::chrono_literals;

struct SimulationOptions {
  Json house = Json::object();  // a house file of the scripted Home Assistant
  bridge::Settings settings;
  std::string token = "token";  // that the bridge logs in with
  bridge::BrokerLimits limits{.url = "mqtt://broker"};
  Time ha_delay{1};  // of each frame, in both directions
  Time broker_delay{1};
  // How much longer a message takes than that. None overtakes another one of its connection.
  std::function<Time()> jitter;
  // How long a message waits for the bridge's loop after its client has got it.
  std::function<Time()> loop_lag;
  // So long the broker does not notice that a connection is gone, and takes what was under way.
  std::function<Time()> afterlife;
  bool late_acknowledgements = false;  // of a lost connection reach the machines as well
  bool keeps_transcript = true;        // and the log
};

/// What has ended, for whoever waits for something that came over it.
enum class Ending { ha, broker, process };

/// One who sees all that passes between the bridge and the others, as it leaves or arrives.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void published(const bridge::Publish& message) = 0;
  virtual void acknowledged(const std::string& topic) = 0;
  virtual void delivered(const bridge::Message& message) = 0;
  virtual void asked(const std::string& frame) = 0;  // of Home Assistant
  virtual void heard() = 0;                          // a frame of Home Assistant
  virtual void broker_opened(unsigned window) = 0;
  virtual void ended(Ending what) = 0;
};

/// The ways on which messages stay behind each other.
enum class Way { to_ha, from_ha, to_broker, from_broker, to_broker_bulk, from_broker_bulk };

class Simulation {
 public:
  explicit Simulation(SimulationOptions options = {});

  scripted_ha::House& house() { return house_; }
  scripted_ha::Services& services() { return services_; }
  FakeBroker& broker() { return broker_; }
  const FakeBroker& broker() const { return broker_; }
  Transcript& transcript() { return transcript_; }
  bridge::PublishRole& bridge() { return *bridge_; }
  bridge::Settings& settings() { return options_.settings; }
  SimulationOptions& options() { return options_; }
  Time now() const { return now_; }
  bool has_bridge() const { return bridge_ != nullptr; }

  /// A new process of the bridge; an old one ends before, without a word, so that its will speaks.
  void start_bridge();
  void kill_bridge();
  /// The program is asked to end, and ends when it has said so.
  void stop_bridge();

  /// The user has changed the rules in the configuration and asks for them.
  void reload_filter(std::vector<discovery::FilterRule> rules) {
    bridge_->set_filter(std::move(rules), moment());
    finish_step();
  }

  /// Lets time pass.
  void run(Time time);
  /// Until nothing is on its way and nothing is due for a while: at most an hour.
  void settle() { run(90s); }

  /// Home Assistant: its connections break, and none is made while it is down.
  void cut_ha(const std::string& why = "the connection was lost");
  void set_ha_down(bool down) { ha_down_ = down; }
  /// Upgrades are refused with this HTTP status; 0 ends it.
  void refuse_ha(int status) { ha_refusal_ = status; }
  /// What happens to each frame of Home Assistant before it arrives.
  void on_ha_frame(std::function<void(std::string&)> change) { on_ha_frame_ = std::move(change); }
  /// It takes frames and answers nothing.
  void freeze_ha(bool frozen) { ha_frozen_ = frozen; }

  void cut_broker(const std::string& why = "the connection was lost");
  /// It ends without a word, and so without wills; what it holds is for the caller to decide.
  void crash_broker() {
    say_goodbye();
    cut_broker();
  }
  void set_broker_down(bool down) { broker_down_ = down; }
  /// Logins are refused with this MQTT reason code; 0 ends it.
  void refuse_broker(int reason) { broker_refusal_ = reason; }
  /// The broker takes messages and acknowledges nothing; who reads in bulk gets nothing.
  void freeze_broker(bool frozen);

  /// Nothing arrives on this way for so long; it comes later, in its order.
  void stall(Way way, Time time) {
    Time& last = last_on_[static_cast<std::size_t>(way)];
    last = std::max(last, now_ + time);
  }

  /// Another client publishes.
  void publish(const std::string& topic, const std::string& payload, bool retain = false);

  /// What comes of each picture that the bridge fetches; by default there is none.
  void on_fetch(std::function<bridge::PictureAnswer(const bridge::FetchPicture&)> answer) {
    on_fetch_ = std::move(answer);
  }

  /// Sees all that passes; it must outlive the simulation.
  void set_witness(Witness& witness) { witness_ = &witness; }

  /// Hears each message that the bridge publishes, as it leaves.
  void on_publish(std::function<void(const bridge::Publish&)> hear) {
    on_publish_ = std::move(hear);
  }

  std::size_t unacknowledged_max() const { return unacknowledged_max_; }
  std::size_t steps() const { return steps_; }
  std::size_t ha_attempts() const { return ha_attempts_; }
  std::size_t broker_attempts() const { return broker_attempts_; }
  const std::vector<bridge::LogLine>& log() const { return log_; }
  bool has_logged(std::string_view part) const;

 private:
  bridge::Now moment() const { return {now_, start_unix_ms + (now_ - first).count()}; }
  void at(Time delay, std::function<void()> event);
  void carry(Way way, Time delay, std::function<void()> event);
  void note(const std::string& act, const std::string& what, const std::string& text = {});
  void note_request(const std::string& frame);
  void finish_step();
  void perform(bridge::HaEffect& effect);
  void perform(bridge::BrokerEffect& effect);
  void fetch(const bridge::FetchPicture& wanted);
  void open_ha();
  void hear_ha(const std::string& frame);
  void close_ha(const std::string& why, int status);
  void open_broker(const bridge::BrokerOpen& open);
  void close_broker(bridge::Line line, const std::string& why, int reason);
  void publish_own(const bridge::Publish& message);
  void acknowledge(std::uint64_t number, std::uint64_t token, const std::string& topic,
                   std::uint64_t process);
  void acknowledge_late();
  void deliver(bridge::Line line, bridge::Message message);
  void leave_broker(bridge::Line line);
  void end_session(bridge::Line line);
  void say_goodbye();

  static constexpr std::int64_t start_unix_ms = 1'780'308'000'000;  // 2026-06-01T10:00:00Z
  static constexpr Time first{1'000'000};

  SimulationOptions options_;
  Time now_ = first;
  scripted_ha::House house_;
  scripted_ha::Services services_{house_};
  FakeBroker broker_;
  Transcript transcript_;
  std::multimap<Time, std::function<void()>> events_;
  std::vector<bridge::LogLine> log_;
  std::function<void(const bridge::Publish&)> on_publish_;
  std::function<void(std::string&)> on_ha_frame_;
  std::function<bridge::PictureAnswer(const bridge::FetchPicture&)> on_fetch_;
  std::unique_ptr<bridge::PublishRole> bridge_;
  bridge::Effects effects_;
  std::unique_ptr<scripted_ha::Connection> ha_;
  // What an ended connection still brings concerns nobody; so each has a number.
  std::uint64_t ha_number_ = 0;
  std::uint64_t line_numbers_[2] = {};
  std::uint64_t sessions_[2] = {};  // of the connections that the broker takes for alive
  std::uint64_t processes_ = 0;
  Time last_on_[6] = {};  // when the last message on each way arrives
  Witness* witness_ = nullptr;
  std::uint64_t connections_ = 0;
  bool ha_down_ = false;
  bool ha_frozen_ = false;
  int ha_refusal_ = 0;
  bool broker_down_ = false;
  bool broker_frozen_ = false;
  std::vector<std::function<void()>> thawing_;  // what the broker hears then, on the bulk line
  int broker_refusal_ = 0;
  std::set<std::uint64_t> unanswered_;  // tokens of the main line
  std::size_t unacknowledged_max_ = 0;
  std::size_t steps_ = 0;
  std::size_t ha_attempts_ = 0;
  std::size_t broker_attempts_ = 0;
};

}  // namespace machines
