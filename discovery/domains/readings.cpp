// Kinds that only tell: sensors, binary sensors, events, cameras, images, and the stand-in for
// every domain that has no table.
#include "discovery/announce.hpp"
#include "discovery/blocked.hpp"
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

bool is_moment(const Description& entity) {
  const std::string device_class = entity.text("device_class");
  return device_class == "timestamp" || device_class == "date";
}

/// Options go with the class `enum` alone, with no unit and no state class, and are no empty list.
Json sensor_options(const Facts& facts) {
  const Json options = facts.entity.value("options");
  const bool alone = unit(facts).is_null() && state_class(facts).is_null();
  const bool is_enum = facts.entity.text("device_class") == "enum";
  return is_enum && alone && options.is_array() && !options.empty() ? options : Json();
}

Json display_precision(const Facts& facts) {
  const auto precision = facts.entity.display_precision;
  return precision && *precision >= 0 && expects_number(facts) ? Json(*precision) : Json();
}

/// 2024.3 shows `None` as a text for all but numbers; its timestamps take nothing but a time.
UnknownForm unknown_sensor(const Facts& facts) {
  if (expects_number(facts)) return {};
  if (facts.consumer.version >= since::unknown_mode) return {};
  if (is_moment(facts.entity)) return {.literal = "1970-01-01T00:00:00+00:00", .unavailable = true};
  return {.literal = "unknown"};
}

Json last_reset(const Facts& facts) {
  if (facts.entity.text("state_class") != "total") return nullptr;
  if (!facts.entity.learned.has_reported("last_reset")) return nullptr;
  return "{% if value_json is defined %}{{ value_json['attributes'].get('last_reset') or '' }}{% "
         "endif %}";
}

// https://www.home-assistant.io/integrations/sensor.mqtt/
constexpr Field sensor_fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"unit_of_measurement", made(unit)},
    {"device_class", made(device_class)},
    {"state_class", made(state_class)},
    {"options", made(sensor_options)},
    {"suggested_display_precision", made(display_precision)},
    {"last_reset_value_template", made(last_reset)},
};
constexpr Field plain_sensor_fields[] = {
    {"state_topic", plain("state")},      {"unit_of_measurement", made(unit)},
    {"device_class", made(device_class)}, {"state_class", made(state_class)},
    {"options", made(sensor_options)},    {"suggested_display_precision", made(display_precision)},
};
constexpr std::string_view sensor_capabilities[] = {"options"};
constexpr std::string_view sensor_reports[] = {"last_reset"};

// https://www.home-assistant.io/integrations/binary_sensor.mqtt/
constexpr Field binary_sensor_fields[] = {
    {"state_topic", document()},  {"value_template", state()},          {"payload_on", text("on")},
    {"payload_off", text("off")}, {"device_class", made(device_class)},
};

// A plant is well or has a problem.
constexpr Field plant_fields[] = {
    {"state_topic", document()}, {"value_template", state()},       {"payload_on", text("problem")},
    {"payload_off", text("ok")}, {"device_class", text("problem")},
};

// A timer's state is one of three words.
constexpr Field timer_fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"device_class", text("enum")},
    {"options", made([](const Facts&) {
       return Json{"active", "idle", "paused"};
     })},
};

constexpr Field plain_binary_sensor_fields[] = {
    {"state_topic", plain("state")},
    {"payload_on", text("on")},
    {"payload_off", text("off")},
    {"device_class", made(device_class)},
};

constexpr Domain plain_sensor{.name = "sensor",
                              .component = "sensor",
                              .fields = plain_sensor_fields,
                              .capabilities = sensor_capabilities};
constexpr Domain plain_binary_sensor{
    .name = "binary_sensor", .component = "binary_sensor", .fields = plain_binary_sensor_fields};

/// Whether the state is all that main has to be told. Where attributes change with it, both come in
/// the document, so that main never has one without the other.
bool is_bare(const Facts& facts) {
  return facts.consumer.version >= since::unknown_mode && !takes_attributes(facts);
}

/// A text may be empty, and an empty payload would clear the view.
const Domain& form_of_sensor(const Description& entity, const Consumer& consumer) {
  const Facts facts{entity, kinds::sensor, consumer, consumer.version};
  const bool is_text = !expects_number(facts) && device_class(facts).is_null();
  const bool bare = is_bare(facts) && !is_text && entity.learned.reported.empty();
  return bare ? plain_sensor : kinds::sensor;
}
const Domain& form_of_binary_sensor(const Description& entity, const Consumer& consumer) {
  return is_bare({entity, kinds::binary_sensor, consumer, consumer.version}) ? plain_binary_sensor
                                                                             : kinds::binary_sensor;
}

// https://www.home-assistant.io/integrations/event.mqtt/
// Firings are never retained, so that no restart repeats one.
constexpr Field event_fields[] = {
    {"state_topic", event_topic()},
    {"event_types", capability("event_types")},
    {"device_class", made(device_class)},
};
constexpr std::string_view event_types[] = {"event_types"};

// The state of another domain is a word, whatever classes and units its attributes may name.
constexpr Field stand_in_fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
};

UnknownForm unknown_stand_in(const Facts& facts) {
  if (facts.consumer.version >= since::unknown_mode) return {};
  return {.literal = "unknown"};
}

// https://www.home-assistant.io/integrations/camera.mqtt/
constexpr Field camera_fields[] = {{"topic", image_topic()}};
// https://www.home-assistant.io/integrations/image.mqtt/
constexpr Field image_fields[] = {
    {"image_topic", image_topic()},
    {"content_type", made([](const Facts& facts) { return Json(facts.entity.image); })},
};
constexpr Domain without_picture{.name = "camera",
                                 .component = "sensor",
                                 .fields = stand_in_fields,
                                 .unknown = unknown_stand_in};

/// Without its picture there is nothing to show but a word.
const Domain& form_of_picture(const Description& entity, const Consumer&) {
  return entity.image.empty() ? without_picture : domain_of(entity.domain());
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain sensor{.name = "sensor",
                        .component = "sensor",
                        .fields = sensor_fields,
                        .capabilities = sensor_capabilities,
                        .reports = sensor_reports,
                        .unknown = unknown_sensor,
                        .form = form_of_sensor};
constexpr Domain binary_sensor{.name = "binary_sensor",
                               .component = "binary_sensor",
                               .fields = binary_sensor_fields,
                               .form = form_of_binary_sensor};
constexpr Domain calendar{
    .name = "calendar", .component = "binary_sensor", .fields = binary_sensor_fields};
constexpr Domain schedule{
    .name = "schedule", .component = "binary_sensor", .fields = binary_sensor_fields};
constexpr Domain plant{.name = "plant", .component = "binary_sensor", .fields = plant_fields};
constexpr Domain timer{.name = "timer", .component = "sensor", .fields = timer_fields};
constexpr Domain event{.name = "event",
                       .component = "event",
                       .fields = event_fields,
                       .capabilities = event_types,
                       .needs = event_types,
                       .fires = true};
constexpr Domain camera{
    .name = "camera", .component = "camera", .fields = camera_fields, .form = form_of_picture};
constexpr Domain image{
    .name = "image", .component = "image", .fields = image_fields, .form = form_of_picture};
constexpr Domain stand_in{
    .name = "", .component = "sensor", .fields = stand_in_fields, .unknown = unknown_stand_in};

static_assert(checked(sensor) && known(sensor) && covers(sensor, plain_sensor));
static_assert(checked(binary_sensor) && known(binary_sensor));
static_assert(checked(event) && known(event));
static_assert(checked(stand_in) && known(stand_in));

}  // namespace discovery::kinds
