// Device trackers and persons: where somebody is, with coordinates where there are some. Main takes
// the name of a zone from the bare payload alone, so that the state has a view.
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

/// Main complains of coordinates that are null.
bool is_no_empty_coordinate(const Attribute& attribute) {
  const std::string& name = attribute.name;
  const bool is_coordinate = name == "latitude" || name == "longitude" || name == "gps_accuracy";
  return !is_coordinate || attribute.json != "null";
}

/// One of the words that main takes; a person has none.
Json source_type(const Facts& facts) {
  const std::string type = facts.entity.text("source_type");
  const bool is_known =
      type == "gps" || type == "router" || type == "bluetooth" || type == "bluetooth_le";
  return is_known ? Json(type) : Json();
}

// https://www.home-assistant.io/integrations/device_tracker.mqtt/
constexpr Field fields[] = {
    {"state_topic", plain("state")},
    {"source_type", made(source_type)},
};
constexpr std::string_view capabilities[] = {"source_type"};

constexpr Domain tracker(std::string_view name) {
  return {.name = name,
          .component = "device_tracker",
          .fields = fields,
          .capabilities = capabilities,
          .bears = is_no_empty_coordinate};
}

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain device_tracker = tracker("device_tracker");
constexpr Domain person = tracker("person");

static_assert(checked(device_tracker) && known(device_tracker));

}  // namespace discovery::kinds
