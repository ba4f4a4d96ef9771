// `statebus restore`: asks the running bridge to announce again what a user has deleted on main.
#include <fmt/format.h>

#include "bridge/cli/asking.hpp"
#include "bridge/cli/commands.hpp"
#include "discovery/description.hpp"
#include "discovery/topic.hpp"

namespace bridge::cli {
namespace {

constexpr std::chrono::seconds patience{15};

/// Hears the entity's description, asks once it tells of a deletion, and is done when it tells of
/// none any more.
class Restoring : public Asking {
 public:
  Restoring(boost::asio::io_context& loop, const Config& config, const discovery::Topics& topics,
            const std::string& entity_id)
      : Asking(loop, config, client_name(), topics.reply("restore/" + client_name()),
               {topics.status(), topics.entity(entity_id)}),
        topics_(topics),
        entity_id_(entity_id) {}

  bool is_done() const { return !failure().empty() || is_told_; }
  const std::string& status() const { return status_; }
  /// Where it was deleted; empty: nowhere.
  const std::vector<std::string>& prefixes() const { return prefixes_; }
  bool is_on_the_bus() const { return is_on_the_bus_; }

 private:
  void heard(const Message& message) override {
    if (message.topic == topics_.status()) status_ = message.payload;
    if (message.topic == topics_.entity(entity_id_)) described(message.payload);
  }
  void retained_heard() override {
    if (prefixes_.empty() || status_ != "online") {
      is_told_ = true;
    } else {
      publish(topics_.command(entity_id_, discovery::restore_slot), "{}");
    }
  }

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

  const discovery::Topics& topics_;
  const std::string& entity_id_;
  std::string status_;
  std::vector<std::string> prefixes_;
  bool is_on_the_bus_ = false;
  bool is_told_ = false;
};

}  // namespace

int restore(const std::string& config_file, const std::string& entity_id) {
  const Config config = read_config(config_file);
  if (!discovery::valid_entity_id(entity_id)) {
    return fail(1, fmt::format("{} is no entity id; one looks like light.kitchen", entity_id));
  }
  const std::string& instance = config.settings.instance;
  const discovery::Topics topics(config.settings.root, instance);
  boost::asio::io_context loop(1);
  Restoring restoring(loop, config, topics, entity_id);
  const bool in_time = run_until(loop, patience, [&]() -> std::optional<Time> {
    return restoring.is_done() ? std::nullopt : std::optional(never);
  });
  if (!restoring.failure().empty()) {
    return fail(
        1, fmt::format("the broker at {}: {}", config.settings.broker_url, restoring.failure()));
  }
  if (!in_time && restoring.prefixes().empty()) {
    return fail(
        1, fmt::format("the broker at {} did not answer within 15 s", config.settings.broker_url));
  }
  if (!restoring.is_on_the_bus()) {
    return fail(1, fmt::format("{} has no {} on the bus; `statebus explain {}` says why", instance,
                               entity_id, entity_id));
  }
  if (restoring.prefixes().empty()) {
    fmt::print("{}: nobody has deleted it; nothing to do\n", entity_id);
    return 0;
  }
  if (restoring.status() != "online") {
    return fail(1, fmt::format("the bridge of {} is not online, and it alone can announce; start "
                               "it and try again",
                               instance));
  }
  if (!in_time) {
    return fail(1, fmt::format("the bridge of {} did not do it within 15 s; may this user of the "
                               "broker write {}?",
                               instance, topics.command(entity_id, discovery::restore_slot)));
  }
  fmt::print("{}: announced again under {}\n", entity_id, fmt::join(restoring.prefixes(), ", "));
  return 0;
}

}  // namespace bridge::cli
