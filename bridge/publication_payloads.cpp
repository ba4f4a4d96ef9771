// What stands at the topics of devices and entities: payloads, made when the outbox is about to
// send them.
#include "bridge/publications.hpp"
#include "discovery/document.hpp"
#include "discovery/view.hpp"

namespace bridge {
namespace {

/// Of a picture that has not come yet; main is told another one when it has.
constexpr const char* usual_image_type = "image/jpeg";

}  // namespace

const discovery::Domain& kind_of(const Publication& publication) {
  const std::string_view id = publication.entity_id;
  return discovery::domain_of(id.substr(0, id.find('.')));
}

/// The type of the entity's picture; empty when none is published.
std::string Publications::image_of(const Publication& publication) const {
  const discovery::Domain& kind = kind_of(publication);
  if (&kind != &discovery::kinds::camera && &kind != &discovery::kinds::image) return {};
  const auto* included = discovery::matching_glob(settings_.images.include, publication.entity_id);
  if (included == nullptr) return {};
  return publication.image_type.empty() ? usual_image_type : publication.image_type;
}

discovery::Description Publications::description_of(const Publication& publication) const {
  // The registry's facts that it was judged by: while it is about to go, Home Assistant may already
  // tell none, or those of another entity at this id.
  discovery::Entity judged;
  judged.id = publication.entity_id;
  judged.entry = publication.entry;
  auto description = discovery::describe(home_, topics_.instance(), judged, publication.learned);
  if (judged.domain() == "tts") description.speaks_on = settings_.speaks_on;
  description.image = image_of(publication);
  description.deleted_under = publication.deleted_under;
  return description;
}

void Publications::render_announcement(const Record& record, std::string& payload) const {
  const discovery::Consumer* const consumer = consumers_.at(record.topic);
  if (consumer == nullptr) return;
  const Publication& publication = owner_of(record);
  const discovery::Description description = description_of(publication);
  const auto facts = discovery::facts_of(description, *consumer, consumers_.source());
  discovery::DeviceFacts device;
  device.device = home_.device(publication.device_id);
  if (device.device != nullptr) device.area = home_.area_of(*device.device);
  payload =
      discovery::to_text(discovery::announce(facts, device, topics_, settings_.entity_id_prefix));
}

void Publications::render_document(const Publication& publication, std::string& payload) const {
  const discovery::Entity* entity = home_.find(publication.entity_id);
  if (entity != nullptr && entity->state)
    return discovery::append_document(payload, *entity->state);
  // Registered and enabled, but its integration has given it no state.
  discovery::State silent;
  silent.value = "unavailable";
  discovery::append_document(payload, silent);
}

void Publications::render(const Record& record, std::string& payload) const {
  if (record.what == What::device) {
    const discovery::DeviceEntry* device = home_.device(device_ids_.at(record.owner));
    if (device == nullptr) return;
    payload = discovery::to_text(discovery::describe_device(home_, topics_.instance(), *device));
    return;
  }
  const Publication& publication = owner_of(record);
  if (record.what == What::description) {
    payload = discovery::to_text(discovery::to_json(description_of(publication)));
  } else if (record.what == What::document) {
    render_document(publication, payload);
  } else if (record.what == What::view) {
    const discovery::Entity* entity = home_.find(publication.entity_id);
    const bool has_state = entity != nullptr && entity->state;
    discovery::append_view(payload, kind_of(publication), topics_.parse(record.topic)->slot,
                           has_state ? &*entity->state : nullptr);
  } else if (record.what == What::announcement) {
    render_announcement(record, payload);
  }
}

}  // namespace bridge
