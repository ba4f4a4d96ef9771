#include "discovery/description.hpp"

#include <algorithm>
#include <charconv>

#include "discovery/blocked.hpp"
#include "discovery/document.hpp"
#include "discovery/domains.hpp"
#include "discovery/identity.hpp"

namespace discovery {
namespace {

constexpr std::size_t description_bytes_max = 256 * 1024;

bool is_listed(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_capability(const Domain& domain, std::string_view name) {
  // A stand-in shows no picture: a media player's changes with each song.
  if (name == "entity_picture" && domain.name.empty()) return false;
  return is_listed(common_capabilities, name) || is_listed(domain.capabilities, name);
}

/// Home Assistant gives these to an unavailable entity as to a live one.
bool is_told_always(std::string_view name) {
  return name != "supported_features" && is_listed(common_capabilities, name);
}

News news_of(std::string_view capability) {
  const bool looks =
      capability == "icon" || capability == "friendly_name" || capability == "entity_picture";
  return looks ? News::details : News::capabilities;
}

/// Attributes that Home Assistant gives as a list of words, or as a number.
bool is_list_of_words(std::string_view name) {
  return name.ends_with("_modes") || name.ends_with("_list") || name == "options" ||
         name == "event_types";
}
bool is_number(std::string_view name) {
  return name.starts_with("min") || name.starts_with("max") || name.ends_with("step");
}

bool is_expression(std::string_view name) { return name == "pattern" || name == "code_format"; }

/// The words of a list; a number stands for its text, as Home Assistant's own schemas take it.
Json words_of(const Json& list) {
  Json words = Json::array();
  for (const Json& word : list) {
    if (word.is_string()) words.push_back(word);
    if (word.is_number()) words.push_back(to_text(word));
  }
  return words;
}

/// More names than this are not kept; the first ones decide as well as all of them would.
constexpr std::size_t extra_names_max = 32;

bool insert_sorted(std::vector<std::string>& names, const std::string& name) {
  const auto place = std::lower_bound(names.begin(), names.end(), name);
  if (place != names.end() && *place == name) return false;
  names.insert(place, name);
  return true;
}

void put(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

void put(Json& json, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) json[key] = texts;
}

}  // namespace

bool Learned::has_reported(std::string_view name) const {
  return std::binary_search(reported.begin(), reported.end(), name);
}

bool Learned::concerns(const Domain& domain, std::span<const std::string_view> attributes) const {
  return std::any_of(attributes.begin(), attributes.end(), [&](std::string_view name) {
    return is_capability(domain, name) || is_listed(domain.reports, name) ||
           (extra.size() < extra_names_max && may_be_taken(domain.component, name) &&
            !std::binary_search(extra.begin(), extra.end(), name));
  });
}

News Learned::learn(const Domain& domain, const State& state) {
  const bool unavailable = state.value == "unavailable";
  News news = News::nothing;
  const auto note = [&](bool changed, News what) {
    if (changed) news = std::max(news, what);
  };
  for (const Attribute& attribute : state.attributes) {
    if (left_out(attribute)) continue;
    const bool is_null = attribute.json == "null";
    if (is_capability(domain, attribute.name)) {
      // What is unavailable may only add what was not known.
      const bool trusted =
          !unavailable ||
          (!is_null && (is_told_always(attribute.name) || !capabilities.has(attribute.name)));
      if (trusted) {
        note(capabilities.set(attribute.name, attribute.json), news_of(attribute.name));
      }
    }
    if (is_listed(domain.reports, attribute.name) && !is_null) {
      note(insert_sorted(reported, attribute.name), News::details);
    }
    if (extra.size() < extra_names_max && may_be_taken(domain.component, attribute.name)) {
      note(insert_sorted(extra, attribute.name), News::details);
    }
  }
  // A live entity that has lost a capability has lost it; a silent one only does not tell it.
  if (is_silent(state)) return news;
  std::vector<std::string> gone;
  for (const Attribute& known : capabilities) {
    if (!state.attributes.has(known.name)) gone.push_back(known.name);
  }
  for (const std::string& name : gone) note(capabilities.erase(name), news_of(name));
  return news;
}

bool Learned::merge(const Learned& earlier, bool silent) {
  bool changed = false;
  for (const std::string& name : earlier.extra) changed = insert_sorted(extra, name) || changed;
  for (const std::string& name : earlier.reported) {
    changed = insert_sorted(reported, name) || changed;
  }
  for (const Attribute& capability : earlier.capabilities) {
    if (silent && !capabilities.has(capability.name)) {
      changed = capabilities.set(capability.name, capability.json) || changed;
    }
  }
  return changed;
}

std::string Description::text(std::string_view capability) const {
  const std::string* json = learned.capabilities.find(capability);
  return json == nullptr ? std::string() : string_of_json(*json).value_or("");
}

Json Description::value(std::string_view capability) const {
  const std::string* json = learned.capabilities.find(capability);
  if (json == nullptr) return nullptr;
  Json value = parse_json(*json, json->size()).value_or(nullptr);
  if (is_list_of_words(capability)) return value.is_array() ? words_of(value) : Json();
  if (is_number(capability) && !value.is_number()) return nullptr;
  if (is_expression(capability) && !value.is_string()) return nullptr;
  return value;
}

std::uint32_t Description::features() const {
  const std::string* json = learned.capabilities.find("supported_features");
  std::uint32_t bits = 0;
  if (json != nullptr) std::from_chars(json->data(), json->data() + json->size(), bits);
  return bits;
}

Description describe(const Home& home, std::string_view instance, const Entity& entity,
                     const Learned& learned) {
  Description description;
  description.object = object_name(instance, entity);
  description.entity_id = entity.id;
  description.learned = learned;
  description.name = description.text("friendly_name");
  const Domain& domain = domain_of(entity.domain());
  if (is_listed(domain.capabilities, "temperature_unit") &&
      !learned.capabilities.has("temperature_unit") && !home.temperature_unit().empty()) {
    description.learned.capabilities.set("temperature_unit",
                                         to_text(Json(home.temperature_unit())));
  }
  if (const Place* area = home.area_of(entity)) description.area = area->id;
  if (!entity.entry) return description;
  const EntityEntry& entry = *entity.entry;
  description.registry_id = entry.registry_id;
  description.unique_id = entry.unique_id;
  description.platform = entry.platform;
  if (home.device(entry.device_id) != nullptr) {
    description.device = device_name(instance, entry.device_id);
  }
  description.category = entry.entity_category;
  description.labels = entry.labels;
  description.hidden = !entry.hidden_by.empty();
  description.display_precision = entry.display_precision;
  return description;
}

Json to_json(const Description& description) {
  Json json{{"object", description.object}, {"entity_id", description.entity_id}};
  put(json, "registry_id", description.registry_id);
  put(json, "unique_id", description.unique_id);
  put(json, "platform", description.platform);
  put(json, "device", description.device);
  put(json, "area", description.area);
  put(json, "name", description.name);
  put(json, "entity_category", description.category);
  put(json, "labels", description.labels);
  put(json, "reported", description.learned.reported);
  if (description.hidden) json["hidden"] = true;
  put(json, "extra_attributes", description.learned.extra);
  if (description.display_precision) json["display_precision"] = *description.display_precision;
  put(json, "speaks_on", description.speaks_on);
  put(json, "image", description.image);
  put(json, "deleted_under", description.deleted_under);
  Json& capabilities = json["capabilities"] = Json::object();
  for (const Attribute& capability : description.learned.capabilities) {
    capabilities[capability.name] =
        parse_json(capability.json, capability.json.size()).value_or(nullptr);
  }
  return json;
}

std::optional<HeldDescription> read_description(std::string_view payload) {
  const auto json = parse_json(payload, description_bytes_max);
  if (!json || !json->is_object()) return std::nullopt;
  HeldDescription held;
  held.object = text_at(*json, "object");
  held.entity_id = text_at(*json, "entity_id");
  held.registry_id = text_at(*json, "registry_id");
  held.image = text_at(*json, "image");
  if (held.object.empty() || !valid_entity_id(held.entity_id)) return std::nullopt;
  if (const auto found = json->find("capabilities"); found != json->end() && found->is_object()) {
    for (const auto& [name, value] : found->items()) {
      held.learned.capabilities.set(name, to_text(value));
    }
  }
  held.deleted_under = texts_at(*json, "deleted_under");
  for (const std::string& name : texts_at(*json, "reported")) {
    insert_sorted(held.learned.reported, name);
  }
  for (const std::string& name : texts_at(*json, "extra_attributes")) {
    insert_sorted(held.learned.extra, name);
  }
  return held;
}

Json describe_device(const Home& home, std::string_view instance, const DeviceEntry& device) {
  Json json{{"id", device.id}, {"object", device_name(instance, device.id)}};
  put(json, "name", device.name);
  put(json, "manufacturer", device.manufacturer);
  put(json, "model", device.model);
  put(json, "model_id", device.model_id);
  put(json, "sw_version", device.sw_version);
  put(json, "hw_version", device.hw_version);
  put(json, "serial_number", device.serial_number);
  put(json, "configuration_url", device.configuration_url);
  put(json, "entry_type", device.entry_type);
  if (const Place* area = home.area_of(device)) json["area"] = area->id;
  put(json, "labels", device.labels);
  if (!device.via_device_id.empty())
    json["via_device"] = device_name(instance, device.via_device_id);
  if (!device.parent_device_id.empty()) {
    json["parent_device"] = device_name(instance, device.parent_device_id);
  }
  return json;
}

Json describe_places(const std::map<std::string, Place, std::less<>>& places) {
  Json list = Json::array();
  for (const auto& [id, place] : places) {
    Json json{{"id", id}, {"name", place.name}};
    put(json, "icon", place.icon);
    put(json, "floor", place.floor_id);
    put(json, "color", place.color);
    put(json, "aliases", place.aliases);
    put(json, "labels", place.labels);
    if (place.level) json["level"] = *place.level;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace discovery
