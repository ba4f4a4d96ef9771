#include "tests/bad_input/hostile_home.hpp"

#include "discovery/topic.hpp"

namespace bad_input {

using machines::Json;
using namespace std::chrono_literals;

namespace {

std::string with_id(std::string frame, std::int64_t id) {
  const auto at = frame.find("ID");
  return at == std::string::npos ? frame : frame.replace(at, 2, std::to_string(id));
}

}  // namespace

void check_whole(const machines::Simulation& simulation) {
  const auto& held = simulation.broker().retained();
  CHECK(simulation.broker().at("statebus/hubs/status") == "online");
  for (const auto& [topic, payload] : held) {
    const bool is_own = topic.starts_with("statebus/hubs/") ||
                        (topic.starts_with("homeassistant/") && topic.ends_with("/config") &&
                         topic.find("/hubs/statebus-hubs-") != std::string::npos);
    if (!is_own) continue;
    INFO(topic);
    CHECK(discovery::valid_topic_prefix(topic.substr(0, 128)));
    CHECK(topic.size() < 400);
    const bool is_json = topic.starts_with("statebus/hubs/state/") ||
                         topic.starts_with("statebus/hubs/entity/") ||
                         topic.starts_with("statebus/hubs/device/") || topic.ends_with("/config");
    if (is_json) CHECK(discovery::Json::accept(payload));
  }
}

void HostileHome::send_frame(const std::string& frame) {
  bool sent = false;
  on_ha_frame([&](std::string& text) {
    if (sent) return;
    const Json json = Json::parse(text);
    const Json& message = json.is_array() ? json.front() : json;
    if (message.value("type", "") != "event") return;
    sent = true;
    text = with_id(frame, message.at("id").get<std::int64_t>());
  });
  house().set_state("sensor.s0", "5", {{"friendly_name", "sensor.s0"}}, {}, /*force=*/true);
  // A connection that is given up waits a second or two before the next.
  run(20s);
  on_ha_frame({});
  CHECK(sent);
}

std::string HostileHome::document() const {
  Json document = Json::parse(broker().at(machines::sensor_document(0)));
  document.erase("last_changed");
  document.erase("last_updated");
  document["attributes"].erase("friendly_name");
  return document.dump();
}

void HostileHome::check_goes_on() {
  CHECK(transcript().count("clear") == 0);
  house().set_state("sensor.s0", "42", {{"friendly_name", "sensor.s0"}});
  run(2s);
  CHECK(broker().at(machines::sensor_document(0)).find(R"("state":"42")") != std::string::npos);
  check_whole(*this);
}

}  // namespace bad_input
