#include "bridge/survey.hpp"

#include <doctest/doctest.h>

using namespace bridge;
using Texts = std::vector<std::string>;

namespace {

GatheredInstance instance_with(const Texts& entity_ids, const std::string& info = "{}") {
  GatheredInstance instance;
  instance.info = info;
  for (const std::string& id : entity_ids) instance.documents[id] = "{}";
  return instance;
}

}  // namespace

TEST_CASE("Entities of two instances clash when main is asked for the same id") {
  const Texts own{"light.hall", "light.kitchen"};
  CHECK(clashes_with(instance_with({"light.kitchen"}), own, "") == Texts{"light.kitchen"});
  CHECK(clashes_with(instance_with({"light.kitchen"}), own, "hubs_").empty());
  const std::string prefixed = R"({"entity_id_prefix":"hubs_"})";
  CHECK(clashes_with(instance_with({"light.kitchen"}, prefixed), own, "hubs_").size() == 1);
  CHECK(clashes_with(instance_with({"light.hubs_kitchen"}), own, "hubs_").size() == 1);
}

TEST_CASE("What becomes another kind clashes by the id that it gets on main") {
  const auto other = instance_with({"sensor.media_player_radio", "input_boolean.guests"});
  CHECK(clashes_with(other, {"media_player.radio"}, "") == Texts{"media_player.radio"});
  CHECK(clashes_with(other, {"switch.input_boolean_guests"}, "").size() == 1);
  // The same name at the source is another one on main.
  CHECK(clashes_with(other, {"switch.guests"}, "").empty());
}

TEST_CASE("Entities of one instance clash when a real one has a stand-in's name") {
  CHECK(clashes_within({"input_boolean.guests", "switch.guests"}, "").empty());
  CHECK(clashes_within({"input_boolean.guests", "switch.input_boolean_guests"}, "") ==
        Texts{"switch.input_boolean_guests"});
}

TEST_CASE("An info of other software is no reason to end") {
  const Texts own{"light.kitchen"};
  for (const char* info : {"", "[]", R"({"entity_id_prefix":7})", "{"}) {
    CHECK(clashes_with(instance_with({"light.kitchen"}, info), own, "").size() == 1);
  }
}
