// The fields of registry rows in the order in which Home Assistant lists them, as captured from
// 2024.3.3 and 2026.11.0. Where a release in between is not known, the field counts as newer.
#include <functional>
#include <span>

#include "tests/scripted_ha/registry.hpp"

namespace scripted_ha {
namespace {

struct Field {
  std::string_view name;
  std::string_view json;  // the default; `now` and `id` are made
  Version since{};
  Version before{9999, 0};
};

constexpr Version with_labels{2024, 4};
constexpr Version with_times{2024, 8};
constexpr Version with_subentries{2025, 3};
constexpr Version with_one_entry{2026, 8};
constexpr Version with_children{2026, 9};

constexpr Field entity_fields[] = {
    {"area_id", "null"},
    {"categories", "{}", with_labels},
    {"config_entry_id", "null"},
    {"config_subentry_id", "null", with_subentries},
    {"created_at", "now", with_times},
    {"device_id", "null"},
    {"disabled_by", "null"},
    {"entity_category", "null"},
    {"entity_id", "null"},
    {"has_entity_name", "false", {}, with_children},
    {"hidden_by", "null"},
    {"icon", "null"},
    {"id", "id"},
    {"labels", "[]"},
    {"modified_at", "now", with_times},
    {"name", "null"},
    {"next_name_part", "null", with_children},
    {"options", "{}"},
    {"original_name", "null"},
    {"platform", R"("scripted")"},
    {"translation_key", "null"},
    {"unique_id", "id"},
};

constexpr Field device_fields[] = {
    {"area_id", "null"},
    {"configuration_url", "null"},
    {"config_entries", "[]"},
    {"config_entries_subentries", "{}", with_subentries},
    {"config_entry_id", "null", with_one_entry},
    {"config_subentry_id", "null", with_one_entry},
    {"connections", "[]"},
    {"created_at", "now", with_times},
    {"disabled_by", "null"},
    {"entry_type", "null"},
    {"hw_version", "null"},
    {"id", "id"},
    {"identifiers", "[]"},
    {"labels", "[]", with_labels},
    {"manufacturer", "null"},
    {"model", "null"},
    {"model_id", "null", with_times},
    {"modified_at", "now", with_times},
    {"name_by_user", "null"},
    {"name", "null"},
    {"next_name_part", "null", with_children},
    {"parent_device_id", "null", with_children},
    {"primary_config_entry", "null", {2024, 10}},
    {"serial_number", "null"},
    {"sw_version", "null"},
    {"via_device_id", "null"},
};

constexpr Field area_fields[] = {
    {"aliases", "[]"},
    {"area_id", "null"},
    {"floor_id", "null", with_labels},
    {"humidity_entity_id", "null", with_subentries},
    {"icon", "null"},
    {"labels", "[]", with_labels},
    {"name", "null"},
    {"picture", "null"},
    {"temperature_entity_id", "null", with_subentries},
    {"created_at", "now", with_times},
    {"modified_at", "now", with_times},
};

constexpr Field floor_fields[] = {
    {"aliases", "[]", with_labels},
    {"created_at", "now", with_times},
    {"floor_id", "null"},
    {"icon", "null"},
    {"level", "null"},
    {"name", "null"},
    {"modified_at", "now", with_times},
};

constexpr Field label_fields[] = {
    {"color", "null"},
    {"created_at", "now", with_times},
    {"description", "null"},
    {"icon", "null"},
    {"label_id", "null"},
    {"name", "null"},
    {"modified_at", "now", with_times},
};

std::span<const Field> fields_of(Kind kind) {
  switch (kind) {
    case Kind::entities:
      return entity_fields;
    case Kind::devices:
      return device_fields;
    case Kind::areas:
      return area_fields;
    case Kind::floors:
      return floor_fields;
    case Kind::labels:
      return label_fields;
  }
  return {};
}

/// 32 hex digits that depend on nothing but `text`, so that two runs give the same ids.
std::string hex_id(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string id;
  std::uint64_t hash = 14695981039346656037u;
  while (id.size() < 32) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    for (int shift = 0; shift < 64; shift += 4) id += digits[(hash >> shift) & 15];
  }
  return id;
}

}  // namespace

Json complete_row(Kind kind, const Json& given, Version version, Seconds now) {
  Json row = Json::object();
  const Json& key = member(given, names_of(kind).row_key);
  const std::string key_text = key.is_string() ? key.get<std::string>() : to_text(given);
  for (const Field& field : fields_of(kind)) {
    const std::string name(field.name);
    if (given.contains(name)) {
      row[name] = given.at(name);
    } else if (version >= field.since && version < field.before) {
      row[name] = field.json == "now"  ? Json(now)
                  : field.json == "id" ? Json(hex_id(key_text))
                                       : Json::parse(field.json);
    }
  }
  for (const auto& [name, value] : given.items()) row[name] = value;
  return row;
}

}  // namespace scripted_ha
