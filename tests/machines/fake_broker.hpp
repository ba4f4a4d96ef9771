// A broker in memory: retained topics, wills, subscriptions and sessions, without time and sockets.
//
// It does at once what it is asked; the simulation (simulation.hpp) gives every step its delay.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/effects.hpp"

namespace machines {

/// Whether an MQTT filter with `+` and `#` matches a topic.
bool matches_filter(std::string_view filter, std::string_view topic);

class FakeBroker {
 public:
  using Deliver = std::function<void(const bridge::Message&)>;
  using Retained = std::map<std::string, std::string>;

  /// A client of the same name is cut off first, as a broker does with a client id.
  void connect(const std::string& client, const std::string& will_topic, Deliver deliver);
  /// In good order: the will is not sent.
  void disconnect(const std::string& client) { clients_.erase(client); }
  /// The connection breaks: the will is sent.
  void cut(const std::string& client);
  bool has(const std::string& client) const { return clients_.contains(client); }

  /// What is retained comes back as `retained`, in the order of the topics or against it.
  void subscribe(const std::string& client, const bridge::Subscription& subscription);
  void unsubscribe(const std::string& client, const std::string& filter);
  void publish(const std::string& client, const bridge::Publish& message);

  const Retained& retained() const { return retained_; }
  /// What is held at a topic; empty for nothing.
  std::string at(const std::string& topic) const;
  /// Forgets all that it holds, as a broker without persistence does when it restarts.
  void forget() { retained_.clear(); }
  void put(const std::string& topic, const std::string& payload) { retained_[topic] = payload; }

  /// So many retained messages a client gets of one filter with wildcards; the rest is dropped in
  /// silence, as by a broker with small queues.
  void set_burst(std::size_t messages) { burst_ = messages; }
  /// A broker need not keep to any order of retained messages.
  void set_backwards(bool backwards) { backwards_ = backwards; }
  /// Topics that nobody may write to.
  void forbid(const std::string& topic) { forbidden_.insert(topic); }
  void allow(const std::string& topic) { forbidden_.erase(topic); }
  bool is_forbidden(const std::string& topic) const { return forbidden_.contains(topic); }

 private:
  struct Client {
    std::string will_topic;
    Deliver deliver;
    std::vector<bridge::Subscription> subscriptions;
  };

  std::map<std::string, Client> clients_;
  Retained retained_;
  std::set<std::string> forbidden_;
  bool backwards_ = false;
  std::size_t burst_ = static_cast<std::size_t>(-1);
};

}  // namespace machines
