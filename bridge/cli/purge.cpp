// `statebus purge`: clears all that an instance has left on the broker, announcements first.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/topic_reader.hpp"
#include "discovery/identity.hpp"
#include "discovery/index.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

using Names = std::set<std::string>;

constexpr std::chrono::seconds reading{120};
// Main lets go of its entities before what they read is cleared, as when a bridge removes one.
constexpr std::chrono::seconds between{5};
constexpr std::chrono::minutes clearing{10};
constexpr std::size_t window = 20;  // what a stock broker acknowledges at once

/// What an instance left: its announcements, and all below ROOT/INSTANCE, status and info last.
struct Left {
  std::vector<std::string> announcements;
  std::vector<std::string> topics;
  std::string url;  // of the broker that has them
  bool is_running = false;
  std::size_t size() const { return announcements.size() + topics.size(); }
};

/// Clears topics, a few at once.
class Clearing : private io::BrokerListener {
 public:
  Clearing(boost::asio::io_context& loop, const Config& config)
      : broker_(loop, with_client_id(config.broker, client_name()), *this) {
    perform({BrokerOpen{Line::main, {}}});
  }

  void start(std::vector<std::string> topics) {
    topics_ = std::move(topics);
    next_ = answered_ = 0;
    if (is_open_) fill();
  }
  bool is_done() const { return !failure_.empty() || answered_ == topics_.size(); }
  const std::string& failure() const { return failure_; }
  std::size_t refused() const { return refused_; }

 private:
  void fill() {
    std::vector<BrokerEffect> effects;
    for (; next_ < topics_.size() && next_ - answered_ < window; ++next_) {
      effects.push_back(
          Publish{.line = Line::main, .token = next_ + 1, .topic = topics_[next_], .retain = true});
    }
    perform(std::move(effects));
  }

  void broker_opened(Line, const BrokerLimits&) override {
    is_open_ = true;
    fill();
  }
  void broker_closed(Line, const std::string& why, int) override { failure_ = why; }
  void broker_message(Line, const Message&) override {}
  void broker_notice(Level level, const std::string& text) override {
    if (level == Level::error) failure_ = text;  // the reader has told what it has passed over
  }
  void broker_events_done() override {}
  void broker_acknowledged(std::uint64_t, bool accepted) override {
    ++answered_;
    if (!accepted) ++refused_;
    fill();
  }

  void perform(std::vector<BrokerEffect> effects) { broker_.perform(effects); }

  std::vector<std::string> topics_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
  std::size_t refused_ = 0;
  std::string failure_;
  bool is_open_ = false;
  io::Broker broker_;
};

/// Reads all of these filters; throws std::runtime_error with what is wrong.
void read(boost::asio::io_context& loop, const Config& config, TopicReader& reader,
          std::vector<std::string> filters) {
  reader.start(std::move(filters));
  run_until(loop, reading, [&] { return reader.tick(); });
  if (reader.failure().empty()) return;
  throw std::runtime_error(
      fmt::format("the broker at {}: {}", config.settings.broker_url, reader.failure()));
}

/// What the instance says of itself; null when it is nothing that can be read.
discovery::Json info_of(const discovery::Topics& topics, const Retained& held) {
  const auto info = held.find(topics.info());
  if (info == held.end()) return nullptr;
  return discovery::parse_json(info->second, discovery::index_bytes_max).value_or(nullptr);
}

/// Where the instance says that it has announced, and where this configuration would.
Names prefixes_of(const Config& config, const discovery::Json& info) {
  Names prefixes{config.settings.announce_prefix};
  for (std::string& prefix : discovery::texts_at(info, "announced_under")) {
    if (discovery::valid_topic_prefix(prefix)) prefixes.insert(std::move(prefix));
  }
  return prefixes;
}

bool is_last(const discovery::TopicParts& parts) {
  using Kind = discovery::TopicParts::Kind;
  return parts.kind == Kind::status || parts.kind == Kind::info || parts.kind == Kind::index ||
         parts.kind == Kind::heartbeat;
}

/// A small broker drops what is too much of a wildcard, so what the index names counts as well.
Left find_left(boost::asio::io_context& loop, const Config& config,
               const discovery::Topics& topics) {
  TopicReader reader(loop, config);
  read(loop, config, reader, {topics.all()});
  const discovery::Json info = info_of(topics, reader.held());
  Left left;
  // Whatever its status says: a bridge lives without its Home Assistant, too, and where the broker
  // refuses its documents. At its end it clears the heartbeat.
  left.url = reader.url();
  left.is_running = reader.held().contains(topics.heartbeat());
  Names names;
  for (const auto& [topic, payload] : reader.held()) {
    names.insert(topic);
    const auto parts = topics.parse(topic);
    if (!parts || parts->kind != discovery::TopicParts::Kind::index) continue;
    const auto listed = discovery::read_index(payload);
    if (listed) names.insert(listed->begin(), listed->end());
  }
  std::vector<std::string> filters;
  for (const std::string& prefix : prefixes_of(config, info)) {
    filters.push_back(topics.all_announcements(prefix));
  }
  read(loop, config, reader, filters);
  for (const auto& [topic, payload] : reader.held()) names.insert(topic);

  std::vector<std::string> last;
  const std::string own = discovery::instance_name(topics.instance());
  for (const std::string& name : names) {
    if (const auto parts = topics.parse(name)) {
      if (parts->instance != topics.instance()) continue;
      (is_last(*parts) ? last : left.topics).push_back(name);
    } else {
      const std::string_view object = discovery::announced_object(name);
      const bool is_own = object == own || discovery::instance_of(object) == topics.instance();
      if (is_own) left.announcements.push_back(name);
    }
  }
  left.topics.insert(left.topics.end(), last.begin(), last.end());
  return left;
}

/// Nothing is cleared without a yes; false: there was none.
bool is_wanted(const PurgeOptions& options, const Left& left) {
  fmt::print("{}: {} announcements and {} other topics\n", options.instance,
             left.announcements.size(), left.topics.size());
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) == 0) {
    fail(1, "nothing is cleared without --yes when nobody can be asked");
    return false;
  }
  fmt::print("Clear them all? Type the name of the instance: ");
  std::fflush(stdout);
  std::string answer;
  return std::getline(std::cin, answer) && answer == options.instance;
}

void clear(boost::asio::io_context& loop, const Config& config, const Left& left) {
  Clearing clearing_now(loop, config);
  const auto run = [&](const std::vector<std::string>& topics) {
    clearing_now.start(topics);
    const bool in_time = run_until(loop, clearing, [&]() -> std::optional<Time> {
      return clearing_now.is_done() ? std::nullopt : std::optional(never);
    });
    if (clearing_now.failure().empty() && in_time) return;
    throw std::runtime_error(fmt::format(
        "the broker at {}: {}; what is left can be cleared by another try",
        config.settings.broker_url, in_time ? clearing_now.failure() : "it did not take all"));
  };
  run(left.announcements);
  if (!left.announcements.empty()) {
    run_until(loop, between, [] { return std::optional(never); });
  }
  run(left.topics);
  if (clearing_now.refused() == 0) return;
  throw std::runtime_error(
      fmt::format("the broker at {} refused to clear {} of them; allow its user to write there",
                  config.settings.broker_url, clearing_now.refused()));
}

}  // namespace

int purge(const std::string& config_file, const PurgeOptions& options) {
  const Config config = read_config(config_file);
  if (!discovery::valid_instance(options.instance)) {
    return fail(2, fmt::format("--instance {} is no instance's name", options.instance));
  }
  const discovery::Topics topics(config.settings.root, options.instance);
  boost::asio::io_context loop(1);
  try {
    const Left left = find_left(loop, config, topics);
    if (left.size() == 0) {
      fmt::print("{}: it has left nothing on the broker\n", options.instance);
      return 0;
    }
    if (left.is_running) {
      return fail(1, fmt::format("the bridge of {} runs, as its heartbeat tells, and would write "
                                 "all of it again; stop it, and wait 90 s if it was killed",
                                 options.instance));
    }
    if (!is_wanted(options, left)) return 1;
    // Of several brokers another one may answer by now, where the bridge may run.
    Config there = config;
    there.broker.urls = {left.url};
    there.settings.broker_url = left.url;
    clear(loop, there, left);
    const std::size_t rest = find_left(loop, there, topics).size();
    if (rest != 0) {
      return fail(1, fmt::format("{} topics of {} are there still, or again; somebody writes them",
                                 rest, options.instance));
    }
    fmt::print("{}: all is cleared\n", options.instance);
    return 0;
  } catch (const std::runtime_error& fault) {
    return fail(1, fault.what());
  }
}

}  // namespace bridge::cli
