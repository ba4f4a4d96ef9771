// What the machines ask the shell to do, and what they are told. A machine does nothing itself:
// each step takes what happened and the time, and leaves its wishes in Effects.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bridge {

/// Time on a clock that never jumps; its start has no meaning.
using Time = std::chrono::milliseconds;
constexpr Time never = Time::max();

/// The time of a step: `at` for waiting, `unix_ms` for what people read and for the epoch.
struct Now {
  Time at{};
  std::int64_t unix_ms = 0;
};

// For the connection to Home Assistant.
struct HaOpen {};
struct HaSend {
  std::string frame;
};
struct HaClose {};
using HaEffect = std::variant<HaOpen, HaSend, HaClose>;

/// One GET over HTTP, beside that connection; a PictureAnswer comes of it, whatever happens.
struct FetchPicture {
  std::string path;  // /api/camera_proxy/camera.door
  std::string token;
  std::size_t bytes_max = 0;
};
struct PictureAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string failure;  // why there is no answer; empty with one
  bool too_large = false;
};

/// The two connections to the broker: one publishes and hears commands, one only reads in bulk.
enum class Line { main, bulk };

struct Subscription {
  std::string filter;
  int qos = 1;
  bool retained = true;  // whether what the broker holds already is wanted, too
  bool own = true;       // whether what this connection publishes itself is wanted, too
};

// For the connections to the broker, carried out in their order.
struct BrokerOpen {
  Line line = Line::main;
  std::string will_topic;  // retained `offline`, QoS 1; empty: no will
  // The broker that has answered last and no other; else the first of the list that answers. What
  // was read of one broker says nothing about another.
  bool same_broker = false;
};
struct BrokerClose {
  Line line = Line::main;
};
struct Subscribe {
  Line line = Line::main;
  std::vector<Subscription> subscriptions;
};
struct Unsubscribe {
  Line line = Line::main;
  std::vector<std::string> filters;
};
struct Publish {
  Line line = Line::main;
  std::uint64_t token = 0;  // comes back with the acknowledgement; 0: none is wanted
  std::string topic;
  std::string payload;
  int qos = 1;
  bool retain = false;
  std::uint32_t expiry_s = 0;    // 0: never
  std::string correlation_data;  // of an answer; empty: none
};
using BrokerEffect = std::variant<BrokerOpen, BrokerClose, Subscribe, Unsubscribe, Publish>;

enum class Level { debug, info, warning, error };
struct LogLine {
  Level level = Level::info;
  std::string text;
};

struct Effects {
  std::vector<HaEffect> ha;
  std::vector<FetchPicture> pictures;
  std::vector<BrokerEffect> broker;
  std::vector<LogLine> log;

  void say(Level level, std::string text) { log.push_back({level, std::move(text)}); }
};

/// What the broker allows, from its CONNACK; MQTT 5's defaults where it says nothing.
struct BrokerLimits {
  std::string url;  // of the broker that says so
  std::uint16_t receive_maximum = 65535;
  std::uint32_t packet_bytes_max = 0;  // 0: no limit
  bool retain_available = true;
  bool wildcards_available = true;
};

/// A message as it arrived.
struct Message {
  std::string topic;
  std::string payload;
  bool retained = false;
  std::uint32_t expiry_s = 0;  // so long it was still valid when it arrived; 0: it does not say
  Time arrived{};              // when the client got it, before it waited for the loop
  std::string response_topic;  // where an answer is wanted; empty: the message does not say
  std::string correlation_data;
};

}  // namespace bridge
