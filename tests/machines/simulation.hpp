// One bridge between the scripted Home Assistant and a broker in memory, driven by virtual time:
// hours pass in milliseconds, and each run of the same steps gives the same messages.
#pragma once

#include <map>
#include <memory>
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
  bridge::BrokerLimits limits;
  Time ha_delay{1};  // of each frame, in both directions
  Time broker_delay{1};
};

class Simulation {
 public:
  explicit Simulation(SimulationOptions options = {});

  scripted_ha::House& house() { return house_; }
  scripted_ha::Services& services() { return services_; }
  FakeBroker& broker() { return broker_; }
  Transcript& transcript() { return transcript_; }
  bridge::PublishRole& bridge() { return *bridge_; }
  bridge::Settings& settings() { return options_.settings; }
  SimulationOptions& options() { return options_; }
  Time now() const { return now_; }

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
  void set_broker_down(bool down) { broker_down_ = down; }
  /// Logins are refused with this MQTT reason code; 0 ends it.
  void refuse_broker(int reason) { broker_refusal_ = reason; }
  /// The broker takes messages and acknowledges nothing.
  void freeze_broker(bool frozen) { broker_frozen_ = frozen; }

  /// Another client publishes.
  void publish(const std::string& topic, const std::string& payload, bool retain = false);

  /// What comes of each picture that the bridge fetches; by default there is none.
  void on_fetch(std::function<bridge::PictureAnswer(const bridge::FetchPicture&)> answer) {
    on_fetch_ = std::move(answer);
  }

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
  std::uint64_t connections_ = 0;
  bool ha_down_ = false;
  bool ha_frozen_ = false;
  int ha_refusal_ = 0;
  bool broker_down_ = false;
  bool broker_frozen_ = false;
  int broker_refusal_ = 0;
  std::size_t unacknowledged_ = 0;
  std::size_t unacknowledged_max_ = 0;
  std::size_t steps_ = 0;
  std::size_t ha_attempts_ = 0;
  std::size_t broker_attempts_ = 0;
};

}  // namespace machines
