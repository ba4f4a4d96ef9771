// A command desk whose Home Assistant and whose broker are the test.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/command_desk.hpp"
#include "tests/machines/session_fixture.hpp"

namespace machines {

using Texts = std::vector<std::string>;

/// A desk before a Home Assistant with a climate, a fan, a lock and a light that is unavailable.
struct DeskFixture {
  bridge::Settings settings;
  discovery::Topics topics{"statebus", "hubs"};
  discovery::Home home;
  SessionFixture ha;
  bridge::Outbox outbox{
      topics, [this](const bridge::Record& r, std::string& p) { publications.render(r, p); }};
  bridge::Consumers consumers{settings, topics};
  bridge::Publications publications{settings, topics, home, consumers, outbox};
  bridge::Refusals refused{topics, outbox};
  std::unique_ptr<bridge::CommandDesk> desk;

  explicit DeskFixture(bridge::Settings given = {}) : settings(std::move(given)) {
    ha.log_in();
    home.apply_snapshot(
        tests::Padded(
            R"({"a":{"climate.a":{"s":"heat","a":{"hvac_modes":["off","heat"],)"
            R"("target_temp_low":18,"target_temp_high":24,"supported_features":2}},)"
            R"("fan.a":{"s":"off","a":{"supported_features":49}},"lock.a":{"s":"locked","a":{}},)"
            R"("lock.b":{"s":"locked","a":{}},"conversation.a":{"s":"unknown","a":{}},)"
            R"("tts.a":{"s":"unknown","a":{}},"light.gone":{"s":"unavailable","a":{}}}})"),
        true, [](const discovery::StateChange&) {});
    home.set_notifiers({"family"}, true, [](const discovery::StateChange&) {});
    consumers.set_source(tests::newest);
    publications.judge_all(ha.now);
    desk = std::make_unique<bridge::CommandDesk>(settings, home, publications, ha.session, refused);
    outbox.open(100, 0);
    ha.frames.clear();
  }

  void receive(const std::string& entity_id, const std::string& payload, bool retained = false) {
    receive({topics.command(entity_id), payload, retained, 0, ha.now.at});
  }
  void receive(const bridge::Message& message) {
    desk->received(*topics.parse(message.topic), message, ha.now, ha.effects);
  }

  void pass(bridge::Time time) {
    ha.now.at += time;
    desk->tick(ha.now, ha.effects);
  }

  /// Home Assistant answers the call of a frame, or the last one.
  void answer_to(const discovery::Json& frame, bool ok, const std::string& code = {}) {
    desk->call_done({frame.at("id").get<std::uint64_t>(), ok, code, "a sentence"}, ha.now,
                    ha.effects);
  }
  void answer(bool ok, const std::string& code = {}) { answer_to(last_frame, ok, code); }

  /// The calls since the last look: `climate.set_temperature {"temperature":20}`.
  Texts calls() {
    ha.collect();
    Texts calls;
    for (const std::string& frame : std::exchange(ha.frames, {})) {
      const auto json = discovery::Json::parse(frame);
      const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
      calls.push_back(text("domain") + "." + text("service") + " " +
                      json.at("service_data").dump());
      last_frame = json;
    }
    return calls;
  }

  /// The codes of the refusals since the last look.
  Texts refusals() {
    Texts codes;
    bridge::Effects sent;
    outbox.pump(ha.now, sent);
    for (const bridge::BrokerEffect& effect : sent.broker) {
      const auto& message = std::get<bridge::Publish>(effect);
      outbox.acknowledged(message.token, true, ha.now, sent);
      if (message.topic != topics.refused()) continue;
      CHECK_FALSE(message.retain);
      codes.push_back(discovery::Json::parse(message.payload).at("code"));
    }
    return codes;
  }

  discovery::Json last_frame;
};

inline std::string command(const std::string& service, const std::string& data = "{}",
                           const std::string& id = {}) {
  return fmt::format(R"({{"service":"{}","data":{}{}}})", service, data,
                     id.empty() ? "" : fmt::format(R"(,"id":"{}")", id));
}

}  // namespace machines
