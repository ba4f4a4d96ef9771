// What `statebus state` and `statebus explain` read: everything at the broker, whoever has written
// it. Each line is a topic and its payload; those behind a line `live` come while all is being
// read.
#include "bridge/explanation.hpp"
#include "bridge/gathering.hpp"
#include "discovery/json.hpp"
#include "tests/fuzz/house.hpp"
#include "tests/fuzz/promises.hpp"
#include "tests/fuzz/scene.hpp"
#include "tests/machines/fake_broker.hpp"
#include "tests/support.hpp"

namespace {

using namespace bridge;

constexpr int lines_max = 100;
constexpr int steps_max = 10'000;

/// Reads all as the program does, and hears what comes live.
class Reader {
 public:
  explicit Reader(bool watch)
      : gathering_("statebus", "statebus/cli_1/reply/read", watch,
                   [](const auto&, const auto&, const std::string& document) {
                     if (!document.empty()) (void)discovery::parse_json(document, 1024 * 1024);
                   }) {}

  machines::FakeBroker& broker() { return broker_; }

  void run(const std::vector<Message>& live) {
    gathering_.start(now_, effects_);
    for (const Message& each : live) {
      step();
      broker_.publish("another", {.topic = each.topic, .payload = each.payload, .retain = true});
    }
    int steps = 0;
    while (!gathering_.is_done()) {
      if (++steps > steps_max) fuzz::broken("it comes to an end", "the reading goes on and on");
      if (!step()) now_.at = std::max(now_.at, gathering_.deadline());
    }
    (void)gathering_.lacking();
  }

 private:
  /// False when nothing was left to do.
  bool step() {
    gathering_.tick(now_, effects_);
    const Effects todo = std::exchange(effects_, {});
    for (const BrokerEffect& each : todo.broker) perform(each);
    const auto arrived = std::exchange(arrived_, {});
    for (const auto& [line, message] : arrived) gathering_.arrived(message, line, now_, effects_);
    return !todo.broker.empty() || !arrived.empty();
  }

  void perform(const BrokerEffect& effect) {
    const Line line = std::visit([](const auto& each) { return each.line; }, effect);
    const std::string client = fuzz::client_of(line, "cli_1");
    if (std::holds_alternative<BrokerOpen>(effect)) {
      broker_.connect(client, "", [this, line](const Message& m) {
        arrived_.push_back({line, m});
      });
      gathering_.opened(line, now_, effects_);
    } else if (std::holds_alternative<BrokerClose>(effect)) {
      broker_.disconnect(client);
    } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
      fuzz::look_at(*subscribe);
      for (const Subscription& each : subscribe->subscriptions) broker_.subscribe(client, each);
    } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
      for (const std::string& each : unsubscribe->filters) broker_.unsubscribe(client, each);
    } else {
      broker_.publish(client, std::get<Publish>(effect));
    }
  }

  machines::FakeBroker broker_;
  std::vector<std::pair<Line, Message>> arrived_;
  Now now_{Time{1'000}, 1'780'308'000'000};
  Effects effects_;
  Gathering gathering_;
};

/// The light of the house, and what a bridge of this instance would say of it.
void explain_light(const Retained& held) {
  Settings settings{.instance = "hubs", .bridge_version = "0.1.0"};
  const HaConfig config = read_ha_config(fuzz::config_of_house("2026.11.0"));
  tests::Subject subject(tests::registered("light.kitchen", "off",
                                           {{"supported_color_modes", {"brightness"}}},
                                           {{"id", "d1"}, {"name", "Lamp"}}));
  const auto topics = topics_to_read(settings, subject.home(), config, "light.kitchen", held);
  for (const std::string& topic : topics) {
    if (!fuzz::is_filter(topic)) fuzz::broken("a filter that brokers take", topic);
  }
  const Explanation told =
      explain(settings, subject.home(), config, "light.kitchen", held, 100'000);
  for (const ExplainedTopic& each : told.topics) {
    const bool is_made = !each.wanted.empty();
    if (is_made && !fuzz::is_utf8(each.wanted)) fuzz::broken("text", each.topic);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Reader reader(text.find("\nlive\n") != std::string_view::npos);
  Retained held;
  std::vector<Message> live;
  bool is_live = false;
  for (int left = lines_max; left > 0 && !text.empty(); --left) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::string topic(fuzz::next_word(line));
    is_live = is_live || topic == "live";
    if (!fuzz::is_topic(topic) || topic == "live") continue;
    if (is_live) {
      live.push_back({.topic = topic, .payload = std::string(line)});
    } else {
      reader.broker().put(topic, std::string(line));
      held[topic] = line;
    }
  }
  reader.run(live);
  explain_light(held);
  return 0;
}
