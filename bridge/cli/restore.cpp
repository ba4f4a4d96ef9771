// `statebus restore`: asks the running bridge to announce again what a user has deleted on main.
#include <fmt/format.h>

#include <iostream>
#include <utility>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/io/runner.hpp"
#include "discovery/description.hpp"
#include "discovery/topic.hpp"

namespace bridge::cli {
namespace {

constexpr std::chrono::seconds patience{15};

/// Hears the entity's description, asks once it tells of a deletion, and is done when it tells of
/// none any more.
class Restoring : private io::BrokerListener {
 public:
  Restoring(boost::asio::io_context& loop, const Config& config, const std::string& entity_id)
      : topics_(config.settings.root, config.settings.instance),
        entity_id_(entity_id),
        broker_(loop, with_client_id(config.broker, client_name()), *this) {
    perform({BrokerOpen{Line::main, {}}});
  }

  bool is_done() const { return !failure_.empty() || is_told_; }
  const std::string& failure() const { return failure_; }
  const std::string& status() const { return status_; }
  /// Where it was deleted; empty: nowhere.
  const std::vector<std::string>& prefixes() const { return prefixes_; }
  bool is_on_the_bus() const { return is_on_the_bus_; }

 private:
  void broker_opened(Line, const BrokerLimits&) override {
    // The marker comes behind what is retained.
    const std::string marker = topics_.reply("restore/" + client_name());
    marker_ = marker;
    perform({Subscribe{Line::main,
                       {{.filter = marker},
                        {.filter = topics_.status()},
                        {.filter = topics_.entity(entity_id_)}}},
             Publish{.line = Line::main, .topic = marker, .payload = "1"}});
  }
  void broker_closed(Line, const std::string& why, int) override { failure_ = why; }
  void broker_acknowledged(std::uint64_t, bool) override {}
  void broker_notice(Level, const std::string& text) override { failure_ = text; }
  void broker_events_done() override {}

  void broker_message(Line, const Message& message) override {
    if (message.topic == topics_.status()) status_ = message.payload;
    if (message.topic == topics_.entity(entity_id_)) described(message.payload);
    if (message.topic != marker_) return;
    if (prefixes_.empty() || status_ != "online") {
      is_told_ = true;
      return;
    }
    perform({Publish{.line = Line::main,
                     .topic = topics_.command(entity_id_, discovery::restore_slot),
                     .payload = "{}"}});
  }

  void perform(std::vector<BrokerEffect> effects) { broker_.perform(effects); }

  void described(const std::string& payload) {
    const auto held = discovery::read_description(payload);
    is_on_the_bus_ = held.has_value();
    if (!held) return;
    if (!held->deleted_under.empty()) {
      prefixes_ = held->deleted_under;
    } else if (!prefixes_.empty()) {
      is_told_ = true;
    }
  }

  discovery::Topics topics_;
  std::string entity_id_;
  std::string marker_;
  std::string status_;
  std::string failure_;
  std::vector<std::string> prefixes_;
  bool is_on_the_bus_ = false;
  bool is_told_ = false;
  io::Broker broker_;
};

}  // namespace

int restore(const std::string& config_file, const std::string& entity_id) {
  const Config config = read_config(config_file);
  const auto fail = [&](const std::string& text) {
    std::cerr << "statebus: " << on_one_line(text) << '\n';
    return 1;
  };
  if (!discovery::valid_entity_id(entity_id)) {
    return fail(fmt::format("{} is no entity id; one looks like light.kitchen", entity_id));
  }
  boost::asio::io_context loop(1);
  Restoring restoring(loop, config, entity_id);
  const bool in_time = run_until(loop, patience, [&]() -> std::optional<Time> {
    return restoring.is_done() ? std::nullopt : std::optional(never);
  });
  const std::string& instance = config.settings.instance;
  if (!restoring.failure().empty()) {
    return fail(
        fmt::format("the broker at {}: {}", config.settings.broker_url, restoring.failure()));
  }
  if (!in_time && restoring.prefixes().empty()) {
    return fail(
        fmt::format("the broker at {} did not answer within 15 s", config.settings.broker_url));
  }
  if (!restoring.is_on_the_bus()) {
    return fail(fmt::format("{} has no {} on the bus; `statebus explain {}` says why", instance,
                            entity_id, entity_id));
  }
  if (restoring.prefixes().empty()) {
    fmt::print("{}: nobody has deleted it; nothing to do\n", entity_id);
    return 0;
  }
  if (restoring.status() != "online") {
    return fail(
        fmt::format("the bridge of {} is not online, and it alone can announce; start it "
                    "and try again",
                    instance));
  }
  if (!in_time) {
    return fail(
        fmt::format("the bridge of {} did not do it within 15 s; may this user of the "
                    "broker write {}?",
                    instance,
                    discovery::Topics(config.settings.root, instance)
                        .command(entity_id, discovery::restore_slot)));
  }
  fmt::print("{}: announced again under {}\n", entity_id, fmt::join(restoring.prefixes(), ", "));
  return 0;
}

}  // namespace bridge::cli
