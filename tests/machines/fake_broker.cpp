#include "tests/machines/fake_broker.hpp"

#include <algorithm>
#include <utility>

namespace machines {

bool matches_filter(std::string_view filter, std::string_view topic) {
  while (true) {
    const auto filter_end = filter.find('/');
    const auto topic_end = topic.find('/');
    const std::string_view level = filter.substr(0, filter_end);
    if (level == "#") return true;
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    const bool filter_ends = filter_end == std::string_view::npos;
    const bool topic_ends = topic_end == std::string_view::npos;
    // `a/#` matches `a`, too.
    if (topic_ends && !filter_ends) return filter.substr(filter_end) == "/#";
    if (filter_ends || topic_ends) return filter_ends && topic_ends;
    filter.remove_prefix(filter_end + 1);
    topic.remove_prefix(topic_end + 1);
  }
}

void FakeBroker::connect(const std::string& client, const std::string& will_topic,
                         Deliver deliver) {
  cut(client);
  clients_[client] = {will_topic, std::move(deliver), {}};
}

void FakeBroker::cut(const std::string& client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  const std::string will = found->second.will_topic;
  clients_.erase(found);
  if (!will.empty()) publish("", {.topic = will, .payload = "offline", .retain = true});
}

void FakeBroker::subscribe(const std::string& client, const bridge::Subscription& subscription) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  unsubscribe(client, subscription.filter);
  found->second.subscriptions.push_back(subscription);
  if (!subscription.retained) return;
  const bool wild = subscription.filter.find_first_of("+#") != std::string::npos;
  std::vector<bridge::Message> matching;
  for (const auto& [topic, payload] : retained_) {
    if (matches_filter(subscription.filter, topic)) matching.push_back({topic, payload, true});
  }
  if (backwards_) std::reverse(matching.begin(), matching.end());
  if (wild && matching.size() > burst_) matching.resize(burst_);
  for (const bridge::Message& message : matching) found->second.deliver(message);
}

void FakeBroker::unsubscribe(const std::string& client, const std::string& filter) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  std::erase_if(found->second.subscriptions,
                [&](const bridge::Subscription& each) { return each.filter == filter; });
}

void FakeBroker::publish(const std::string& client, const bridge::Publish& message) {
  if (is_forbidden(message.topic)) return;
  if (message.retain && message.payload.empty()) retained_.erase(message.topic);
  if (message.retain && !message.payload.empty()) retained_[message.topic] = message.payload;
  for (const auto& [name, other] : clients_) {
    for (const bridge::Subscription& each : other.subscriptions) {
      if (!matches_filter(each.filter, message.topic)) continue;
      if (!each.own && name == client) continue;
      other.deliver({message.topic, message.payload, message.retain, message.expiry_s});
      break;
    }
  }
}

std::string FakeBroker::at(const std::string& topic) const {
  const auto found = retained_.find(topic);
  return found == retained_.end() ? "" : found->second;
}

}  // namespace machines
