// An outbox with payloads from a table, and a broker that acknowledges when the test says so.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bridge/outbox.hpp"

namespace machines {

using bridge::Effects;
using bridge::Lane;
using bridge::Publish;
using bridge::Record;
using bridge::Time;
using bridge::What;

struct OutboxFixture {
  discovery::Topics topics{"statebus", "hubs"};
  std::map<std::string, std::string> payloads;  // by topic
  bridge::Outbox outbox{topics, [this](const Record& record, std::string& payload) {
                          ++rendered;
                          payload = payloads[record.topic];
                        }};
  std::size_t rendered = 0;
  bridge::Now now{Time{1'000'000}, 0};
  Effects effects;
  std::vector<Publish> in_flight;  // not acknowledged yet

  /// A document that stands in no index bucket, so that tests see it alone.
  Record& record(const std::string& topic, What what = What::areas) {
    return outbox.record(topic, what, 0);
  }

  void set(const std::string& topic, const std::string& payload, Lane lane = Lane::now) {
    payloads[topic] = payload;
    outbox.touch(record(topic), lane);
  }

  /// One pump; the topics and payloads that it sent, as texts.
  std::vector<std::string> pump() {
    std::vector<std::string> sent;
    outbox.pump(now, effects);
    for (const bridge::BrokerEffect& effect : effects.broker) {
      in_flight.push_back(std::get<Publish>(effect));
      sent.push_back(in_flight.back().topic + "=" + in_flight.back().payload);
    }
    effects.broker.clear();
    return sent;
  }

  void acknowledge(bool accepted = true) {
    for (const Publish& each : std::exchange(in_flight, {})) {
      outbox.acknowledged(each.token, accepted, now, effects);
    }
  }

  /// Connects and sends the index, which every connection begins with.
  void open(unsigned window = 20, std::uint32_t packet_bytes_max = 0) {
    outbox.open(window, packet_bytes_max);
    flush();
  }

  /// Until nothing is left but what waits for its pace.
  void flush() {
    do {
      acknowledge();
    } while (!pump().empty());
  }
};

}  // namespace machines
