// Talks to Home Assistant and the brokers at once, as `statebus check` does, and keeps what it
// finds.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/broker_checkup.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/finding.hpp"
#include "bridge/cli/ha_survey.hpp"

namespace bridge::cli {

class Checkup {
 public:
  Checkup(boost::asio::io_context& loop, const Config& config)
      : config_(config), ha_(loop, config) {
    for (const std::string& url : config.broker.urls) {
      brokers_.push_back(std::make_unique<BrokerCheckup>(loop, config, url));
    }
  }

  void start() {
    ha_.start();
    brokers_.front()->start();
  }

  /// When it is to be called again; nothing once all is known.
  std::optional<Time> tick();
  std::vector<Finding> findings();

 private:
  void find_ha(std::vector<Finding>& out) const;
  void find_brokers(std::vector<Finding>& out) const;
  const BrokerCheckup* used_broker() const;
  static void find_apart(const BrokerCheckup& used, const BrokerCheckup& other,
                         std::vector<Finding>& out);
  void find_lacking(const std::string& name, const std::string& info,
                    std::vector<Finding>& out) const;
  void find_neighbours(std::vector<Finding>& out) const;

  const Config& config_;
  HaSurvey ha_;
  std::vector<std::unique_ptr<BrokerCheckup>> brokers_;  // in the order of the configuration
  std::size_t at_ = 0;                                   // the one that is being looked at
};

}  // namespace bridge::cli
