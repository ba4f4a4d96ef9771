// What a bridge would publish, without publishing: Home Assistant's facts gathered once and judged.
#pragma once

#include <map>
#include <string>

#include "bridge/gathering.hpp"
#include "bridge/ha_session.hpp"
#include "discovery/announce.hpp"
#include "discovery/filter.hpp"
#include "discovery/home.hpp"

namespace bridge {

/// Hears one Home Assistant until its states and registries are known.
class Survey : public HaListener {
 public:
  explicit Survey(std::vector<discovery::FilterRule> rules) : filter_(std::move(rules)) {}

  bool is_complete() const;
  const HaConfig& config() const { return config_; }
  /// Whether the user of the token is an administrator, from the answer to `auth/current_user`.
  enum class Admin { untold, yes, no };
  Admin admin() const { return admin_; }
  discovery::Home& home() { return home_; }

  struct Result {
    std::map<std::string, std::size_t> published;     // by domain at the source
    std::map<discovery::Reason, std::size_t> others;  // by the reason why not
    std::vector<std::string> entity_ids;              // of those published
    std::size_t mirrors_of_own =
        0;  // entities that this very instance announced and its own HA made
  };
  Result judge(const std::string& instance) const;

 private:
  void ha_connected(const std::string&, Now) override {}
  void ha_lost(Now) override {}
  void ha_config(const HaConfig& config, Now) override {
    config_ = config;
    home_.set_temperature_unit(config.temperature_unit);
  }
  void ha_states(discovery::PaddedJson event, bool snapshot, Now) override;
  void ha_registry(Registry registry, discovery::PaddedJson list, Now) override;
  void ha_renamed(const std::string&, const std::string&, Now) override {}
  void ha_heard(const discovery::HaMessage& message, Now) override;
  void ha_call_done(const CallResult&, Now) override {}

  discovery::Filter filter_;
  discovery::Home home_;
  HaConfig config_;
  Admin admin_ = Admin::untold;
  bool snapshot_ = false;
  std::size_t lists_ = 0;
};

/// Those of `own` entity ids for which a consumer is asked to use the same id as for one of the
/// other instance.
std::vector<std::string> clashes_with(const GatheredInstance& other,
                                      const std::vector<std::string>& own,
                                      const std::string& own_prefix);
/// Those for which it is asked to use the same id as for an earlier one of `own`: a switch of the
/// name that a helper gets as a switch, say.
std::vector<std::string> clashes_within(const std::vector<std::string>& own,
                                        const std::string& own_prefix);

}  // namespace bridge
