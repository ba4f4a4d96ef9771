// A session with Home Assistant whose other end is the test.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bridge/ha_session.hpp"
#include "tests/support.hpp"

namespace machines {

struct SessionFixture : bridge::HaListener {
  std::string token = "token";
  std::string token_problem;
  bridge::HaSession session{{.url = "ws://hubs"}, *this};
  bridge::Now now{bridge::Time{1'000'000}, 0};
  bridge::Effects effects;
  std::vector<std::string> heard;   // by the listener
  std::vector<std::string> frames;  // sent by the session
  std::size_t opens = 0;
  std::size_t closes = 0;
  bridge::CallResult done;

  SessionFixture() {
    session.set_token([this] { return bridge::LoginToken{token, token_problem}; });
    session.start(now, effects);
    collect();
  }

  void collect() {
    for (const bridge::HaEffect& effect : std::exchange(effects.ha, {})) {
      if (const auto* send = std::get_if<bridge::HaSend>(&effect)) frames.push_back(send->frame);
      if (std::holds_alternative<bridge::HaOpen>(effect)) ++opens;
      if (std::holds_alternative<bridge::HaClose>(effect)) ++closes;
    }
  }

  void open() { session.opened(now); }

  void receive(const std::string& frame) {
    session.frame(tests::Padded(frame), now, effects);
    collect();
  }

  void log_in() {
    open();
    receive(R"({"type":"auth_required","ha_version":"2026.11.0"})");
    receive(R"({"type":"auth_ok","ha_version":"2026.11.0"})");
  }

  void pass(bridge::Time time) {
    now.at += time;
    session.tick(now, effects);
    collect();
  }

  /// Places of the frames of a type; the ids of the last one, and of the last of all.
  std::size_t asked_at(const std::string& type) const {
    const auto found = std::find_if(frames.begin(), frames.end(), [&](const std::string& frame) {
      return discovery::Json::parse(frame).value("type", "") == type;
    });
    return static_cast<std::size_t>(found - frames.begin());
  }
  std::size_t asked(const std::string& type) const {
    return static_cast<std::size_t>(
        std::count_if(frames.begin(), frames.end(), [&](const std::string& frame) {
          return discovery::Json::parse(frame).value("type", "") == type;
        }));
  }
  std::int64_t id_of(const std::string& type, const std::string& event_type = {}) const {
    std::int64_t id = 0;
    for (const std::string& frame : frames) {
      const auto json = discovery::Json::parse(frame);
      if (json.value("type", "") != type || json.value("event_type", "") != event_type) continue;
      id = json.at("id").get<std::int64_t>();
    }
    return id;
  }
  std::int64_t last_id() const {
    return discovery::Json::parse(frames.back()).at("id").get<std::int64_t>();
  }
  bool logged(std::string_view part) const {
    return std::any_of(effects.log.begin(), effects.log.end(), [&](const bridge::LogLine& line) {
      return line.text.find(part) != std::string::npos;
    });
  }

  void ha_connected(const std::string& version, bridge::Now) override {
    heard.push_back("connected " + version);
  }
  void ha_lost(bridge::Now) override { heard.emplace_back("lost"); }
  void ha_config(const bridge::HaConfig&, bridge::Now) override { heard.emplace_back("config"); }
  void ha_states(discovery::PaddedJson, bool snapshot, bridge::Now) override {
    heard.emplace_back(snapshot ? "snapshot" : "states");
  }
  void ha_registry(bridge::Registry registry, discovery::PaddedJson list, bridge::Now) override {
    // As simdjson does; the AddressSanitizer of the tests ends those that lack the padding.
    const std::string padded(list.text.data(), list.text.size() + discovery::json_padding);
    heard.push_back("list " + std::to_string(static_cast<int>(registry)) + " " +
                    padded.substr(0, list.text.size()));
  }
  void ha_renamed(const std::string& from, const std::string& to, bridge::Now) override {
    heard.push_back("renamed " + from + " " + to);
  }
  void ha_heard(const discovery::HaMessage& message, bridge::Now) override {
    heard.push_back("heard " + std::to_string(message.id) + " " + std::string(message.type));
  }
  void ha_call_done(const bridge::CallResult& result, bridge::Now) override {
    done = result;
    heard.push_back("done " + (result.ok ? "well" : result.code));
  }
};

}  // namespace machines
