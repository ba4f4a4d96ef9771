// `statebus check`: reads the configuration, reaches Home Assistant and the broker, and tells what
// would happen. It changes nothing; what it publishes is a probe that nobody keeps.
#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/gathering.hpp"
#include "bridge/io/runner.hpp"
#include "bridge/survey.hpp"
#include "discovery/domains.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

constexpr std::chrono::seconds patience{40};
constexpr std::uint64_t own_probe = 1;
constexpr std::uint64_t foreign_probe = 2;

enum class Mark { good, note, bad };

struct Finding {
  Mark mark;
  std::string about;  // configuration, home_assistant, broker
  std::string text;
};

/// Talks to both sides at once and keeps what it finds.
class Checkup : private io::HaSocketListener, private io::BrokerListener {
 public:
  Checkup(boost::asio::io_context& loop, const Config& config)
      : config_(config),
        name_(client_name()),
        topics_(config.settings.root, config.settings.instance),
        survey_(config.settings.filter),
        session_({config.ha.url, Time{10'000}, 1}, survey_),
        gathering_(config.settings.root, name_, true, [](const auto&, const auto&, const auto&) {}),
        ha_(loop, config.ha, *this),
        broker_(loop, with_client_id(config.broker, config.settings.instance), *this) {
    session_.set_token([&] {
      return LoginToken{read_secret(config.token_file, "home_assistant.token_file"), ""};
    });
  }

  void start() {
    session_.start(io::now(), effects_);
    gathering_.start(io::now(), effects_);
    perform();
  }

  std::optional<Time> tick() {
    gathering_.tick(io::now(), effects_);
    perform();
    const bool ha_done = ha_failed_ || survey_.is_complete();
    const bool broker_done =
        !gathering_.failure().empty() || (gathering_.is_done() && probes_ == 0);
    if (ha_done && broker_done) return std::nullopt;
    return gathering_.deadline();
  }

  std::vector<Finding> findings();

 private:
  static io::BrokerSettings with_client_id(io::BrokerSettings settings,
                                           const std::string& instance) {
    settings.client_id = "statebus-" + instance + "-check";
    return settings;
  }

  void perform() {
    Effects todo = std::exchange(effects_, {});
    for (const LogLine& line : todo.log) {
      if (line.level == Level::warning || line.level == Level::error) ha_trouble_ = line.text;
    }
    ha_failed_ = ha_failed_ || !ha_trouble_.empty();
    broker_.perform(todo.broker);
    ha_.perform(todo.ha);
  }

  void ha_socket_opened() override { session_.opened(io::now()); }
  void ha_socket_frame(discovery::PaddedJson frame) override {
    session_.frame(frame, io::now(), effects_);
    perform();
  }
  void ha_socket_closed(const std::string& why, int status) override {
    session_.closed(why, status, io::now(), effects_);
    perform();
  }

  void broker_opened(Line line, const BrokerLimits& limits) override {
    if (line == Line::main) {
      limits_ = limits;
      probe(own_probe, topics_.reply("probe"));
      probe(foreign_probe, discovery::Topics(topics_.root(), "statebus_check").reply("probe"));
    }
    gathering_.opened(line, io::now(), effects_);
  }
  void broker_closed(Line line, const std::string& why, int reason) override {
    broker_reason_ = reason;
    gathering_.closed(line, why, reason, io::now(), effects_);
  }
  void broker_message(Line line, const Message& message) override {
    gathering_.arrived(message, line, io::now(), effects_);
  }
  void broker_acknowledged(std::uint64_t token, bool accepted) override {
    --probes_;
    (token == own_probe ? own_accepted_ : foreign_accepted_) = accepted;
  }
  void broker_notice(Level, const std::string& text) override { notices_.push_back(text); }
  void broker_events_done() override { perform(); }

  void probe(std::uint64_t token, const std::string& topic) {
    ++probes_;
    effects_.broker.push_back(Publish{.token = token, .topic = topic, .payload = "probe"});
  }

  void find_ha(std::vector<Finding>& out) const;
  void find_broker(std::vector<Finding>& out) const;
  void find_neighbours(std::vector<Finding>& out) const;

  const Config& config_;
  std::string name_;
  discovery::Topics topics_;
  Survey survey_;
  HaSession session_;
  Gathering gathering_;
  Effects effects_;
  io::HaSocket ha_;
  io::Broker broker_;
  BrokerLimits limits_;
  std::string ha_trouble_;
  bool ha_failed_ = false;
  int broker_reason_ = 0;
  int probes_ = 0;
  bool own_accepted_ = false;
  bool foreign_accepted_ = false;
  std::vector<std::string> notices_;
};

void Checkup::find_ha(std::vector<Finding>& out) const {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "home_assistant", std::move(text)});
  };
  if (!survey_.is_complete()) {
    return add(Mark::bad, ha_trouble_.empty() ? "did not tell its states and registries in time"
                                              : ha_trouble_);
  }
  const HaConfig& config = survey_.config();
  add(Mark::good,
      fmt::format("{} at {}, '{}'", config.version_text, config_.ha.url, config.location_name));
  if (!config.running) add(Mark::note, "it is still starting; what follows may lack entities");
  if (config.recovery_mode)
    add(Mark::bad, "it is in recovery mode; its integrations are not loaded");
  const Survey::Result result = survey_.judge(config_.settings.instance);
  std::size_t kinds = 0;
  std::size_t stand_ins = 0;
  for (const auto& [domain, count] : result.published) {
    (discovery::domain_of(domain).name.empty() ? stand_ins : kinds) += count;
  }
  add(Mark::good,
      fmt::format("{} entities would be published: {} as their like, {} as read-only sensors",
                  result.entity_ids.size(), kinds, stand_ins));
  for (const auto& [reason, count] : result.others) {
    add(Mark::note,
        fmt::format("{} entities stay in the house: {}", count, discovery::to_text(reason)));
  }
  if (result.mirrors_of_own > 0) {
    add(Mark::bad,
        fmt::format("it shows {} entities of this very instance a second time: it listens on the "
                    "broker under the prefix '{}'. Give its MQTT integration another discovery "
                    "prefix, or announce under another one (announce.prefix)",
                    result.mirrors_of_own, config_.settings.announce_prefix));
  }
}

void Checkup::find_broker(std::vector<Finding>& out) const {
  const auto add = [&](Mark mark, std::string text) {
    out.push_back({mark, "broker", std::move(text)});
  };
  if (!gathering_.failure().empty() || !gathering_.is_done()) {
    const std::string why =
        gathering_.failure().empty() ? "it did not answer in time" : gathering_.failure();
    return add(Mark::bad, fmt::format("{}: {}{}", config_.settings.broker_url, why,
                                      broker_reason_ == 0x86 || broker_reason_ == 0x87
                                          ? "; check broker.username and broker.password_file"
                                          : ""));
  }
  add(Mark::good, fmt::format("{} speaks MQTT 5; up to {} messages in flight",
                              config_.settings.broker_url, window_for(limits_)));
  if (!limits_.retain_available)
    add(Mark::bad, "it keeps no retained messages; set retain_available true");
  if (limits_.packet_bytes_max != 0) {
    add(Mark::note, fmt::format("messages may have {} bytes at most", limits_.packet_bytes_max));
  }
  for (const std::string& notice : notices_) add(Mark::bad, notice);
  if (own_accepted_) {
    add(Mark::good,
        fmt::format("this user may write below {}/{}/", topics_.root(), topics_.instance()));
  } else {
    add(Mark::bad, fmt::format("this user may not write below {}/{}/; allow it in the broker's ACL",
                               topics_.root(), topics_.instance()));
  }
  if (foreign_accepted_) {
    add(Mark::note,
        "this user may write the topics of other instances, too; an ACL would keep them apart");
  }
}

void Checkup::find_neighbours(std::vector<Finding>& out) const {
  if (!gathering_.is_done() || !gathering_.failure().empty()) return;
  const std::vector<std::string> own = survey_.judge(config_.settings.instance).entity_ids;
  for (const auto& [name, instance] : gathering_.instances()) {
    if (name == config_.settings.instance) {
      out.push_back({Mark::note, "bus",
                     fmt::format("a bridge of this name was here before; its status is {}",
                                 instance.status.empty() ? "unknown" : instance.status)});
      continue;
    }
    out.push_back({Mark::good, "bus",
                   fmt::format("instance {} is {} with {} entities", name,
                               instance.status.empty() ? "silent" : instance.status,
                               instance.documents.size())});
    const std::vector<std::string> clashes =
        clashes_with(instance, own, config_.settings.entity_id_prefix);
    if (clashes.empty()) continue;
    out.push_back(
        {Mark::bad, "bus",
         fmt::format("{} entity ids are the same as in {}, such as {}: main would give the later "
                     "ones a _2. Set publish.entity_id_prefix: {}_",
                     clashes.size(), name, clashes.front(), config_.settings.instance)});
  }
}

std::vector<Finding> Checkup::findings() {
  std::vector<Finding> out;
  find_ha(out);
  find_broker(out);
  find_neighbours(out);
  return out;
}

void print(const std::vector<Finding>& findings, bool json) {
  if (json) {
    discovery::Json list = discovery::Json::array();
    for (const Finding& finding : findings) {
      const char* const mark = finding.mark == Mark::good   ? "ok"
                               : finding.mark == Mark::note ? "note"
                                                            : "problem";
      list.push_back({{"mark", mark}, {"about", finding.about}, {"text", finding.text}});
    }
    std::cout << list.dump(2, ' ', false, discovery::Json::error_handler_t::replace) << '\n';
    return;
  }
  for (const Finding& finding : findings) {
    const auto [word, colour] =
        finding.mark == Mark::good   ? std::pair{"ok", fmt::terminal_color::green}
        : finding.mark == Mark::note ? std::pair{"note", fmt::terminal_color::yellow}
                                     : std::pair{"PROBLEM", fmt::terminal_color::red};
    const auto style = shows_colour() ? fmt::fg(colour) : fmt::text_style{};
    fmt::print("{}  {}: {}\n", fmt::format(style, "{:7}", word), finding.about, finding.text);
  }
}

}  // namespace

int check(const std::string& config_file, bool json) {
  const Config config = read_config(config_file);
  boost::asio::io_context loop(1);
  Checkup checkup(loop, config);
  checkup.start();
  run_until(loop, patience, [&] { return checkup.tick(); });
  std::vector<Finding> findings = checkup.findings();
  findings.insert(findings.begin(), {Mark::good, "configuration", config_file + " is valid"});
  print(findings, json);
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.mark == Mark::bad; })
             ? 1
             : 0;
}

}  // namespace bridge::cli
