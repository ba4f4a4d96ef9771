#include "bridge/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/neighbor_facts.hpp"
#include "bridge/publications.hpp"
#include "discovery/command.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

using discovery::Reason;

constexpr std::size_t similar_max = 3;
constexpr std::size_t info_bytes_max = 64 * 1024;

Consumers consumers_in(const Settings& settings, const discovery::Topics& topics,
                       const HaConfig& config, const Retained& held) {
  Consumers consumers(settings, topics);
  consumers.set_source(config.version);
  std::string own;
  for (const auto& [topic, payload] : held) {
    const auto parts = topics.parse(topic);
    const bool is_info = parts && parts->kind == discovery::TopicParts::Kind::info;
    if (!is_info) continue;
    consumers.heard(parts->instance, payload);
    // Its bridge has found out where its own Home Assistant listens.
    const auto info = parts->instance == topics.instance()
                          ? discovery::parse_json(payload, info_bytes_max)
                          : std::nullopt;
    if (info) own = discovery::text_at(*info, "own_prefix");
  }
  consumers.prove_all();
  if (consumers.is_asked(own)) consumers.set_own(own);
  return consumers;
}

/// The machines of a bridge that has read the broker and is about to connect to it.
struct Rehearsal {
  Rehearsal(const Settings& settings, discovery::Home& home, const HaConfig& config,
            const Retained& held, const std::string& entity_id)
      : topics(settings.root, settings.instance),
        outbox(topics, [this](const Record& r, std::string& out) { publications.render(r, out); }),
        consumers(consumers_in(settings, topics, config, held)),
        publications(settings, topics, home, consumers, outbox) {
    for (const auto& [topic, payload] : held) outbox.held(topic, payload, true);
    const auto description = held.find(topics.entity(entity_id));
    if (description != held.end()) {
      if (const auto known = discovery::read_description(description->second)) {
        publications.hold(*known, now);
      }
    }
    publications.judge_all(now);
    publications.settle(now);
  }

  Now now;
  discovery::Topics topics;
  Outbox outbox;
  Consumers consumers;
  Publications publications;
};

std::string_view name_of(What what) {
  return what == What::announcement  ? "announcement"
         : what == What::description ? "description"
         : what == What::document    ? "document"
                                     : "view";
}

void put_topics(Explanation& out, const Rehearsal& rehearsal, const Publication* publication,
                Retained held, std::uint32_t packet_bytes_max) {
  const auto take = [&](const std::string& topic) {
    const auto node = held.extract(topic);
    return node ? node.mapped() : std::string();
  };
  if (publication != nullptr && !keeps_off_the_bus(out.reason)) {
    for (Record* record : records_of(*publication)) {
      ExplainedTopic topic{name_of(record->what), record->topic, {}, take(record->topic)};
      rehearsal.publications.render(*record, topic.wanted);
      record->too_large =
          packet_bytes_max != 0 && packet_bytes(record->topic, topic.wanted) > packet_bytes_max;
      out.topics.push_back(std::move(topic));
    }
  }
  // What is left there of an entity that has no such topic.
  for (const auto& [topic, payload] : held) {
    const auto parts = rehearsal.topics.parse(topic);
    using Kind = discovery::TopicParts::Kind;
    if (parts && (parts->kind == Kind::info || parts->kind == Kind::status)) continue;
    const What what = !parts                        ? What::announcement
                      : parts->kind == Kind::entity ? What::description
                      : parts->kind == Kind::state  ? What::document
                                                    : What::view;
    out.topics.push_back({name_of(what), topic, {}, payload});
  }
}

std::string lacking_attributes(const discovery::Domain& kind, const discovery::Learned& learned) {
  std::vector<std::string_view> lacking(kind.needs.begin(), kind.needs.end());
  std::erase_if(lacking, [&](std::string_view n) { return learned.capabilities.has_value(n); });
  return fmt::format("{}", fmt::join(lacking, ", "));
}

/// What is known of the reason beyond its sentence.
std::string detail_of(const Explanation& out, const Settings& settings, const discovery::Home& home,
                      const discovery::Entity& entity, const Publication* publication) {
  if (out.reason == Reason::filtered) {
    const discovery::Filter filter(settings.filter);
    const discovery::FilterRule* rule = filter.rule_for(home, entity);
    return rule == nullptr ? "" : discovery::to_text(*rule);
  }
  if (out.reason == Reason::incomplete && publication != nullptr) {
    return lacking_attributes(discovery::domain_of(entity.domain()), publication->learned);
  }
  if (out.reason == Reason::deleted && publication != nullptr) {
    return fmt::format("under {}", fmt::join(publication->deleted_under, ", "));
  }
  if (out.reason == Reason::disabled) return "by " + entity.entry->disabled_by;
  if (out.reason == Reason::hidden) return "by " + entity.entry->hidden_by;
  return {};
}

/// How many entities of this instance others say that they lack.
std::map<std::string, std::size_t> lacking_of(const Settings& settings, const Retained& held) {
  std::map<std::string, std::size_t> lacking;
  const discovery::Topics topics(settings.root, settings.instance);
  for (const auto& [topic, payload] : held) {
    const auto parts = topics.parse(topic);
    if (!parts || parts->kind != discovery::TopicParts::Kind::info) continue;
    const auto info = read_neighbor_info(payload);
    if (!info) continue;
    const auto count = info->lacks.find(settings.instance);
    if (count != info->lacks.end()) lacking.emplace(parts->instance, count->second);
  }
  return lacking;
}

/// The key of the configuration that refuses all commands to an entity; empty: none.
std::string refusing_key(const Settings& settings, const std::string& entity_id) {
  const bool denied = discovery::matching_glob(settings.deny, entity_id) != nullptr;
  return settings.read_only ? "commands.read_only" : denied ? "commands.deny" : "";
}

}  // namespace

std::vector<std::string> topics_to_read(const Settings& settings, discovery::Home& home,
                                        const HaConfig& config, const std::string& entity_id,
                                        const Retained& infos) {
  const discovery::Topics topics(settings.root, settings.instance);
  std::vector<std::string> wanted{topics.status(), topics.info()};
  if (!discovery::valid_entity_id(entity_id)) return wanted;
  wanted.insert(wanted.end(), {topics.entity(entity_id), topics.state(entity_id),
                               topics.view(entity_id), topics.view(entity_id, "+")});
  if (const discovery::Entity* entity = home.find(entity_id)) {
    const std::string object = discovery::object_name(settings.instance, *entity);
    const Consumers consumers = consumers_in(settings, topics, config, infos);
    for (const discovery::Consumer& consumer : consumers.all()) {
      wanted.push_back(topics.announcement(consumer.prefix, "+", object));
    }
  }
  return wanted;
}

Explanation explain(const Settings& settings, discovery::Home& home, const HaConfig& config,
                    const std::string& entity_id, const Retained& held,
                    std::uint32_t packet_bytes_max) {
  Explanation out;
  out.entity_id = entity_id;
  out.lacking_at = lacking_of(settings, held);
  const Rehearsal rehearsal(settings, home, config, held, entity_id);
  const Publications& publications = rehearsal.publications;
  const discovery::Entity* const entity = home.find(entity_id);
  out.in_home = entity != nullptr && (entity->state || entity->entry);
  if (!out.in_home) {
    put_topics(out, rehearsal, nullptr, held, packet_bytes_max);
    return out;
  }
  if (entity->state) out.state = entity->state->value;
  out.services = discovery::services_of(discovery::domain_of(entity->domain()));
  out.no_commands = refusing_key(settings, entity_id);
  out.reason = publications.reason_of(*entity);
  const Publication* const publication = publications.find(entity_id);
  put_topics(out, rehearsal, publication, held, packet_bytes_max);
  if (publication != nullptr && !keeps_off_the_bus(out.reason)) {
    out.reason = publications.reason_of(*entity);  // now that the payloads' sizes are known
    for (const Record* announcement : publication->announcements) {
      const std::string component(publications.component_of(*announcement));
      out.consumers.push_back(
          {*rehearsal.consumers.at(announcement->topic), component,
           discovery::wanted_entity_id(component, entity_id, settings.entity_id_prefix),
           publications.why_stand_in(*announcement)});
    }
  }
  out.detail = detail_of(out, settings, home, *entity, publication);
  const auto clashes = publications.clashes();
  const auto clash =
      out.consumers.empty() ? clashes.end() : clashes.find(out.consumers.front().wanted_id);
  if (out.reason == Reason::published && clash != clashes.end()) {
    out.reason = Reason::clash;
    out.detail = fmt::format("{}", fmt::join(clash->second, ", "));
  }
  return out;
}

std::vector<std::string> similar_ids(const discovery::Home& home, const std::string& text) {
  // Those that share most pairs of letters, of which longer ids have more.
  const auto likeness = [&](const std::string& id) {
    std::size_t shared = 0;
    for (std::size_t i = 0; i + 2 <= text.size(); ++i) {
      shared += id.find(std::string_view(text).substr(i, 2)) != std::string::npos;
    }
    return 2.0 * static_cast<double>(shared) / static_cast<double>(text.size() + id.size());
  };
  constexpr double least = 0.5;
  std::vector<std::pair<double, std::string>> found;
  for (const auto& [id, entity] : home.entities()) {
    if (const double like = likeness(id); like >= least) found.emplace_back(-like, id);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(found.size(), similar_max); ++i) {
    ids.push_back(found[i].second);
  }
  return ids;
}

}  // namespace bridge
