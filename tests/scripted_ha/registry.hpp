// Home Assistant's registries: rows with a key, in the order in which they were made.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/scripted_ha/json.hpp"
#include "tests/scripted_ha/time.hpp"

namespace scripted_ha {

enum class Kind { entities, devices, areas, floors, labels };

/// A release such as 2026.11; its patch number never matters here.
struct Version {
  int year = 0;
  int month = 0;

  friend auto operator<=>(const Version&, const Version&) = default;
};

/// Reads "2026.11.0".
Version read_version(std::string_view text);

struct RegistryNames {
  Kind kind;
  std::string_view plural;    // devices, in house files
  std::string_view list;      // config/device_registry/list
  std::string_view event;     // device_registry_updated
  std::string_view row_key;   // id, of a row
  std::string_view data_key;  // device_id, of an event
  bool tells_changes;         // whether the event of an update holds the old values
};

constexpr std::array<RegistryNames, 5> registry_names{{
    {Kind::entities, "entities", "config/entity_registry/list", "entity_registry_updated",
     "entity_id", "entity_id", true},
    {Kind::devices, "devices", "config/device_registry/list", "device_registry_updated", "id",
     "device_id", true},
    {Kind::areas, "areas", "config/area_registry/list", "area_registry_updated", "area_id",
     "area_id", false},
    {Kind::floors, "floors", "config/floor_registry/list", "floor_registry_updated", "floor_id",
     "floor_id", false},
    {Kind::labels, "labels", "config/label_registry/list", "label_registry_updated", "label_id",
     "label_id", false},
}};

constexpr const RegistryNames& names_of(Kind kind) {
  return registry_names[static_cast<std::size_t>(kind)];
}
std::optional<Kind> kind_of(std::string_view plural);

/// The row as that version lists it: all its fields in its order, with defaults for those that
/// `given` leaves out; the others of `given` follow.
Json complete_row(Kind kind, const Json& given, Version version, Seconds now);

class Registry {
 public:
  explicit Registry(Kind kind) : key_(names_of(kind).row_key) {}

  const std::vector<Json>& rows() const { return rows_; }
  const Json* find(const std::string& id) const;

  /// Adds a row or replaces the one of the same key in its place.
  void put(Json row);

  /// Puts the row of `id` under another key; it keeps its place.
  void rename(const std::string& id, const std::string& new_id);

  /// Sets fields of a row and gives the old values of those that changed, in Home Assistant's form
  /// of `changes`.
  Json change(const std::string& id, const Json& fields);

  bool erase(const std::string& id);

 private:
  std::string key_;
  std::vector<Json> rows_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace scripted_ha
