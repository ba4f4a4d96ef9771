// Calls, whose Home Assistant and whose broker are the test.
#pragma once

#include "bridge/calls.hpp"
#include "tests/machines/desk_fixture.hpp"

namespace machines {

using bridge::BrokerEffect;
using bridge::Calls;
using bridge::Effects;
using bridge::Message;
using bridge::Publish;
using bridge::Settings;
using bridge::Time;
using discovery::Json;

/// A home with a kitchen on a floor: lights by device, by area and by label, one of them hidden,
/// one unpublished, and a script and a notifier that is a service.
struct CallsFixture : DeskFixture {
  Calls calls_machine{settings, topics, home, publications, ha.session, outbox, refused};

  explicit CallsFixture(Settings given = {}) : DeskFixture(with_filter(std::move(given))) {
    const auto ignore = [](const auto&...) {};
    const auto places = [](const char* json, const char* key) {
      return *discovery::read_places(tests::Padded(json), key);
    };
    home.apply_states(tests::Padded(R"({"a":{
      "light.lamp":{"s":"on","a":{}},"light.shelf":{"s":"on","a":{}},
      "light.hidden":{"s":"on","a":{}},"light.secret":{"s":"on","a":{}},
      "switch.lamp":{"s":"on","a":{}},"script.night":{"s":"off","a":{}},
      "script.secret":{"s":"off","a":{}},"weather.home":{"s":"sunny","a":{}}}})"),
                      ignore);
    home.set_areas(
        places(R"([{"area_id":"kitchen","name":"Küche","floor_id":"ground"}])", "area_id"), ignore);
    home.set_floors(places(R"([{"floor_id":"ground","name":"Ground floor"}])", "floor_id"));
    home.set_labels(places(R"([{"label_id":"cosy","name":"Cosy"}])", "label_id"));
    home.set_devices(*discovery::read_devices(
                         tests::Padded(R"([{"id":"d1","name":"Lamp","area_id":"kitchen"}])")),
                     ignore);
    home.set_entities(*discovery::read_entities(tests::Padded(R"([
      {"id":"1","entity_id":"light.lamp","unique_id":"1","platform":"demo","device_id":"d1"},
      {"id":"2","entity_id":"light.shelf","unique_id":"2","platform":"demo","labels":["cosy"]},
      {"id":"3","entity_id":"light.hidden","unique_id":"3","platform":"demo","device_id":"d1",
       "hidden_by":"user"},
      {"id":"4","entity_id":"light.secret","unique_id":"4","platform":"demo","device_id":"d1"},
      {"id":"5","entity_id":"switch.lamp","unique_id":"5","platform":"demo","device_id":"d1"}])")),
                      ignore);
    publications.judge_all(ha.now);
    (void)messages();
    (void)calls();
  }

  static Settings with_filter(Settings settings) {
    settings.filter.push_back({.include = true, .entity = "light.hidden"});
    for (const char* entity : {"light.secret", "script.secret"}) {
      settings.filter.push_back({.include = false, .entity = entity});
    }
    return settings;
  }

  void receive_call(const Json& call) { receive_message({topics.call(), call.dump()}); }
  void receive_message(Message message) {
    message.arrived = ha.now.at;
    calls_machine.received(message, ha.now, ha.effects);
  }

  /// Whom the calls since the last look reach, each as JSON.
  Texts targets() {
    Texts targets;
    ha.collect();
    for (const std::string& frame : std::exchange(ha.frames, {})) {
      last_frame = Json::parse(frame);
      targets.push_back(last_frame.at("target").dump());
    }
    return targets;
  }

  /// What was published beside the records since the last look.
  std::vector<Publish> messages() {
    std::vector<Publish> sent;
    Effects effects;
    do {
      effects = {};
      outbox.pump(ha.now, effects);
      for (const BrokerEffect& effect : effects.broker) {
        const auto& message = std::get<Publish>(effect);
        outbox.acknowledged(message.token, true, ha.now, effects);
        if (!message.retain) sent.push_back(message);
      }
    } while (!effects.broker.empty());
    return sent;
  }

  /// The code of the one refusal since the last look.
  std::string code() {
    const auto sent = messages();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].topic == topics.refused());
    return Json::parse(sent[0].payload).at("code");
  }
  std::string code_of(const Json& call) {
    ha.now.at += Time{1000};
    receive_call(call);
    CHECK(targets().empty());
    return code();
  }

  void done(bool ok, const std::string& code, const std::string& payload) {
    calls_machine.call_done(
        {last_frame.at("id").get<std::uint64_t>(), ok, code, "a sentence", payload}, ha.now,
        ha.effects);
  }
};

inline Json call_of(const std::string& service, const Json& target,
                    const Json& data = Json::object()) {
  return {{"service", service}, {"target", target}, {"data", data}};
}

}  // namespace machines
