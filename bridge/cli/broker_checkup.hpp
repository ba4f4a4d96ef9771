// Talks to one broker as `statebus check` does: reads what it holds, and tries what it lets this
// user do and what it keeps.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/config.hpp"
#include "bridge/cli/finding.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/gathering.hpp"
#include "bridge/io/clock.hpp"
#include "bridge/keeping.hpp"
#include "bridge/probing.hpp"

namespace bridge::cli {

class BrokerCheckup : private io::BrokerListener {
 public:
  /// `url` is one of those in the configuration.
  BrokerCheckup(boost::asio::io_context& loop, const Config& config, std::string url);

  void start() {
    gathering_.start(io::now(), effects_);
    perform();
  }

  /// When it is to be called again; nothing once all is known, and then it has left the broker.
  std::optional<Time> tick();
  /// `about_one`: there is no other broker that they could be about.
  void find(std::vector<Finding>& out, bool about_one) const;

  const std::string& url() const { return url_; }
  /// All that this user may read was read.
  bool is_read() const { return gathering_.is_done() && gathering_.failure().empty(); }
  const Gathering& gathering() const { return gathering_; }

 private:
  void perform();
  void advance();
  bool is_done() const;

  void broker_opened(Line line, const BrokerLimits& limits) override;
  void broker_closed(Line line, const std::string& why, int reason) override;
  void broker_message(Line line, const Message& message) override;
  void broker_acknowledged(std::uint64_t token, bool accepted) override;
  void broker_notice(Level, const std::string& text) override { notices_.insert(text); }
  void broker_events_done() override { perform(); }

  std::vector<std::string> announced_prefixes() const;
  std::vector<Right> rights_to_try() const;
  bool reads_own() const;
  std::vector<std::string> troubles() const;

  const Config& config_;
  std::string url_;
  discovery::Topics topics_;
  Gathering gathering_;
  std::optional<Probing> probing_;  // once it is known who asks
  Keeping keeping_;
  bool keeps_ = false;  // that one has begun
  Effects effects_;
  std::optional<io::Broker> broker_;
  BrokerLimits limits_;
  std::set<std::string> notices_;  // one text may come for each of hundreds of subscriptions
};

}  // namespace bridge::cli
