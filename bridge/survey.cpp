#include "bridge/survey.hpp"

#include <algorithm>

#include "discovery/identity.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

constexpr std::size_t info_bytes_max = 64 * 1024;

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
    case Registry::floors:
      return;
  }
}

Survey::Result Survey::judge(const std::string& instance) const {
  Result result;
  const std::string own = discovery::instance_name(instance) + "-";
  for (const auto& [id, entity] : home_.entities()) {
    const discovery::Reason reason = filter_.judge(home_, entity);
    if (entity.entry && entity.entry->unique_id.starts_with(own)) ++result.mirrors_of_own;
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
  std::string other_prefix;
  if (const auto info = discovery::parse_json(other.info, info_bytes_max);
      info && info->is_object()) {
    other_prefix = info->value("entity_id_prefix", "");
  }
  std::vector<std::string> clashes;
  for (const std::string& id : own) {
    const std::size_t object = id.find('.') + 1;
    const std::string on_consumer = own_prefix + id.substr(object);
    if (!on_consumer.starts_with(other_prefix)) continue;
    const std::string theirs = id.substr(0, object) + on_consumer.substr(other_prefix.size());
    if (other.documents.contains(theirs)) clashes.push_back(id);
  }
  return clashes;
}

}  // namespace bridge
