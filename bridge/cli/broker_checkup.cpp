#include "bridge/cli/broker_checkup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/broker_link.hpp"
#include "bridge/cli/right_findings.hpp"
#include "bridge/consumers.hpp"

namespace bridge::cli {
namespace {

io::BrokerSettings settings_for(const Config& config, const std::string& url) {
  io::BrokerSettings settings = with_client_id(config.broker, config.settings.instance + "-check");
  settings.urls = {url};
  return settings;
}

}  // namespace

BrokerCheckup::BrokerCheckup(boost::asio::io_context& loop, const Config& config, std::string url)
    : config_(config),
      url_(std::move(url)),
      topics_(config.settings.root, config.settings.instance),
      gathering_(config.settings.root, marker_topic(config.settings), true,
                 [](const auto&, const auto&, const auto&) {}),
      keeping_(topics_.reply("kept/probe"), topics_.reply("kept/+")) {
  io::BrokerListener& listener = *this;  // a private base, which no other may see
  broker_.emplace(loop, settings_for(config, url_), listener);
}

void BrokerCheckup::perform() {
  Effects todo = std::exchange(effects_, {});
  if (broker_) broker_->perform(todo.broker);
}

void BrokerCheckup::broker_opened(Line line, const BrokerLimits& limits) {
  if (line == Line::main) limits_ = limits;
  if (keeps_ && line == Line::bulk) return keeping_.opened(io::now(), effects_);
  gathering_.opened(line, io::now(), effects_);
}

void BrokerCheckup::broker_closed(Line line, const std::string& why, int reason) {
  if (keeps_ && line == Line::bulk) return keeping_.closed(why);
  gathering_.closed(line, why, reason, io::now(), effects_);
}

void BrokerCheckup::broker_message(Line line, const Message& message) {
  if (keeps_ && line == Line::bulk) return keeping_.arrived(message, io::now(), effects_);
  if (line == Line::main && probing_ && probing_->arrived(message)) return;
  gathering_.arrived(message, line, io::now(), effects_);
}

void BrokerCheckup::broker_acknowledged(std::uint64_t token, bool accepted) {
  gathering_.acknowledged(token, io::now());
  if (probing_) probing_->acknowledged(token, accepted, io::now(), effects_);
  if (keeps_) keeping_.acknowledged(token, accepted, io::now(), effects_);
}

/// Who asks, from the infos that were read.
std::vector<std::string> BrokerCheckup::announced_prefixes() const {
  Consumers consumers(config_.settings, topics_);
  for (const auto& [name, instance] : gathering_.instances()) {
    consumers.heard(name, instance.info);
  }
  std::vector<std::string> prefixes;
  for (const discovery::Consumer& consumer : consumers.asked()) {
    prefixes.push_back(consumer.prefix);
  }
  return prefixes;
}

/// All that the instance needs, and what it should not have.
std::vector<Right> BrokerCheckup::rights_to_try() const {
  const std::vector<std::string> prefixes = announced_prefixes();
  std::vector<Right> rights = rights_of_instance(topics_, prefixes, config_.settings.consume);
  const std::vector<Right> excesses = excesses_of_instance(topics_, prefixes);
  rights.insert(rights.end(), excesses.begin(), excesses.end());
  rights.push_back(right_to_call(topics_.root()));
  return rights;
}

/// One after the other: what is there, the rights, and what is kept.
void BrokerCheckup::advance() {
  if (!is_read()) return;
  if (!probing_) {
    probing_.emplace(rights_to_try());
    probing_->start(io::now(), effects_);
  }
  if (probing_->is_done(io::now()) && !std::exchange(keeps_, true)) {
    keeping_.start(io::now(), effects_);
  }
}

bool BrokerCheckup::is_done() const {
  return !gathering_.failure().empty() || (keeps_ && keeping_.is_done());
}

std::optional<Time> BrokerCheckup::tick() {
  if (!broker_) return std::nullopt;
  gathering_.tick(io::now(), effects_);
  advance();
  if (keeps_) keeping_.tick(io::now(), effects_);
  perform();
  if (is_done()) {
    broker_.reset();
    return std::nullopt;
  }
  if (keeps_) return keeping_.deadline();
  return std::min(gathering_.deadline(), probing_ ? probing_->deadline() : never);
}

/// Without that right nothing comes back, whatever the broker keeps.
bool BrokerCheckup::reads_own() const {
  const auto& trials = probing_->trials();
  return std::all_of(trials.begin(), trials.end(), [&](const Trial& trial) {
    return trial.right.filter != topics_.all() || trial.may_read;
  });
}

/// What makes that statebus cannot work with it, or not well.
std::vector<std::string> BrokerCheckup::troubles() const {
  std::vector<std::string> out;
  if (std::string why = why_unusable(limits_); !why.empty()) out.push_back(std::move(why));
  if (!limits_.retain_available || !reads_own()) return out;
  if (!keeping_.failure().empty()) {
    out.push_back(keeping_.failure());
    return out;
  }
  if (!keeping_.was_tried()) return out;
  if (keeping_.at_once() == 0 && !keeping_.by_wildcard()) {
    out.push_back(
        "it gives back no retained message, although it has taken one, and statebus cannot work "
        "without them; docs/brokers.md names brokers that do");
  } else if (!keeping_.by_wildcard()) {
    out.push_back(
        "it gives retained messages only to whoever names their topic, and not to wildcards, so "
        "that neither Home Assistant nor a bridge finds what is there after a start; "
        "docs/brokers.md "
        "names brokers that do");
  }
  // A broker that takes equal filters for one gives one message, and its queue stays unknown.
  if (keeping_.at_once() > 1 && keeping_.at_once() < Keeping::wanted_at_once) {
    out.push_back(fmt::format(
        "of {} messages at once for one client it keeps {} and drops the rest without a word, so "
        "that commands and states are lost; allow more there (Mosquitto: max_queued_messages, of "
        "which its own default is 1000)",
        Keeping::wanted_at_once, keeping_.at_once()));
  }
  return out;
}

void BrokerCheckup::find(std::vector<Finding>& out, bool about_one) const {
  const auto add = [&](Mark mark, const std::string& text) {
    out.push_back({mark, "broker", about_one ? text : url_ + ": " + text});
  };
  if (!is_read() || !keeping_.is_done()) {
    const std::string why =
        gathering_.failure().empty() ? "it did not answer in time" : gathering_.failure();
    return out.push_back({Mark::bad, "broker", url_ + ": " + why});
  }
  out.push_back(
      {Mark::good, "broker",
       fmt::format("{} speaks MQTT 5; up to {} messages in flight", url_, window_for(limits_))});
  for (const std::string& trouble : troubles()) add(Mark::bad, trouble);
  if (limits_.packet_bytes_max != 0) {
    add(Mark::note, fmt::format("messages may have {} bytes at most", limits_.packet_bytes_max));
  }
  for (const std::string& notice : notices_) add(Mark::bad, notice);
  const std::string place = discovery::probing_place(config_.settings.instance);
  for (const Finding& each :
       right_findings(probing_->trials(), discovery::Topics(topics_.root(), place).all())) {
    add(each.mark, each.text);
  }
}

}  // namespace bridge::cli
