// What the scene does for the bridge: its broker takes and gives messages, its Home Assistant
// answers.
#include "discovery/json.hpp"
#include "tests/fuzz/promises.hpp"
#include "tests/fuzz/scene.hpp"

namespace fuzz {

using namespace bridge;
using discovery::Json;

void Scene::perform(const BrokerEffect& effect) {
  if (const auto* wanted = std::get_if<BrokerOpen>(&effect)) return open(*wanted);
  const Line line = std::visit([](const auto& each) { return each.line; }, effect);
  const std::string client = client_of(line, instance());
  if (std::holds_alternative<BrokerClose>(effect)) {
    line_numbers_[static_cast<int>(line)] = 0;
    broker_.cut(client);
  } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
    look_at(*subscribe);
    for (const Subscription& each : subscribe->subscriptions) broker_.subscribe(client, each);
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
    for (const std::string& each : unsubscribe->filters) broker_.unsubscribe(client, each);
  } else {
    const auto& message = std::get<Publish>(effect);
    look_at(message, instance());
    broker_.publish(client, message);
    if (line == Line::bulk) return;
    later([this, token = message.token, number = line_numbers_[0],
           accepted = !broker_.is_forbidden(message.topic)] {
      if (number == line_numbers_[0]) bridge_->acknowledged(token, accepted, moment(), effects_);
    });
  }
}

void Scene::open(const BrokerOpen& wanted) {
  const Line line = wanted.line;
  const std::uint64_t number = line_numbers_[static_cast<int>(line)] = ++connections_;
  later([this, line, number, wanted] {
    if (number != line_numbers_[static_cast<int>(line)]) return;
    const auto deliver = [this, line, number](const Message& told) {
      later([this, line, number, message = told]() mutable {
        if (number != line_numbers_[static_cast<int>(line)]) return;
        message.arrived = now_;
        bridge_->arrived(line, message, moment(), effects_);
      });
    };
    broker_.connect(client_of(line, instance()), wanted.will_topic, deliver);
    bridge_->broker_opened(line, limits_, moment(), effects_);
  });
}

void Scene::perform(const HaEffect& effect) {
  if (const auto* send = std::get_if<HaSend>(&effect)) {
    look_at_request(send->frame);
    return later([this, number = ha_number_, request = send->frame] {
      if (number == ha_number_) answer(request);
    });
  }
  subscribed_.clear();
  ha_number_ = std::holds_alternative<HaOpen>(effect) ? ++connections_ : 0;
  if (ha_number_ == 0) return;
  later([this, number = ha_number_] {
    if (number != ha_number_) return;
    bridge_->ha_opened(moment());
    tell(R"({"type":"auth_required","ha_version":"2026.11.0"})");
  });
}

void Scene::answer(std::string_view request) {
  const Json json = Json::parse(request);
  const std::string type = json.at("type");
  if (type == "auth") return tell(R"({"type":"auth_ok","ha_version":"2026.11.0"})");
  const std::int64_t id = json.at("id");
  const std::string head = R"({"id":)" + std::to_string(id) + ",";
  if (type == "ping") return tell(head + R"("type":"pong"})");
  if (type == "subscribe_events") subscribed_[discovery::text_at(json, "event_type")] = id;
  if (type == "subscribe_trigger") subscribed_["trigger"] = id;
  if (type == "subscribe_entities") subscribed_["states"] = id;
  if (type == "call_service" && discovery::text_at(json, "domain") != "persistent_notification") {
    if (++called_ > asked_) broken("no service that nobody has asked for", request);
  }
  const auto found = answers_.find(type);
  const std::string told = found == answers_.end() ? "null" : found->second;
  if (told.starts_with('!')) {
    const Json error{{"code", told.substr(1)}, {"message", "refused"}};
    return tell(head + R"("type":"result","success":false,"error":)" + discovery::to_text(error) +
                "}");
  }
  const bool is_states = type == "subscribe_entities";
  tell(head + R"("type":"result","success":true,"result":)" + (is_states ? "null" : told) + "}");
  if (is_states) tell(head + R"("type":"event","event":)" + told + "}");
}

}  // namespace fuzz
