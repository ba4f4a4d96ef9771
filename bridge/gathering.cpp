#include "bridge/gathering.hpp"

#include <fmt/format.h>

#include <utility>

#include "bridge/neighbor_facts.hpp"
#include "discovery/index.hpp"

namespace bridge {
namespace {

using Kind = discovery::TopicParts::Kind;

}  // namespace

Gathering::Gathering(const std::string& root, std::string marker, bool watch,
                     OnDocument on_document)
    : topics_(root, "+"),
      watch_(watch),
      on_document_(std::move(on_document)),
      bulk_(std::move(marker), [this](const Message& message) { read_bulk(message); }) {}

void Gathering::start(Now now, Effects& effects) {
  // Who watches hears what is new before reading what is there, so that nothing falls in between.
  if (watch_) {
    effects.broker.push_back(BrokerOpen{Line::main, {}});
  } else {
    read_all(now, effects);
  }
}

void Gathering::opened(Line line, Now now, Effects& effects) {
  if (line == Line::bulk) return bulk_.opened(now, effects);
  effects.broker.push_back(Subscribe{Line::main,
                                     {{.filter = topics_.all_states(), .qos = 0, .retained = false},
                                      {.filter = topics_.status(), .qos = 0, .retained = false}}});
  read_all(now, effects);
}

void Gathering::read_all(Now now, Effects& effects) {
  bulk_.start({topics_.info(), topics_.status(), topics_.all_of_index(), topics_.all_states()}, now,
              effects, /*same_broker=*/watch_);
}

void Gathering::closed(Line line, const std::string& why, int reason, Now, Effects& effects) {
  if (line == Line::bulk) bulk_.closed(why, reason, effects);
  failure_ = why;
}

void Gathering::tick(Now now, Effects& effects) {
  bulk_.tick(now, effects);
  if (bulk_.state() == BulkRead::State::failed && failure_.empty()) failure_ = bulk_.failure();
}

void Gathering::arrived(const Message& message, Line line, Now now, Effects& effects) {
  if (line == Line::bulk) {
    bulk_.arrived(message, now, effects);
  } else {
    // Nothing is read any more once all is read, and then there is nothing to tell it from.
    if (bulk_.state() == BulkRead::State::running) heard_live_.insert(message.topic);
    read(message);
  }
}

/// The two connections are not in step: what came live, a removal as well, is as new as what is
/// read of it or newer. The times in documents do not tell: Home Assistant's clock may step back.
void Gathering::read_bulk(const Message& message) {
  if (!heard_live_.contains(message.topic)) read(message);
}

void Gathering::read(const Message& message) {
  const auto parts = topics_.parse(message.topic);
  if (!parts) return;
  const std::string name(parts->instance);
  switch (parts->kind) {
    case Kind::status:
      instances_[name].status = message.payload;
      return;
    case Kind::info:
      instances_[name].info = message.payload;
      return bulk_.expect(index_topics(of_instance(parts->instance), message.payload));
    case Kind::state:
      return take_document(*parts, message.payload);
    case Kind::index:
      break;
    default:
      return;
  }
  const auto listed = discovery::read_index(message.payload);
  if (!listed) return;
  std::vector<std::string> documents;
  for (const std::string& topic : *listed) {
    const auto named = topics_.parse(topic);
    const bool own = named && named->instance == parts->instance;
    if (own && named->kind == Kind::state) documents.push_back(topic);
  }
  bulk_.expect(documents);
}

void Gathering::take_document(const discovery::TopicParts& parts, const std::string& payload) {
  GatheredInstance& instance = instances_[std::string(parts.instance)];
  const std::string entity_id = fmt::format("{}.{}", parts.domain, parts.object);
  if (payload.empty()) {
    instance.documents.erase(entity_id);
  } else {
    instance.documents[entity_id] = payload;
  }
  on_document_(std::string(parts.instance), entity_id, payload);
}

std::vector<std::string> Gathering::lacking() const {
  std::vector<std::string> topics = bulk_.lacking();
  for (const auto& [name, instance] : instances_) {
    if (instance.info.empty()) topics.push_back(of_instance(name).info());
  }
  return topics;
}

discovery::Topics Gathering::of_instance(std::string_view name) const {
  return {topics_.root(), std::string(name)};
}

std::vector<std::string> index_topics(const discovery::Topics& topics, const std::string& info) {
  const auto read = read_neighbor_info(info);
  std::vector<std::string> names;
  for (std::uint32_t n = 0; read && n < read->index_buckets; ++n) names.push_back(topics.index(n));
  return names;
}

}  // namespace bridge
