// The opponent of a rebuild: a plain subscriber on Paho MQTT C++ that counts what is retained.
//
//   bench_plain_reader PORT FILTER COUNT   ends when so many messages have come
//   bench_plain_reader PORT FILTER...      ends when all have: a message of its own comes last
//
// It does the least that a reader can: a callback at QoS 0 that keeps nothing. Prints one line of
// JSON: messages, and the bytes of their topics and payloads.
#include <mqtt/async_client.h>

#include <atomic>
#include <cstdio>
#include <iostream>

namespace {

class Reader : public mqtt::callback {
 public:
  Reader(std::string marker, std::uint64_t count) : marker_(std::move(marker)), count_(count) {}

  void wait() const { done_.wait(false); }

  void tell() const {
    std::printf("{\"messages\":%lu,\"bytes\":%lu}\n", messages_, bytes_);
    std::fflush(stdout);  // the end of the library's threads takes up to a second more
  }

 private:
  void message_arrived(mqtt::const_message_ptr message) override {
    if (message->get_topic() == marker_) return finish();
    ++messages_;
    bytes_ += message->get_topic().size() + message->get_payload().size();
    if (messages_ == count_) finish();
  }
  void connection_lost(const std::string& why) override {
    std::cerr << "bench_plain_reader: the connection was lost: " << why << '\n';
    std::exit(1);
  }

  void finish() {
    done_ = true;
    done_.notify_all();
  }

  const std::string marker_;
  const std::uint64_t count_;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::atomic<bool> done_{false};
};

int run(const std::string& port, std::vector<std::string> filters) {
  std::uint64_t count = 0;
  if (filters.size() == 2 && filters[1].find_first_not_of("0123456789") == std::string::npos) {
    count = std::stoull(filters[1]);
    filters.pop_back();
  }
  const std::string marker = "bench/complete";
  mqtt::async_client client("tcp://127.0.0.1:" + port, "bench-reader",
                            mqtt::create_options(MQTTVERSION_5, 400));
  Reader reader(marker, count);
  client.set_callback(reader);
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  client.connect(options)->wait();
  if (count == 0) client.subscribe(marker, 0)->wait();
  for (const std::string& filter : filters) client.subscribe(filter, 0)->wait();
  // A broker sends what it retains before what comes after the subscription.
  if (count == 0) client.publish(marker, "", 0, 0, false);
  reader.wait();
  reader.tell();
  client.disconnect()->wait();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) throw std::invalid_argument("see the head of plain_reader.cpp");
    return run(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& exception) {
    std::cerr << "bench_plain_reader: " << exception.what() << '\n';
    return 1;
  }
}
