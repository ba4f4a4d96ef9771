// The opponent: a plain program on Paho MQTT C++ that publishes what the bridge publishes and does
// nothing else. bench/run.py runs it in turn with the bridge.
//
//   bench_plain_publisher flood PORT SAMPLES COUNT WINDOW   as fast as acknowledgements come
//   bench_plain_publisher pace PORT SAMPLES COUNT RATE      so many a second, stamped
//   bench_plain_publisher idle PORT                         connected, until its input ends
//   bench_plain_publisher version
//
// It is Paho as it is shipped, used well: MQTT 5, no persistence, never more outstanding than the
// broker takes at once, all payloads made beforehand. With `--tuned` before all that it turns off
// Paho's tracing, too, as the bridge does. Prints one line of JSON.
#define PAHO_MQTTPP_VERSIONS  // else 1.2 gives its version another name than later ones do
#include <MQTTAsync.h>
#include <mqtt/async_client.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "bench/samples.hpp"

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Counts acknowledgements.
class Acknowledged : public mqtt::iaction_listener {
 public:
  void wait_for(std::uint64_t count) const {
    for (std::uint64_t seen = count_; seen < count; seen = count_) count_.wait(seen);
  }

 private:
  void on_success(const mqtt::token&) override {
    count_.fetch_add(1, std::memory_order_release);
    count_.notify_one();
  }
  void on_failure(const mqtt::token& token) override {
    std::cerr << "not acknowledged, reason code " << int{token.get_reason_code()} << '\n';
    std::exit(1);
  }

  std::atomic<std::uint64_t> count_{0};
};

/// Gives the broker's Receive Maximum.
unsigned connect(mqtt::async_client& client) {
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  options.set_max_inflight(110);
  options.set_keep_alive_interval(10);  // the bridge's default
  const auto token = client.connect(std::move(options));
  token->wait();
  const mqtt::properties properties = token->get_connect_response().get_properties();
  if (!properties.contains(mqtt::property::RECEIVE_MAXIMUM)) return 65535;
  return mqtt::get<std::uint16_t>(properties, mqtt::property::RECEIVE_MAXIMUM);
}

void flood(mqtt::async_client& client, const std::string& file, std::uint64_t count,
           unsigned window) {
  const unsigned receive_maximum = connect(client);
  window = std::min(window, receive_maximum);
  const auto samples = bench::read_samples(file);
  std::vector<mqtt::message_ptr> messages;
  messages.reserve(count);
  std::vector<mqtt::string_ref> topics;
  for (const bench::Sample& sample : samples) topics.emplace_back(sample.topic);
  for (std::uint64_t i = 0; i < count; ++i) {
    const bench::Sample& sample = samples[i % samples.size()];
    std::string payload = sample.payload;
    bench::write_number(payload, sample, i);
    messages.push_back(mqtt::message::create(topics[i % samples.size()], payload, 1, true));
  }
  Acknowledged acknowledged;
  const double cpu = cpu_seconds();
  const std::int64_t start = monotonic_ns();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i >= window) acknowledged.wait_for(i - window + 1);
    client.publish(messages[i], nullptr, acknowledged);
  }
  acknowledged.wait_for(count);
  std::printf(
      "{\"acknowledged\":%lu,\"window\":%u,\"receive_maximum\":%u,\"start_ns\":%ld,"
      "\"end_ns\":%ld,\"cpu_us\":%.2f}\n",
      count, window, receive_maximum, start, monotonic_ns(),
      (cpu_seconds() - cpu) * 1e6 / static_cast<double>(count));
}

void pace(mqtt::async_client& client, const std::string& file, std::uint64_t count, double rate) {
  connect(client);
  const auto samples = bench::read_samples(file);
  std::vector<mqtt::string_ref> topics;
  for (const bench::Sample& sample : samples) topics.emplace_back(sample.topic);
  Acknowledged acknowledged;
  const double cpu = cpu_seconds();
  const Clock::time_point start = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::chrono::duration<double> due{static_cast<double>(i) / rate};
    std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(due));
    const bench::Sample& sample = samples[i % samples.size()];
    std::string payload = sample.payload;
    bench::write_number(payload, sample, static_cast<std::uint64_t>(monotonic_ns()));
    client.publish(mqtt::message::create(topics[i % samples.size()], std::move(payload), 1, true),
                   nullptr, acknowledged);
  }
  acknowledged.wait_for(count);
  std::printf("{\"acknowledged\":%lu,\"cpu_us\":%.2f}\n", count,
              (cpu_seconds() - cpu) * 1e6 / static_cast<double>(count));
}

void idle(mqtt::async_client& client) {
  connect(client);
  std::puts("{\"connected\":true}");
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
}

void tell_version() {
  for (const MQTTAsync_nameValue* info = MQTTAsync_getVersionInfo(); info->name; ++info) {
    if (std::string_view(info->name) != "Version") continue;
    std::printf("{\"paho_c\":\"%s\",\"paho_cpp\":\"%d.%d.%d\"}\n", info->value,
                int{mqtt::PAHO_MQTTPP_VERSION >> 24}, int{mqtt::PAHO_MQTTPP_VERSION >> 16 & 0xff},
                int{mqtt::PAHO_MQTTPP_VERSION >> 8 & 0xff});
  }
}

int run(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments[0] == "--tuned") {
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    arguments.erase(arguments.begin());
  }
  const std::string mode = arguments.empty() ? "" : arguments[0];
  if (mode == "version") return tell_version(), 0;
  if (arguments.size() != (mode == "idle" ? 2 : 5)) {
    throw std::invalid_argument("see the head of plain_publisher.cpp");
  }
  mqtt::async_client client("tcp://127.0.0.1:" + arguments[1], "bench-plain",
                            mqtt::create_options(MQTTVERSION_5, 400));
  if (mode == "idle") {
    idle(client);
  } else if (mode == "flood") {
    flood(client, arguments[2], std::stoull(arguments[3]),
          static_cast<unsigned>(std::stoul(arguments[4])));
  } else {
    pace(client, arguments[2], std::stoull(arguments[3]), std::stod(arguments[4]));
  }
  client.disconnect()->wait();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& exception) {
    std::cerr << "bench_plain_publisher: " << exception.what() << '\n';
    return 1;
  }
}
