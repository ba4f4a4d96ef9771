// A client that folds what it hears with the bridge's own code, to hold it against the house.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "discovery/frame.hpp"
#include "discovery/home.hpp"
#include "tests/scripted_ha/client.hpp"
#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {

class Follower {
 public:
  explicit Follower(unsigned short port, bool coalescing = false) : client(port) {
    client.log_in();
    if (coalescing) client.ask("supported_features", {{"features", {{"coalesce_messages", 1}}}});
    client.send({{"id", 10}, {"type", "subscribe_entities"}});
  }

  /// Takes the next frame; false when there is none.
  bool next() {
    auto text = client.frame();
    if (!text) return false;
    if (text->front() == '[') largest_array = std::max(largest_array, Json::parse(*text).size());
    const std::size_t size = text->size();
    text->append(discovery::json_padding, '\0');
    std::vector<discovery::HaMessage> messages;
    if (!reader_.read({std::string_view(*text).substr(0, size)}, messages)) malformed = true;
    for (const auto& message : messages) {
      if (message.type == "pong") answered = message.id;
      if (message.type != "event") continue;
      ++events;
      if (message.payload.find(R"("user_id":null)") != std::string_view::npos) ++users_left;
      const auto ignore = [](const discovery::StateChange&) {};
      const auto applied = events == 1 ? home.apply_snapshot({message.payload}, true, ignore)
                                       : home.apply_states({message.payload}, ignore);
      malformed = malformed || applied != discovery::Home::Applied::ok;
    }
    return true;
  }

  /// Takes all that was sent before this call.
  void catch_up() {
    const std::int64_t id = ++pings_ + 1000;
    client.send({{"id", id}, {"type", "ping"}});
    while (answered != id && next()) {
    }
  }

  /// What differs from the house; empty when nothing does.
  std::string difference(const House& house) const {
    if (malformed) return "a message was not understood";
    for (const auto& [id, state] : house.states()) {
      const auto known = home.entities().find(*id);
      if (known == home.entities().end() || !known->second.state) return *id + " is missing";
      const discovery::State& seen = *known->second.state;
      Json attributes = Json::object();
      for (const auto& attribute : seen.attributes) {
        attributes[attribute.name] = Json::parse(attribute.json);
      }
      if (seen.value != state->value) return *id + " is " + seen.value;
      if (!same(attributes, state->attributes)) return *id + " has " + to_text(attributes);
      if (seen.last_changed != discovery::from_seconds(state->last_changed)) return *id + " lc";
      if (seen.last_updated != discovery::from_seconds(state->last_updated)) return *id + " lu";
    }
    return home.entities().size() == house.states().size() ? "" : "too many entities";
  }

  Client client;
  discovery::Home home;
  std::size_t events = 0;
  std::size_t users_left = 0;  // changes whose context tells that it has no user any more
  std::size_t largest_array = 0;
  std::int64_t answered = 0;
  bool malformed = false;

 private:
  discovery::FrameReader reader_;
  std::int64_t pings_ = 0;
};

}  // namespace scripted_ha
