#include "bridge/neighbor_facts.hpp"

#include "discovery/index.hpp"
#include "discovery/json.hpp"

namespace bridge {
namespace {

using discovery::Json;
using discovery::text_at;
using discovery::texts_at;

// Far more than a home has; whoever may write at the broker can send anything.
constexpr std::size_t list_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t fact_bytes_max = 256 * 1024;
constexpr std::size_t info_bytes_max = 64 * 1024;
constexpr std::size_t things_max = 100'000;
constexpr std::size_t places_max = 5'000;
constexpr std::size_t former_ids_max = 8;

discovery::Place read_place(const Json& row) {
  discovery::Place place;
  place.id = text_at(row, "id");
  place.name = text_at(row, "name");
  place.icon = text_at(row, "icon");
  place.floor_id = text_at(row, "floor");
  place.color = text_at(row, "color");
  place.aliases = texts_at(row, "aliases");
  place.labels = texts_at(row, "labels");
  const auto level = row.find("level");
  if (level != row.end() && level->is_number_integer()) place.level = level->get<int>();
  return place;
}

template <typename Map>
bool erase(Map& map, std::string_view key) {
  const auto found = map.find(key);
  if (found == map.end()) return false;
  map.erase(found);
  return true;
}

template <typename Map, typename Fact>
bool put(Map& map, std::string_view key, Fact fact) {
  const auto found = map.find(key);
  if (found != map.end()) {
    if (found->second == fact) return false;
    found->second = std::move(fact);
    return true;
  }
  if (map.size() == things_max) return false;
  map.emplace(std::string(key), std::move(fact));
  return true;
}

}  // namespace

void NeighborEntity::follow_on(const NeighborEntity& earlier) {
  former_ids = earlier.former_ids;
  if (earlier.entity_id == entity_id) return;
  if (former_ids.size() == former_ids_max) former_ids.erase(former_ids.begin());
  former_ids.push_back(earlier.entity_id);
}

bool Neighbor::take_places(std::optional<Places>& places, std::string_view payload) {
  if (payload.empty()) {
    const bool had_some = places.has_value();
    places.reset();
    return had_some;
  }
  const auto list = discovery::parse_json(payload, list_bytes_max);
  if (!list || !list->is_array() || list->size() > places_max) return false;
  Places told;
  for (const Json& row : *list) {
    discovery::Place place = read_place(row);
    if (place.id.empty() || place.name.empty()) continue;
    std::string id = place.id;
    told.emplace(std::move(id), std::move(place));
  }
  if (places == told) return false;
  places = std::move(told);
  return true;
}

bool Neighbor::take_device(std::string_view object, std::string_view payload) {
  if (payload.empty()) return erase(devices, object);
  const auto json = discovery::parse_json(payload, fact_bytes_max);
  if (!json || !json->is_object()) return false;
  return put(devices, object, NeighborDevice{text_at(*json, "area"), texts_at(*json, "labels")});
}

bool Neighbor::take_entity(const std::string& entity_id, std::string_view payload) {
  const auto known = objects.find(entity_id);
  if (payload.empty()) {
    if (known == objects.end()) return false;
    const std::string object = known->second;
    objects.erase(known);
    // A rename clears the topic of the old name when the new one is there already.
    const auto entity = entities.find(object);
    if (entity == entities.end() || entity->second.entity_id != entity_id) return false;
    entities.erase(entity);
    return true;
  }
  const auto json = discovery::parse_json(payload, fact_bytes_max);
  if (!json || !json->is_object()) return false;
  const std::string object = text_at(*json, "object");
  if (object.empty()) return false;
  put(objects, entity_id, object);
  const auto hidden = json->find("hidden");
  NeighborEntity entity{.entity_id = entity_id,
                        .device = text_at(*json, "device"),
                        .area = text_at(*json, "area"),
                        .labels = texts_at(*json, "labels"),
                        .hidden = hidden != json->end() && *hidden == true};
  if (const auto earlier = entities.find(object); earlier != entities.end()) {
    entity.follow_on(earlier->second);
  }
  return put(entities, object, std::move(entity));
}

std::optional<NeighborInfo> read_neighbor_info(std::string_view payload) {
  const auto json = discovery::parse_json(payload, info_bytes_max);
  if (!json || !json->is_object()) return std::nullopt;
  NeighborInfo info{.entity_id_prefix = text_at(*json, "entity_id_prefix")};
  const auto epoch = json->find("epoch");
  if (epoch != json->end() && epoch->is_number_integer()) info.epoch = epoch->get<std::int64_t>();
  const auto buckets = json->find("index_buckets");
  if (buckets != json->end() && buckets->is_number_unsigned() &&
      *buckets <= discovery::index_buckets_max) {
    info.index_buckets = buckets->get<std::uint32_t>();
  }
  if (const auto lacks = json->find("lacks"); lacks != json->end() && lacks->is_object()) {
    for (const auto& [instance, count] : lacks->items()) {
      if (count.is_number_unsigned()) info.lacks[instance] = count.get<std::size_t>();
    }
  }
  return info;
}

}  // namespace bridge
