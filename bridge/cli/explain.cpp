// `statebus explain`: one entity, from Home Assistant and the broker: whether it is on the bus and
// on main, why not, and with which payloads.
#include <fmt/color.h>
#include <fmt/format.h>

#include <iostream>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/ha_survey.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/cli/topic_reader.hpp"
#include "bridge/explanation.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

using discovery::Json;
using discovery::Reason;

constexpr std::chrono::seconds patience{40};
constexpr std::size_t payload_bytes_max = 1024 * 1024;

std::string_view compared(const ExplainedTopic& topic) {
  if (topic.held.empty()) return "absent";
  if (topic.wanted.empty()) return "left over";
  return topic.held == topic.wanted ? "equal" : "different";
}

Json to_json(Reason reason, const std::string& detail) {
  if (reason == Reason::published) return nullptr;
  const discovery::ReasonText& text = discovery::about(reason);
  Json json{{"code", text.code}, {"why", text.why}, {"remedy", text.remedy}};
  if (!detail.empty()) json["detail"] = detail;
  return json;
}

/// A payload as JSON where it is some, else as the text that it is.
Json payload_json(const std::string& payload) {
  if (payload.empty()) return nullptr;
  return discovery::parse_json(payload, payload_bytes_max).value_or(payload);
}

Json to_json(const Explanation& entity, const Config& config, const std::string& status) {
  Json topics = Json::array();
  for (const ExplainedTopic& topic : entity.topics) {
    topics.push_back({{"what", topic.what},
                      {"topic", topic.topic},
                      {"broker", compared(topic)},
                      {"payload", payload_json(topic.wanted)},
                      {"held", payload_json(topic.held)}});
  }
  const bool on_the_bus = entity.in_home && !keeps_off_the_bus(entity.reason);
  Json json{{"entity_id", entity.entity_id},
            {"instance", config.settings.instance},
            {"status", status},
            {"in_home_assistant", entity.in_home},
            {"published", on_the_bus},
            {"reason", to_json(entity.reason, entity.detail)},
            {"commands", entity.services},
            {"consumers", Json::array()},
            {"lacking_at", entity.lacking_at},
            {"topics", topics}};
  if (!entity.no_commands.empty()) json["commands_refused_by"] = entity.no_commands;
  for (const ExplainedConsumer& main : entity.consumers) {
    json["consumers"].push_back({{"prefix", main.consumer.prefix},
                                 {"ha_version", discovery::to_text(main.consumer.version)},
                                 {"component", main.component},
                                 {"entity_id", main.wanted_id},
                                 {"stand_in", to_json(main.stand_in, "")}});
  }
  return json;
}

void print_line(std::string_view name, const std::string& text) {
  fmt::print("  {:10}  {}\n", name, on_one_line(text));
}

void print_reason(std::string_view name, Reason reason, const std::string& detail) {
  const discovery::ReasonText& text = discovery::about(reason);
  print_line(name, fmt::format("{}: {}{}", text.code, text.why,
                               detail.empty() ? "" : " (" + detail + ")"));
  print_line("to do", std::string(text.remedy));
}

std::string commands_of(const Explanation& entity) {
  if (entity.services.empty()) return "none; it is read-only";
  if (!entity.no_commands.empty()) return "none; " + entity.no_commands + " refuses them";
  return fmt::format("{}", fmt::join(entity.services, ", "));
}

void print_topics(const Explanation& entity) {
  const auto bold = shows_colour() ? fmt::text_style(fmt::emphasis::bold) : fmt::text_style{};
  for (const ExplainedTopic& topic : entity.topics) {
    const std::string_view verdict = compared(topic);
    fmt::print("\n{}\n", fmt::format(bold, "{}: {}", topic.what, topic.topic));
    print_line("broker", std::string(verdict));
    if (!topic.wanted.empty()) print_line("payload", topic.wanted);
    if (verdict == "different" || verdict == "left over") print_line("holds", topic.held);
  }
}

void print_text(const Explanation& entity, const Config& config, const std::string& status) {
  const bool on_the_bus = entity.in_home && !keeps_off_the_bus(entity.reason);
  fmt::print("{}: {}\n", on_one_line(entity.entity_id),
             on_the_bus ? "on the bus" : "not on the bus");
  print_line("source", entity.in_home ? entity.state.empty() ? "registered, without a state"
                                                             : "its state is " + entity.state
                                      : "Home Assistant has no such entity any more");
  print_line("bridge", fmt::format("instance {}, {}", config.settings.instance,
                                   status.empty() ? "never seen on this broker" : status));
  if (entity.reason != Reason::published) print_reason("reason", entity.reason, entity.detail);
  if (on_the_bus && entity.consumers.empty()) print_line("main", "does not have it");
  for (const ExplainedConsumer& main : entity.consumers) {
    print_line("main",
               fmt::format("a {}, asked for as {} (Home Assistant {}, prefix {})", main.component,
                           main.wanted_id, discovery::to_text(main.consumer.version),
                           main.consumer.prefix));
    if (main.stand_in != Reason::published) print_reason("stand-in", main.stand_in, "");
  }
  for (const auto& [instance, count] : entity.lacking_at) {
    if (!on_the_bus) break;
    print_line("lacking", fmt::format("{} has not made an entity of {} that this instance has "
                                      "announced; the log of its bridge says of which",
                                      instance, count));
  }
  if (on_the_bus) print_line("commands", commands_of(entity));
  print_topics(entity);
}

int unknown(const discovery::Home& home, const std::string& entity_id, const Config& config) {
  const std::vector<std::string> similar = similar_ids(home, entity_id);
  return fail(1, fmt::format("{} has no entity {}{}", config.ha.url, entity_id,
                             similar.empty()
                                 ? "; `statebus check` counts what it has"
                                 : fmt::format("; did you mean {}?", fmt::join(similar, ", "))));
}

}  // namespace

int explain(const std::string& config_file, const std::string& entity_id, bool json) {
  const Config config = read_config(config_file);
  boost::asio::io_context loop(1);
  HaSurvey ha(loop, config);
  ha.start();
  run_until(loop, patience, [&]() -> std::optional<Time> {
    return ha.is_done() ? std::nullopt : std::optional(never);
  });
  if (!ha.survey().is_complete()) return fail(1, ha.trouble());
  discovery::Home& home = ha.survey().home();
  TopicReader reader(loop, config);
  const discovery::Topics topics(config.settings.root, config.settings.instance);
  reader.start({topics.every_info()});
  run_until(loop, patience, [&] { return reader.tick(); });
  if (reader.failure().empty()) {
    reader.start(
        topics_to_read(config.settings, home, ha.survey().config(), entity_id, reader.held()));
    run_until(loop, patience, [&] { return reader.tick(); });
  }
  const Explanation entity = bridge::explain(config.settings, home, ha.survey().config(), entity_id,
                                             reader.held(), reader.packet_bytes_max());
  const bool reached = reader.failure().empty();
  if (!reached) {
    fail(1, fmt::format("the broker at {}: {}", config.settings.broker_url, reader.failure()));
  }
  if (!entity.in_home && entity.topics.empty()) return unknown(home, entity_id, config);
  const auto status = reader.held().find(topics.status());
  const std::string said = status == reader.held().end() ? "" : status->second;
  if (json) {
    std::cout << to_json(entity, config, said).dump(2, ' ', false, Json::error_handler_t::replace)
              << '\n';
  } else {
    print_text(entity, config, said);
    std::fflush(stdout);
  }
  return reached && entity.in_home ? 0 : 1;
}

}  // namespace bridge::cli
