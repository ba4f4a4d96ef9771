#include "bridge/survey.hpp"

#include <algorithm>
#include <unordered_set>

#include "discovery/domains.hpp"
#include "discovery/identity.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

constexpr std::size_t info_bytes_max = 64 * 1024;
constexpr std::size_t user_bytes_max = 64 * 1024;

/// The entity id that a consumer is asked to use; neither its version nor the state plays a part.
std::string id_on_consumer(const std::string& entity_id, const std::string& prefix) {
  discovery::Description description;
  description.entity_id = entity_id;
  const discovery::Consumer consumer;
  return discovery::wanted_entity_id(discovery::facts_of(description, consumer, {}), prefix);
}

}  // namespace

bool Survey::is_complete() const {
  return snapshot_ && lists_ >= registry_count && !config_.version_text.empty();
}

void Survey::ha_states(discovery::PaddedJson event, bool snapshot, Now) {
  const auto nobody_asks = [](const discovery::StateChange&) {};
  if (snapshot) {
    home_.apply_snapshot(event, true, nobody_asks);
    snapshot_ = true;
  } else {
    home_.apply_states(event, nobody_asks);
  }
}

void Survey::ha_registry(Registry registry, discovery::PaddedJson list, Now) {
  const auto nobody_asks = [](discovery::Entity&) {};
  ++lists_;
  switch (registry) {
    case Registry::entities:
      home_.set_entities(
          discovery::read_entities(list).value_or(std::vector<discovery::EntityEntry>{}),
          nobody_asks);
      return;
    case Registry::devices:
      home_.set_devices(
          discovery::read_devices(list).value_or(std::vector<discovery::DeviceEntry>{}),
          nobody_asks);
      return;
    case Registry::areas:
      home_.set_areas(
          discovery::read_places(list, "area_id").value_or(std::vector<discovery::Place>{}),
          nobody_asks);
      return;
    case Registry::labels:
      home_.set_labels(
          discovery::read_places(list, "label_id").value_or(std::vector<discovery::Place>{}));
      return;
    case Registry::services:
      home_.set_notifiers(discovery::read_notifiers(list).value_or(std::vector<std::string>{}),
                          true, [](const discovery::StateChange&) {});
      return;
    case Registry::floors:
      return;
  }
}

void Survey::ha_heard(const discovery::HaMessage& message, Now) {
  const auto user = discovery::parse_json(message.payload, user_bytes_max);
  const bool is_admin =
      user && user->is_object() && user->value("is_admin", discovery::Json()) == true;
  admin_ = is_admin ? Admin::yes : Admin::no;
}

Survey::Result Survey::judge(const std::string& instance) const {
  Result result;
  for (const auto& [id, entity] : home_.entities()) {
    const discovery::Reason reason = filter_.judge(home_, entity);
    const bool is_own = entity.entry && discovery::instance_of(entity.entry->unique_id) == instance;
    if (is_own) ++result.mirrors_of_own;
    if (reason != discovery::Reason::published) {
      ++result.others[reason];
    } else if (entity.state) {
      ++result.published[std::string(entity.domain())];
      result.entity_ids.push_back(id);
    }
  }
  std::sort(result.entity_ids.begin(), result.entity_ids.end());
  return result;
}

std::vector<std::string> clashes_with(const GatheredInstance& other,
                                      const std::vector<std::string>& own,
                                      const std::string& own_prefix) {
  const auto info = discovery::parse_json(other.info, info_bytes_max);
  const std::string prefix = info ? discovery::text_at(*info, "entity_id_prefix") : "";
  std::unordered_set<std::string> theirs;
  for (const auto& [id, document] : other.documents) theirs.insert(id_on_consumer(id, prefix));
  std::vector<std::string> clashes;
  for (const std::string& id : own) {
    if (theirs.contains(id_on_consumer(id, own_prefix))) clashes.push_back(id);
  }
  return clashes;
}

std::vector<std::string> clashes_within(const std::vector<std::string>& own,
                                        const std::string& own_prefix) {
  std::unordered_set<std::string> taken;
  std::vector<std::string> clashes;
  for (const std::string& id : own) {
    if (!taken.insert(id_on_consumer(id, own_prefix)).second) clashes.push_back(id);
  }
  return clashes;
}

}  // namespace bridge
