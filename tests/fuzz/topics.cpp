// Texts that become topics, and topics that are taken apart: no text makes one that a broker does
// not take, and what was taken apart is put together to the same. The lines are a root, an
// instance, a topic and a device's id.
#include <array>

#include "discovery/home.hpp"
#include "discovery/identity.hpp"
#include "discovery/topic.hpp"
#include "tests/fuzz/promises.hpp"

namespace {

using namespace discovery;
using Kind = TopicParts::Kind;

void expect_topic(const std::string& topic) {
  if (!fuzz::is_topic(topic)) fuzz::broken("a topic that brokers take", topic);
}

std::string put_together(const Topics& of, const TopicParts& parts) {
  const std::string entity = std::string(parts.domain) + "." + std::string(parts.object);
  const Topics topics(of.root(), std::string(parts.instance));
  switch (parts.kind) {
    case Kind::device:
      return topics.device(parts.object);
    case Kind::event:
      return topics.event(parts.object);
    case Kind::fired:
      return topics.fired(parts.object);
    case Kind::trigger:
      return topics.trigger(parts.object);
    case Kind::entity:
      return topics.entity(entity);
    case Kind::state:
      return topics.state(entity);
    case Kind::image:
      return topics.image(entity);
    case Kind::view:
      return topics.view(entity, parts.slot);
    case Kind::command:
      return topics.command(entity, parts.slot);
    case Kind::reply:
      return topics.reply(parts.object);
    case Kind::followed:
      return topics.followed(parts.source, parts.domain, parts.object);
    case Kind::status:
      return topics.status();
    case Kind::info:
      return topics.info();
    case Kind::call:
      return topics.call();
    default:
      return {};
  }
}

void take_apart(const Topics& topics, const std::string& topic) {
  const auto parts = topics.parse(topic);
  if (!parts) return;
  if (!valid_instance(parts->instance)) fuzz::broken("a name of an instance", topic);
  // An entity id has one dot; a topic with more of them is nobody's.
  const bool has_dots = topic.find('.') != std::string::npos;
  const std::string again = has_dots ? std::string() : put_together(topics, *parts);
  if (!again.empty() && again != topic) fuzz::broken("the same topic again", topic + " " + again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::array<std::string, 4> lines;
  for (std::string& line : lines) {
    line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  const auto& [root, instance, topic, id] = lines;
  if (valid_topic_prefix(root)) expect_topic(root + "/status");
  const Topics topics(valid_topic_prefix(root) ? root : "statebus",
                      valid_instance(instance) ? instance : "hubs");
  expect_topic(topics.status());
  expect_topic(topics.announcement(topics.root(), "light", device_name(topics.instance(), "d1")));
  take_apart(topics, topic);
  (void)topics.parse_announcement(root, topic);
  (void)announced_object(topic);
  if (!valid_entity_id(id)) return 0;
  for (const std::string& each :
       {topics.entity(id), topics.view(id, "known"), topics.command(id)}) {
    expect_topic(each);
    const auto parts = topics.parse(each);
    if (!parts || parts->kind == Kind::other) fuzz::broken("a topic of an entity", each);
  }
  return 0;
}
