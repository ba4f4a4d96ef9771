// `statebus state`: the global state as a table or as JSON, once or as it changes.
#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <iostream>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/gathering.hpp"
#include "bridge/io/runner.hpp"
#include "discovery/filter.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

// A broker that falls silent is given up sooner, by BulkRead; this is for a very large one.
constexpr std::chrono::minutes patience{5};
constexpr std::size_t document_bytes_max = 1024 * 1024;

/// The state that a document tells, for a terminal.
std::string state_of(const std::string& document) {
  const auto json = discovery::parse_json(document, document_bytes_max);
  if (!json || !json->is_object()) return "(unreadable)";
  return on_one_line(discovery::text_at(*json, "state"));
}

std::string dumped(const discovery::Json& json, int indent) {
  return json.dump(indent, ' ', false, discovery::Json::error_handler_t::replace);
}

/// One object on a line: `document` is null when it was removed, and a text when it is no JSON.
void print_line(const std::string& instance, const std::string& id, const std::string& document) {
  discovery::Json json{{"instance", instance}, {"entity_id", id}, {"document", nullptr}};
  if (!document.empty()) {
    json["document"] = discovery::parse_json(document, document_bytes_max).value_or(document);
  }
  std::cout << dumped(json, -1) << std::endl;
}

/// Connects a Gathering with the broker.
class Reader : private io::BrokerListener {
 public:
  Reader(boost::asio::io_context& loop, const Config& config, const StateOptions& options)
      : options_(options),
        gathering_(config.settings.root, marker_topic(config.settings), options.watch,
                   [this](const auto& instance, const auto& id, const auto& document) {
                     if (printing_) print_change(instance, id, document);
                   }),
        broker_(loop, with_client_id(config.broker, client_name()), *this) {}

  void start() {
    gathering_.start(io::now(), effects_);
    perform();
  }

  /// When it is to be called again; nothing once all is read.
  std::optional<Time> tick() {
    gathering_.tick(io::now(), effects_);
    perform();
    if (gathering_.is_done()) return std::nullopt;
    return gathering_.deadline();
  }

  const Gathering& gathering() const { return gathering_; }
  void print_changes() { printing_ = true; }

 private:
  void perform() {
    Effects todo = std::exchange(effects_, {});
    broker_.perform(todo.broker);
  }

  void print_change(const std::string& instance, const std::string& id,
                    const std::string& document) {
    if (!discovery::matches_glob(options_.glob, id)) return;
    if (options_.json) {
      print_line(instance, id, document);
    } else {
      fmt::print("{} {} {}\n", on_one_line(instance), on_one_line(id),
                 document.empty() ? "(removed)" : state_of(document));
    }
    std::fflush(stdout);
  }

  void broker_opened(Line line, const BrokerLimits&) override {
    gathering_.opened(line, io::now(), effects_);
  }
  void broker_closed(Line line, const std::string& why, int reason) override {
    gathering_.closed(line, why, reason, io::now(), effects_);
  }
  void broker_message(Line line, const Message& message) override {
    gathering_.arrived(message, line, io::now(), effects_);
  }
  void broker_acknowledged(std::uint64_t token, bool) override {
    gathering_.acknowledged(token, io::now());
  }
  void broker_notice(Level, const std::string& text) override {
    std::cerr << "statebus: " << text << '\n';
  }
  void broker_events_done() override { perform(); }

  const StateOptions& options_;
  bool printing_ = false;
  Effects effects_;
  Gathering gathering_;
  io::Broker broker_;
};

struct Row {
  std::string instance, entity, state, since;
};

std::vector<Row> rows_of(const Gathering& gathering, const std::string& glob) {
  std::vector<Row> rows;
  for (const auto& [name, instance] : gathering.instances()) {
    for (const auto& [id, document] : instance.documents) {
      if (!discovery::matches_glob(glob, id)) continue;
      const auto json = discovery::parse_json(document, document_bytes_max);
      const std::string since = json ? discovery::text_at(*json, "last_changed") : "";
      rows.push_back({on_one_line(name), on_one_line(id), state_of(document),
                      on_one_line(since.substr(0, 19))});
    }
  }
  return rows;
}

void print_table(const Gathering& gathering, const std::string& glob) {
  const std::vector<Row> rows = rows_of(gathering, glob);
  std::size_t widths[3] = {8, 6, 5};
  for (const Row& row : rows) {
    widths[0] = std::max(widths[0], row.instance.size());
    widths[1] = std::max(widths[1], row.entity.size());
    widths[2] = std::max(widths[2], std::min<std::size_t>(row.state.size(), 40));
  }
  const auto heading = shows_colour() ? fmt::emphasis::bold : fmt::emphasis{};
  fmt::print("{}\n",
             fmt::format(fmt::text_style(heading), "{:{}}  {:{}}  {:{}}  {}", "INSTANCE", widths[0],
                         "ENTITY", widths[1], "STATE", widths[2], "SINCE (UTC)"));
  for (const Row& row : rows) {
    fmt::print("{:{}}  {:{}}  {:{}.40}  {}\n", row.instance, widths[0], row.entity, widths[1],
               row.state, widths[2], row.since);
  }
  for (const auto& [name, instance] : gathering.instances()) {
    fmt::print("{}: {}, {} entities\n", on_one_line(name),
               instance.status.empty() ? "no status" : on_one_line(instance.status),
               instance.documents.size());
  }
}

void print_json(const Gathering& gathering, const std::string& glob) {
  discovery::Json instances = discovery::Json::object();
  for (const auto& [name, instance] : gathering.instances()) {
    discovery::Json& out = instances[name];
    out["status"] = instance.status;
    out["info"] = discovery::parse_json(instance.info, document_bytes_max).value_or(nullptr);
    discovery::Json& entities = out["entities"] = discovery::Json::object();
    for (const auto& [id, document] : instance.documents) {
      if (!discovery::matches_glob(glob, id)) continue;
      entities[id] = discovery::parse_json(document, document_bytes_max).value_or(nullptr);
    }
  }
  const auto lacking = gathering.lacking();
  std::cout << dumped(
                   {{"complete", lacking.empty()}, {"lacking", lacking}, {"instances", instances}},
                   2)
            << '\n';
}

void print_lines(const Gathering& gathering, const std::string& glob) {
  for (const auto& [name, instance] : gathering.instances()) {
    for (const auto& [id, document] : instance.documents) {
      if (discovery::matches_glob(glob, id)) print_line(name, id, document);
    }
  }
}

}  // namespace

int state(const std::string& config_file, const StateOptions& options) {
  const Config config = read_broker_config(config_file);
  boost::asio::io_context loop(1);
  Reader reader(loop, config, options);
  reader.start();
  const bool in_time = run_until(loop, patience, [&] { return reader.tick(); });
  const std::string why =
      in_time ? reader.gathering().failure() : "it has not told everything within five minutes";
  if (!why.empty()) {
    return fail(1, fmt::format("the broker at {}: {}", config.settings.broker_url, why));
  }
  if (options.json && options.watch) {
    print_lines(reader.gathering(), options.glob);
  } else if (options.json) {
    print_json(reader.gathering(), options.glob);
  } else {
    print_table(reader.gathering(), options.glob);
  }
  const std::vector<std::string> lacking = reader.gathering().lacking();
  for (const std::string& topic : lacking) fail(1, "lacking on the broker: " + topic);
  std::fflush(stdout);  // what is there at first shall not wait for a change
  if (!options.watch) return lacking.empty() ? 0 : 1;

  reader.print_changes();
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  bool stopped = false;
  signals.async_wait([&](boost::system::error_code, int) { stopped = true; });
  run_until(loop, std::chrono::hours(24 * 365), [&]() -> std::optional<Time> {
    if (stopped || !reader.gathering().failure().empty()) return std::nullopt;
    return never;
  });
  return stopped ? 0 : fail(1, reader.gathering().failure());
}

}  // namespace bridge::cli
