// A home's registries: who is told of what.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support.hpp"

using namespace discovery;
using tests::Padded;

namespace {

using Told = std::vector<std::string>;

/// A home and the entities that it told of, sorted.
struct Registries {
  Home home;

  Told entities(std::vector<EntityEntry> entries) {
    return told([&](auto hear) { home.set_entities(std::move(entries), hear); });
  }
  Told devices(std::vector<DeviceEntry> entries) {
    return told([&](auto hear) { home.set_devices(std::move(entries), hear); });
  }
  Told areas(std::vector<Place> places) {
    return told([&](auto hear) { home.set_areas(std::move(places), hear); });
  }
  std::string area_of(std::string_view id) {
    const Place* area = home.area_of(*home.find(id));
    return area == nullptr ? "" : area->id;
  }

 private:
  template <typename Set>
  Told told(Set set) {
    Told ids;
    set([&](Entity& entity) { ids.push_back(entity.id); });
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

}  // namespace

TEST_CASE("An entity is told of when its registry entry comes, changes or goes") {
  Registries home;
  const EntityEntry kitchen{.registry_id = "1", .entity_id = "light.kitchen"};
  EntityEntry cellar{.registry_id = "2", .entity_id = "light.cellar"};
  CHECK(home.entities({kitchen, cellar}) == Told{"light.cellar", "light.kitchen"});
  CHECK(home.entities({kitchen, cellar}).empty());
  cellar.labels = {"x"};
  CHECK(home.entities({kitchen, cellar}) == Told{"light.cellar"});
  CHECK(home.entities({kitchen}) == Told{"light.cellar"});
  CHECK(home.home.find("light.cellar") == nullptr);
}

TEST_CASE("An entity that has a state outlives its registry entry") {
  Registries home;
  home.home.apply_states(Padded(R"({"a":{"light.kitchen":{"s":"on","a":{},"lc":1}}})"),
                         [](const StateChange&) {});
  home.entities({{.registry_id = "1", .entity_id = "light.kitchen"}});
  CHECK(home.entities({}) == Told{"light.kitchen"});
  REQUIRE(home.home.find("light.kitchen") != nullptr);
  CHECK_FALSE(home.home.find("light.kitchen")->entry);
}

TEST_CASE("A row with an invalid entity id is passed over") {
  Registries home;
  CHECK(
      home.entities({{.registry_id = "1", .entity_id = "Light.X"}, {.registry_id = "2"}}).empty());
  CHECK(home.home.entities().empty());
}

TEST_CASE("A device's change is told for its entities and those of its children") {
  Registries home;
  home.entities({{.entity_id = "light.a", .device_id = "d"},
                 {.entity_id = "light.b", .device_id = "child"},
                 {.entity_id = "light.c", .device_id = "other"},
                 {.entity_id = "light.d"}});
  const DeviceEntry child{.id = "child", .parent_device_id = "d"};
  const DeviceEntry other{.id = "other"};
  CHECK(home.devices({{.id = "d", .name = "D"}, child, other}) ==
        Told{"light.a", "light.b", "light.c"});
  CHECK(home.devices({{.id = "d", .name = "D"}, child, other}).empty());
  CHECK(home.devices({{.id = "d", .name = "E"}, child, other}) == Told{"light.a", "light.b"});
  CHECK(home.devices({child, other}) == Told{"light.a", "light.b"});
  CHECK(home.home.device("d") == nullptr);
}

TEST_CASE("An entity's area is its own, else its device's, else that of the device's parent") {
  Registries home;
  home.areas({{.id = "kitchen"}, {.id = "cellar"}, {.id = "hall"}});
  home.devices({{.id = "d", .area_id = "cellar"},
                {.id = "child", .parent_device_id = "parent"},
                {.id = "parent", .area_id = "hall"},
                {.id = "lost", .area_id = "nowhere"}});
  home.entities({{.entity_id = "a.own", .device_id = "d", .area_id = "kitchen"},
                 {.entity_id = "a.device", .device_id = "d"},
                 {.entity_id = "a.parent", .device_id = "child"},
                 {.entity_id = "a.lost", .device_id = "lost"},
                 {.entity_id = "a.none"}});
  CHECK(home.area_of("a.own") == "kitchen");
  CHECK(home.area_of("a.device") == "cellar");
  CHECK(home.area_of("a.parent") == "hall");
  CHECK(home.area_of("a.lost").empty());
  CHECK(home.area_of("a.none").empty());
}

TEST_CASE("A renamed area is told for the entities in it") {
  Registries home;
  home.areas({{.id = "kitchen", .name = "Kitchen"}, {.id = "hall", .name = "Hall"}});
  home.devices({{.id = "d", .area_id = "kitchen"}});
  home.entities({{.entity_id = "a.x", .device_id = "d"}, {.entity_id = "a.y", .area_id = "hall"}});
  CHECK(home.areas({{.id = "kitchen", .name = "Küche"}, {.id = "hall", .name = "Hall"}}) ==
        Told{"a.x"});
  CHECK(home.areas({{.id = "kitchen", .name = "Küche"}, {.id = "hall", .name = "Hall"}}).empty());
}

TEST_CASE("An area that comes later is told for the entities that name it") {
  Registries home;
  home.entities({{.entity_id = "a.x", .area_id = "kitchen"}});
  CHECK(home.areas({{.id = "kitchen", .name = "Kitchen"}}) == Told{"a.x"});
}

TEST_CASE("Floors and labels are kept by their ids") {
  Registries home;
  home.home.set_floors({{.id = "ground", .level = 0}});
  home.home.set_labels({{.id = "b"}, {.id = "a", .name = "A"}});
  CHECK(home.home.floors().at("ground").level == 0);
  CHECK(home.home.labels().begin()->second.name == "A");
  home.home.set_labels({});
  CHECK(home.home.labels().empty());
}

TEST_CASE("An id that can be no level of a topic makes none") {
  Registries home;
  for (const char* id : {"a/b", "+", "#", "a\nb", "\u0080"}) {
    CAPTURE(id);
    home.devices({{.id = id}, {.id = "d1"}});
    home.entities({{.registry_id = id, .entity_id = "light.kitchen", .device_id = id}});
    CHECK(home.home.device(id) == nullptr);
    CHECK(home.home.device("d1") != nullptr);
    CHECK(home.home.find("light.kitchen")->entry->registry_id.empty());
  }
}
