#include "discovery/announce.hpp"

#include <algorithm>

#include "discovery/blocked.hpp"
#include "discovery/domains.hpp"
#include "discovery/identity.hpp"
#include "discovery/view.hpp"
#include "discovery/web_address.hpp"

namespace discovery {
namespace {

// After this time a command that main could not deliver is not carried out any more.
constexpr int command_expiry_s = 10;

/// Whether a capability is there and says something: neither null nor false nor an empty list.
bool has(const Description& entity, std::string_view name) {
  const Json value = entity.value(name);
  return !value.is_null() && value != false && value != Json::array();
}

}  // namespace

bool holds(const When& when, const Facts& facts) {
  const Description& entity = facts.entity;
  const std::uint32_t features = entity.features();
  if (when.features != 0 && (features & when.features) == 0) return false;
  if ((features & when.lacks) != 0) return false;
  if (!when.capability.empty() && !has(entity, when.capability)) return false;
  if (!when.without.empty() && has(entity, when.without)) return false;
  if (!when.reported.empty() && !entity.learned.has_reported(when.reported)) return false;
  if (facts.consumer.version < when.since) return false;
  return when.before == Version{} || facts.consumer.version < when.before;
}

namespace {

std::string quoted_literal(const std::string& literal) { return "'" + literal + "'"; }

UnknownForm unknown_form(const Facts& facts) {
  return facts.domain.unknown == nullptr ? UnknownForm{} : facts.domain.unknown(facts);
}

// Items, not members: Jinja's sandbox looks members up in several ways first, which costs main some
// hundredths of a millisecond for each update.
std::string state_template(const Facts& facts) {
  return "{{ value_json['state'] if value_json is defined and "
         "value_json['state'] not in ('unknown', 'unavailable') else " +
         quoted_literal(unknown_form(facts).literal) + " }}";
}

std::string attribute_template(const Value& value) {
  const std::string get = "value_json['attributes'].get('" + std::string(value.text) + "')";
  if (value.fallback.empty()) return "{{ " + get + " if value_json is defined else 'None' }}";
  return "{% if value_json is defined %}{% set v = " + get + " %}{{ " +
         std::string(value.fallback) + " if v is none else v }}{% endif %}";
}

std::string call_template(const Facts& facts, const Value& value) {
  std::string data =
      value.make == nullptr ? std::string(value.expression) : value.make(facts).get<std::string>();
  if (!value.argument.empty()) data = "{'" + std::string(value.argument) + "': " + data + "}";
  return "{{ {'service': '" + std::string(value.text) + "', 'data': " + data + "} | to_json }}";
}

std::string either_template(const Value& value) {
  return "{{ {'service': '" + std::string(value.text) + "' if " + std::string(value.expression) +
         " else '" + std::string(value.argument) + "'} | to_json }}";
}

std::string worded_template(const Value& value) {
  const std::string variable(value.argument);
  const std::string service = value.fallback.empty()
                                  ? variable
                                  : quoted_literal(std::string(value.fallback)) + " ~ " + variable;
  const std::string data =
      value.expression.empty() ? "" : ", 'data': " + std::string(value.expression);
  return "{{ {'service': " + service + data + "} | to_json }}";
}

/// The JSON of a field; a discarded value when the field is left out.
Json make(const Facts& facts, const Value& value, const Topics& topics) {
  const std::string& entity_id = facts.entity.entity_id;
  switch (value.from) {
    case Value::From::text:
      return value.text;
    case Value::From::number:
      return value.number;
    case Value::From::flag:
      return value.number != 0;
    case Value::From::document:
      return topics.state(entity_id);
    case Value::From::view:
    case Value::From::plain:
      return topics.view(entity_id, value.text);
    case Value::From::event:
      return topics.event(facts.entity.object_id());
    case Value::From::image:
      return topics.image(entity_id);
    case Value::From::commands:
      return topics.command(entity_id, value.text);
    case Value::From::capability:
      return facts.entity.value(value.text);
    case Value::From::state:
      return state_template(facts);
    case Value::From::attribute:
      return attribute_template(value);
    case Value::From::call:
      return to_text(Json{{"service", value.text}});
    case Value::From::argument:
      return call_template(facts, value);
    case Value::From::either:
      return either_template(value);
    case Value::From::word:
      return value.argument;
    case Value::From::worded:
      return worded_template(value);
    case Value::From::supports:
      return (facts.entity.features() & value.number) != 0;
    case Value::From::absent:
      return nullptr;
    case Value::From::function: {
      Json made = value.make(facts);
      return made.is_null() ? Json(Json::value_t::discarded) : made;
    }
  }
  return Json(Json::value_t::discarded);
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

/// The friendly name on main is the device's name and this one; so the device's name is taken off
/// the source's, with what separates the two. Null: the entity bears its device's name.
Json name_of(const Facts& facts, const DeviceFacts& device) {
  const std::string& name = facts.entity.name;
  if (name.empty()) return nullptr;
  if (device.device == nullptr || device.device->name.empty()) return name;
  const std::string_view start = device.device->name;
  if (!equal_but_for_case(std::string_view(name).substr(0, start.size()), start)) return name;
  std::string_view rest = std::string_view(name).substr(start.size());
  const auto word = rest.find_first_not_of(" -:");
  if (word == std::string_view::npos) return nullptr;
  // "Lampshade" of a device "Lamp" is a word of its own.
  return word == 0 ? Json(name) : Json(rest.substr(word));
}

void put(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

}  // namespace

Json device_map(const DeviceFacts& device, const Consumer& consumer, const Topics& topics) {
  const DeviceEntry& entry = *device.device;
  const std::string object = device_name(topics.instance(), entry.id);
  Json map{{"identifiers", Json::array({object})},
           {"via_device", instance_name(topics.instance())}};
  put(map, "name", entry.name.empty() ? object : entry.name);
  put(map, "manufacturer", entry.manufacturer);
  put(map, "model", entry.model);
  put(map, "sw_version", entry.sw_version);
  put(map, "hw_version", entry.hw_version);
  put(map, "serial_number", entry.serial_number);
  if (consumer.version >= since::device_model_id) put(map, "model_id", entry.model_id);
  // homeassistant:// addresses pages of the source's own frontend.
  if (is_web_address(entry.configuration_url)) {
    put(map, "configuration_url", entry.configuration_url);
  }
  if (device.area != nullptr) put(map, "suggested_area", device.area->name);
  return map;
}

namespace {

void put_entity_id(Json& json, const Consumer& consumer, const std::string& entity_id) {
  if (consumer.version >= since::default_entity_id) {
    json["default_entity_id"] = entity_id;
  } else {
    json["object_id"] = entity_id.substr(entity_id.find('.') + 1);
  }
}

void put_availability(Json& json, const Facts& facts, const Topics& topics) {
  json["availability_mode"] = "all";
  json["availability"] =
      Json::array({Json{{"topic", topics.status()}},
                   Json{{"topic", topics.view(facts.entity.entity_id, availability_slot(facts))}}});
}

void put_registry_facts(Json& json, const Facts& facts) {
  const Description& entity = facts.entity;
  const std::string icon = entity.text("icon");
  if (icon.find(':') != std::string::npos) json["icon"] = icon;
  const std::string picture = entity.text("entity_picture");
  if (is_web_address(picture)) json["entity_picture"] = picture;
  if (entity.category != "config" && entity.category != "diagnostic") return;
  // Home Assistant refuses sensors of the category `config`.
  const bool only_tells = facts.domain.commands.empty();
  json["entity_category"] = only_tells ? "diagnostic" : entity.category;
  if (entity.category == "diagnostic") json["enabled_by_default"] = false;
}

/// Where main reads the state from the document, it reads the attributes there too, so that both
/// change at once; else they have a view, which says nothing while they stay as they are.
void put_attributes(Json& json, const Facts& facts, const Topics& topics) {
  if (!takes_attributes(facts)) return;
  if (!reads_document(facts.domain)) {
    json["json_attributes_topic"] = topics.view(facts.entity.entity_id, slot::attributes);
    return;
  }
  json["json_attributes_topic"] = topics.state(facts.entity.entity_id);
  json["json_attributes_template"] =
      "{{ value_json['attributes'] | to_json if value_json is defined else '{}' }}";
}

}  // namespace

Facts facts_of(const Description& entity, const Consumer& consumer, Version source) {
  const Domain& kind = domain_of(entity.domain());
  return {entity, kind.form == nullptr ? kind : kind.form(entity, consumer), consumer, source};
}

std::string_view availability_slot(const Facts& facts) {
  return unknown_form(facts).unavailable ? slot::known : slot::available;
}

bool takes_attributes(const Facts& facts) {
  const std::vector<std::string>& names = facts.entity.learned.extra;
  // The attributes of an event come with its firing.
  return !facts.domain.fires &&
         std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return is_taken(facts.domain.component, name, facts.consumer.version);
         });
}

bool can_announce(const Facts& facts) {
  const auto& needs = facts.domain.needs;
  return std::all_of(needs.begin(), needs.end(),
                     [&](std::string_view name) { return !facts.entity.value(name).is_null(); });
}

std::string wanted_entity_id(const Facts& facts, std::string_view entity_id_prefix) {
  return wanted_entity_id(facts.domain.component, facts.entity.entity_id, entity_id_prefix);
}

std::string wanted_entity_id(std::string_view component, std::string_view entity_id,
                             std::string_view entity_id_prefix) {
  const auto dot = entity_id.find('.');
  const std::string_view domain = entity_id.substr(0, dot);
  std::string id = std::string(component) + "." + std::string(entity_id_prefix);
  if (component != domain) (id += domain) += '_';
  return id += entity_id.substr(dot + 1);
}

Json announce(const Facts& facts, const DeviceFacts& device, const Topics& topics,
              std::string_view entity_id_prefix) {
  Json json{{"unique_id", facts.entity.object},
            {"name", name_of(facts, device)},
            {"origin", {{"name", "statebus"}}},
            {"qos", 0}};
  put_entity_id(json, facts.consumer, wanted_entity_id(facts, entity_id_prefix));
  put_availability(json, facts, topics);
  put_registry_facts(json, facts);
  if (device.device != nullptr) json["device"] = device_map(device, facts.consumer, topics);
  put_attributes(json, facts, topics);
  if (!facts.domain.commands.empty() && facts.consumer.version >= since::command_expiry) {
    json["message_expiry_interval"] = {{"seconds", command_expiry_s}};
  }
  for (const Field& field : facts.domain.fields) {
    if (!holds(field.when, facts)) continue;
    Json value = make(facts, field.value, topics);
    if (!value.is_discarded()) json[std::string(field.key)] = std::move(value);
  }
  return json;
}

}  // namespace discovery
