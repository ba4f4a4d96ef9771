// Following, as far as areas, floors and labels are concerned: which of them here is the one of a
// source, which are made and renamed. following_uses.cpp tells when they go.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bridge/following.hpp"
#include "discovery/place_name.hpp"
#include "discovery/topic_form.hpp"

namespace bridge {
namespace {

using discovery::Json;
using discovery::normalized_name;
using discovery::Place;
using Verdict = Change::Verdict;

const Place* named(const Places& places, std::string_view name) {
  const std::string normalized = normalized_name(name);
  const auto found = std::find_if(places.begin(), places.end(), [&](const auto& each) {
    return normalized_name(each.second.name) == normalized;
  });
  return found == places.end() ? nullptr : &found->second;
}

const Place* with_id(const Places& places, std::string_view id) {
  const auto found = places.find(id);
  return found == places.end() ? nullptr : &found->second;
}

/// The id, at a source that cannot have it, of a place that was made for one that is another now.
std::string orphan_id(const std::string& id) { return "~" + id; }

Json level_of(const Place& place) { return place.level ? Json(*place.level) : Json(""); }

}  // namespace

std::string PlaceKind::command(std::string_view what) const {
  return fmt::format("config/{}_registry/{}", name, what);
}

std::string PlaceKind::row(std::string_view id) const { return fmt::format("{} {}", name, id); }

const PlaceKind& Following::kind_of(Registry registry) {
  static constexpr std::array kinds{
      PlaceKind{"area", "area_id", Registry::areas, &discovery::Home::areas, &Neighbor::areas},
      PlaceKind{"floor", "floor_id", Registry::floors, &discovery::Home::floors, &Neighbor::floors},
      PlaceKind{"label", "label_id", Registry::labels, &discovery::Home::labels,
                &Neighbor::labels}};
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const PlaceKind& kind) { return kind.registry == registry; });
}

Following::Target Following::find_place(const PlaceKind& kind, const Source& source,
                                        const std::string& id, Pass& pass) {
  const std::optional<Places>& theirs = source.facts.*kind.there;
  const Place* const there = theirs ? with_id(*theirs, id) : nullptr;
  // Of the two messages, one that names it and one that lists it, only one has come.
  if (there == nullptr || !discovery::valid_topic_level(id)) return {};
  const Places& ours = (home_.*kind.here)();
  const FollowedKey key{source.instance, kind.name, id};
  const Applied* const applied = followed_.find(key);
  const Place* const here = applied == nullptr ? nullptr : with_id(ours, applied->of);
  if (here != nullptr) {
    const bool was_renamed_there = there->name != applied->name;
    const bool is_as_given = here->name == applied->name;
    if (!was_renamed_there || !is_as_given || rename_place(kind, source, *there, *here, pass)) {
      return {Target::State::there, here->id};
    }
  }
  const Place* const like = named(ours, there->name);
  if (like == nullptr) return {Target::State::lacking, ""};
  if (here != nullptr && here != like && applied->made) {
    followed_.store({source.instance, kind.name, orphan_id(here->id)}, *applied);
  }
  Applied found{.of = like->id, .name = like->name, .made = is_newborn(kind, *like, pass)};
  followed_.store(key, std::move(found));
  return {Target::State::there, like->id};
}

/// True when what is here stays the one of the source: it gets the new name, or has it already.
bool Following::rename_place(const PlaceKind& kind, const Source& source, const Place& there,
                             const Place& here, Pass& pass) {
  const FollowedKey key{source.instance, kind.name, there.id};
  const Applied& applied = *followed_.find(key);
  const bool is_same = normalized_name(there.name) == normalized_name(here.name);
  const std::string row = kind.row(here.id);
  if (desk_.is_busy(row)) return true;
  if (!is_same && named((home_.*kind.here)(), there.name) != nullptr) return false;
  if (!applied.made || is_used_by_others(kind, source, here.id, pass)) return is_same;
  Applied then = applied;
  then.name = there.name;
  desk_.offer(
      {.key = row,
       .command = kind.command("update"),
       .data = {{kind.id_key, here.id}, {"name", there.name}},
       .registry = kind.registry,
       .about = fmt::format("the {} {}", kind.name, here.name),
       .news = fmt::format("the {} {} is called {} now, as at {}", kind.name, here.name, there.name,
                           source.instance),
       .done =
           [this, instance = source.instance, name = kind.name, id = there.id, then](const Json&) {
             followed_.store({instance, name, id}, then);
           }},
      pass.now, pass.effects);
  return true;
}

/// What an area has from the start of floors and labels; false: they have to be made first.
bool Following::fill_area(const Source& source, const Place& there, Json& data, Applied& applied,
                          Pass& pass) {
  if (!has_labels()) return true;
  if (!there.floor_id.empty()) {
    const PlaceKind& floors = kind_of(Registry::floors);
    const Target floor = find_place(floors, source, there.floor_id, pass);
    if (floor.state == Target::State::lacking) make_place(floors, source, there.floor_id, pass);
    if (floor.state != Target::State::there) return false;
    data["floor_id"] = applied.values["floor"] = floor.id;
  }
  std::set<std::string> labels;
  for (const std::string& id : there.labels) {
    if (!settings_.labels) break;
    const PlaceKind& kind = kind_of(Registry::labels);
    const Target label = find_place(kind, source, id, pass);
    if (label.state == Target::State::lacking) make_place(kind, source, id, pass);
    if (label.state != Target::State::there) return false;
    labels.insert(label.id);
  }
  if (!labels.empty()) data["labels"] = applied.values["labels"] = labels;
  return true;
}

void Following::make_place(const PlaceKind& kind, const Source& source, const std::string& id,
                           Pass& pass) {
  const Place& there = (source.facts.*kind.there)->at(id);
  // Several sources may want it at once.
  const std::string row = kind.row("named " + normalized_name(there.name));
  if (desk_.is_busy(row)) return;
  Json data{{"name", there.name}};
  Applied applied{.name = there.name, .made = true};
  const auto give = [&](const char* fact, const std::string& value) {
    if (!value.empty()) data[fact] = applied.values[fact] = value;
  };
  give("icon", there.icon);
  if (kind.registry == Registry::labels) give("color", there.color);
  if (there.level) data["level"] = applied.values["level"] = *there.level;
  if (!there.aliases.empty()) data["aliases"] = there.aliases;
  if (kind.registry == Registry::areas && !fill_area(source, there, data, applied, pass)) return;
  const auto done = [this, instance = source.instance, &kind, id, applied](const Json& result) {
    Applied made = applied;
    made.of = discovery::text_at(result, std::string(kind.id_key).c_str());
    const FollowedKey key{instance, kind.name, id};
    const Applied* const before = followed_.find(key);
    if (before != nullptr && before->made) {
      followed_.store({instance, kind.name, orphan_id(before->of)}, *before);
    }
    if (!made.of.empty()) followed_.store(key, std::move(made));
  };
  desk_.offer(
      {.key = row,
       .command = kind.command("create"),
       .data = std::move(data),
       .registry = kind.registry,
       .about = fmt::format("the {} {} of {}", kind.name, there.name, source.instance),
       .news = fmt::format("made the {} {}, which {} has", kind.name, there.name, source.instance),
       .done = done},
      pass.now, pass.effects);
}

void Following::follow_places(const PlaceKind& kind, const Source& source, Pass& pass) {
  const bool is_followed = kind.registry == Registry::labels ? settings_.labels : settings_.areas;
  const std::optional<Places>& theirs = source.facts.*kind.there;
  const bool is_told = theirs && (kind.registry == Registry::areas || has_labels());
  if (!is_followed || !is_told) return;
  std::vector<std::string> ids;
  followed_.each(source.instance, kind.name,
                 [&](const std::string& id, const Applied&) { ids.push_back(id); });
  for (const std::string& id : ids) {
    const Place* const there = with_id(*theirs, id);
    if (there == nullptr) {
      if (source.facts.is_complete) {
        remove_place(kind, source, id, Applied(*followed_.find({source.instance, kind.name, id})),
                     pass);
      }
    } else if (find_place(kind, source, id, pass).state == Target::State::there) {
      follow_looks(kind, source, *there, Applied(*followed_.find({source.instance, kind.name, id})),
                   pass);
    }
  }
}

/// What was made for a source looks as it does there; an area that was here before gets no more
/// than the floor, where it has none.
void Following::follow_looks(const PlaceKind& kind, const Source& source, const Place& there,
                             const Applied& applied, Pass& pass) {
  const Place* const here = with_id((home_.*kind.here)(), applied.of);
  const std::string row = kind.row(applied.of);
  if (here == nullptr || desk_.is_busy(row)) return;
  Change change{applied, applied};
  const auto follow = [&](const char* fact, const char* key, const Json& wanted, const Json& is) {
    if (change.judge(fact, wanted, is) == Verdict::write) {
      change.write(fact, wanted, key, wanted == "" ? Json() : wanted);
    }
  };
  if (kind.registry == Registry::areas && has_labels()) {
    Target floor{Target::State::there, ""};
    const PlaceKind& floors = kind_of(Registry::floors);
    if (!there.floor_id.empty()) floor = find_place(floors, source, there.floor_id, pass);
    if (floor.state == Target::State::there) {
      follow("floor", "floor_id", floor.id, here->floor_id);
    } else if (floor.state == Target::State::lacking &&
               change.judge("floor", Json(), here->floor_id) == Verdict::write) {
      make_place(floors, source, there.floor_id, pass);
    }
    if (applied.made && settings_.labels) {
      follow_labels(change, source, there.labels, here->labels, pass);
    }
  }
  if (applied.made) {
    follow("icon", "icon", there.icon, here->icon);
    if (kind.registry == Registry::labels) follow("color", "color", there.color, here->color);
    if (kind.registry == Registry::floors)
      follow("level", "level", level_of(there), level_of(*here));
  }
  const auto write = [&] {
    return RegistryWrite{
        .key = row,
        .command = kind.command("update"),
        .data = {{kind.id_key, applied.of}},
        .registry = kind.registry,
        .about = fmt::format("the {} {} of {}", kind.name, there.name, source.instance)};
  };
  settle({source.instance, kind.name, there.id}, std::move(change), write, pass);
}

}  // namespace bridge
