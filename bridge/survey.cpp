#include "bridge/survey.hpp"

#include <algorithm>

#include "discovery/identity.hpp"

namespace bridge {

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

}  // namespace bridge
