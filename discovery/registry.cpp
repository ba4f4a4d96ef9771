#include "discovery/registry.hpp"

#include <algorithm>

#include "discovery/simdjson.hpp"

namespace discovery {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

/// The text of a value; old integrations give numbers where text is meant, and those come as
/// written.
std::string text_of(ondemand::value value) {
  std::string_view text;
  ondemand::json_type type{};
  if (value.type().get(type) != SUCCESS) return {};
  if (type == ondemand::json_type::string) {
    return value.get_string().get(text) == SUCCESS ? std::string(text) : std::string();
  }
  if (type == ondemand::json_type::number) {
    return simdjson::to_json_string(value).get(text) == SUCCESS ? std::string(text) : std::string();
  }
  return {};
}

std::vector<std::string> texts_of(ondemand::value value) {
  std::vector<std::string> texts;
  ondemand::array array;
  if (value.get_array().get(array) != SUCCESS) return texts;
  for (auto element : array) {
    ondemand::value item;
    if (element.get(item) == SUCCESS) texts.push_back(text_of(item));
  }
  return texts;
}

std::optional<int> number_of(ondemand::value value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != SUCCESS) return std::nullopt;
  return static_cast<int>(number);
}

/// `[["demo","light_1"]]` as {"demo:light_1"}.
std::vector<std::string> identifiers_of(ondemand::value value) {
  std::vector<std::string> identifiers;
  ondemand::array array;
  if (value.get_array().get(array) != SUCCESS) return identifiers;
  for (auto element : array) {
    ondemand::value pair;
    if (element.get(pair) != SUCCESS) continue;
    std::string joined;
    for (const std::string& part : texts_of(pair)) joined += (joined.empty() ? "" : ":") + part;
    identifiers.push_back(std::move(joined));
  }
  return identifiers;
}

/// Calls `read(key, value, row)` for each field of each object of a list.
template <typename Row, typename Read>
std::optional<std::vector<Row>> read_list(PaddedJson list, Read read) {
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(padded(list)).get(document) != SUCCESS) return std::nullopt;
  if (document.get_array().get(array) != SUCCESS) return std::nullopt;
  std::vector<Row> rows;
  for (auto element : array) {
    ondemand::object object;
    if (element.get_object().get(object) != SUCCESS) return std::nullopt;
    Row row;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.unescaped_key().get(key) != SUCCESS) return std::nullopt;
      if (field.value().get(value) != SUCCESS) return std::nullopt;
      read(key, value, row);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The user's display precision, else the integration's, from {"sensor": {"display_precision": 1}}.
std::optional<int> precision_of(ondemand::value options) {
  ondemand::object object;
  std::optional<int> chosen;
  std::optional<int> suggested;
  if (options.get_object().get(object) != SUCCESS) return std::nullopt;
  for (auto field : object) {
    std::string_view key;
    ondemand::object sensor;
    if (field.unescaped_key().get(key) != SUCCESS || key != "sensor") continue;
    if (field.value().get_object().get(sensor) != SUCCESS) continue;
    for (auto option : sensor) {
      std::string_view name;
      ondemand::value value;
      if (option.unescaped_key().get(name) != SUCCESS || option.value().get(value) != SUCCESS)
        break;
      if (name == "display_precision") chosen = number_of(value);
      if (name == "suggested_display_precision") suggested = number_of(value);
    }
  }
  return chosen ? chosen : suggested;
}

template <typename Row>
struct TextField {
  std::string_view key;
  std::string Row::*member;
};

template <typename Row, std::size_t N>
bool read_text(const TextField<Row> (&fields)[N], std::string_view key, ondemand::value value,
               Row& row) {
  for (const auto& field : fields) {
    if (field.key != key) continue;
    row.*field.member = text_of(value);
    return true;
  }
  return false;
}

constexpr TextField<EntityEntry> entity_fields[] = {
    {"id", &EntityEntry::registry_id},
    {"entity_id", &EntityEntry::entity_id},
    {"unique_id", &EntityEntry::unique_id},
    {"platform", &EntityEntry::platform},
    {"device_id", &EntityEntry::device_id},
    {"area_id", &EntityEntry::area_id},
    {"name", &EntityEntry::name},
    {"original_name", &EntityEntry::original_name},
    {"icon", &EntityEntry::icon},
    {"entity_category", &EntityEntry::entity_category},
    {"disabled_by", &EntityEntry::disabled_by},
    {"hidden_by", &EntityEntry::hidden_by},
};

constexpr TextField<DeviceEntry> device_fields[] = {
    {"id", &DeviceEntry::id},
    {"manufacturer", &DeviceEntry::manufacturer},
    {"model", &DeviceEntry::model},
    {"model_id", &DeviceEntry::model_id},
    {"sw_version", &DeviceEntry::sw_version},
    {"hw_version", &DeviceEntry::hw_version},
    {"serial_number", &DeviceEntry::serial_number},
    {"configuration_url", &DeviceEntry::configuration_url},
    {"entry_type", &DeviceEntry::entry_type},
    {"area_id", &DeviceEntry::area_id},
    {"via_device_id", &DeviceEntry::via_device_id},
    {"parent_device_id", &DeviceEntry::parent_device_id},
};

constexpr TextField<Place> place_fields[] = {
    {"name", &Place::name},
    {"icon", &Place::icon},
    {"floor_id", &Place::floor_id},
    {"color", &Place::color},
};

}  // namespace

std::optional<std::vector<EntityEntry>> read_entities(PaddedJson list) {
  return read_list<EntityEntry>(list, [](std::string_view key, ondemand::value value, auto& row) {
    if (read_text(entity_fields, key, value, row)) return;
    if (key == "labels") row.labels = texts_of(value);
    if (key == "options") row.display_precision = precision_of(value);
  });
}

std::optional<std::vector<DeviceEntry>> read_devices(PaddedJson list) {
  return read_list<DeviceEntry>(list, [](std::string_view key, ondemand::value value, auto& row) {
    if (read_text(device_fields, key, value, row)) return;
    if (key == "labels") row.labels = texts_of(value);
    if (key == "identifiers") row.identifiers = identifiers_of(value);
    // The user's name wins wherever in the object it stands.
    if (key == "name_by_user") {
      if (std::string name = text_of(value); !name.empty()) row.name = std::move(name);
    } else if (key == "name" && row.name.empty()) {
      row.name = text_of(value);
    }
  });
}

std::optional<std::vector<std::string>> read_notifiers(PaddedJson services) {
  constexpr std::string_view common[] = {"notify", "persistent_notification", "send_message"};
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object domains;
  if (parser.iterate(padded(services)).get(document) != SUCCESS) return std::nullopt;
  if (document.get_object().get(domains) != SUCCESS) return std::nullopt;
  std::vector<std::string> names;
  ondemand::object notifiers;
  const auto found = domains["notify"].get_object().get(notifiers);
  if (found == simdjson::NO_SUCH_FIELD) return names;
  if (found != SUCCESS) return std::nullopt;
  for (auto field : notifiers) {
    std::string_view name;
    if (field.unescaped_key().get(name) != SUCCESS) return std::nullopt;
    if (std::find(std::begin(common), std::end(common), name) == std::end(common)) {
      names.emplace_back(name);
    }
  }
  return names;
}

std::optional<std::vector<Place>> read_places(PaddedJson list, std::string_view id_key) {
  return read_list<Place>(list, [&](std::string_view key, ondemand::value value, auto& row) {
    if (key == id_key) {
      row.id = text_of(value);
    } else if (!read_text(place_fields, key, value, row)) {
      if (key == "aliases") row.aliases = texts_of(value);
      if (key == "labels") row.labels = texts_of(value);
      if (key == "level") row.level = number_of(value);
    }
  });
}

}  // namespace discovery
