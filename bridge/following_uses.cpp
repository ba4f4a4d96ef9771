// Following: what areas, floors and labels are used by, and so which are renamed or deleted.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/following.hpp"

namespace bridge {
namespace {

using discovery::Json;
using discovery::Place;

/// Whether a user, or the source of another instance, has given it more than a name.
bool is_bare(const Place& place) {
  return place.icon.empty() && place.floor_id.empty() && place.aliases.empty() &&
         place.labels.empty();
}

}  // namespace

/// The source has no such place any more. Here it goes, too, if it was made for it, bears the name
/// that it was given, and nothing at all refers to it.
void Following::remove_place(const PlaceKind& kind, const Source& source, const std::string& id,
                             const Applied& applied, Pass& pass) {
  const FollowedKey key{source.instance, kind.name, id};
  const Places& ours = (home_.*kind.here)();
  const auto found = ours.find(applied.of);
  const Place* const here = found == ours.end() ? nullptr : &found->second;
  if (here == nullptr || !applied.made || here->name != applied.name) return followed_.forget(key);
  if (pass_on(kind, source, applied)) return followed_.forget(key);
  if (is_used(kind, here->id, pass)) {
    unused_.erase(kind.row(here->id));
    return;
  }
  const std::string row = kind.row(here->id);
  const std::string about = fmt::format("the {} {}", kind.name, here->name);
  const auto asked = unused_.find(row);
  // What was found to be in use is asked about again after the next login.
  if (asked != unused_.end() && !asked->second) return;
  if (asked == unused_.end()) {
    // Automations, scripts and scenes may name it.
    const auto answered = [this, row](const Json& related) {
      const auto refers = [](const auto& item) {
        return item.key() != "floor" && item.key() != "area" && !item.value().empty();
      };
      const auto items = related.items();
      unused_[row] = related.is_object() && std::none_of(items.begin(), items.end(), refers);
    };
    return desk_.offer({.key = row,
                        .command = "search/related",
                        .data = {{"item_type", kind.name}, {"item_id", here->id}},
                        .about = about,
                        .only_asks = true,
                        .done = answered},
                       pass.now, pass.effects);
  }
  unused_.erase(row);
  desk_.offer({.key = row,
               .command = kind.command("delete"),
               .data = {{kind.id_key, here->id}},
               .registry = kind.registry,
               .about = about,
               .news = fmt::format("deleted {}: {} has it no more, and nothing uses it here", about,
                                   source.instance),
               .done =
                   [this, instance = source.instance, name = kind.name, id](const Json&) {
                     followed_.forget({instance, name, id});
                   }},
              pass.now, pass.effects);
}

/// Another source that has a place of its name is the one that it is for from now on.
bool Following::pass_on(const PlaceKind& kind, const Source& source, const Applied& applied) {
  for (const auto& [instance, facts] : neighbors_.all()) {
    if (instance == source.instance) continue;
    std::string heir;
    followed_.each(instance, kind.name, [&](const std::string& id, const Applied& other) {
      if (other.of == applied.of) heir = id;
    });
    const FollowedKey key{instance, kind.name, heir};
    if (heir.empty()) continue;
    Applied inherited = *followed_.find(key);
    inherited.made = true;
    followed_.store(key, std::move(inherited));
    return true;
  }
  return false;
}

/// Whether anything here is in it, or bears it.
bool Following::is_used(const PlaceKind& kind, const std::string& id, const Pass& pass) const {
  const auto of_areas = [&](auto uses) {
    return std::any_of(home_.areas().begin(), home_.areas().end(),
                       [&](const auto& area) { return uses(area.second); });
  };
  if (kind.registry == Registry::areas) return pass.areas.contains(id);
  if (kind.registry == Registry::floors) {
    return of_areas([&](const Place& area) { return area.floor_id == id; });
  }
  return pass.labels.contains(id) || of_areas([&](const Place& area) {
           return std::find(area.labels.begin(), area.labels.end(), id) != area.labels.end();
         });
}

/// Whether it is more than this source's: things of other instances or of this Home Assistant's own
/// are in it, or another instance has a place of its name.
bool Following::is_used_by_others(const PlaceKind& kind, const Source& source,
                                  const std::string& id, const Pass& pass) const {
  const auto is_of = [&](std::string_view instance, std::string_view name, const std::string& of) {
    bool found = false;
    followed_.each(instance, name, [&](const std::string&, const Applied& applied) {
      found = found || applied.of == of;
    });
    return found;
  };
  for (const auto& [instance, facts] : neighbors_.all()) {
    if (instance != source.instance && is_of(instance, kind.name, id)) return true;
  }
  const auto has_others = [&](const Users& users) {
    const auto found = users.find(id);
    return found != users.end() &&
           (found->second.size() > 1 || !found->second.contains(source.instance));
  };
  if (kind.registry == Registry::areas) return has_others(pass.areas);
  if (kind.registry == Registry::labels && has_others(pass.labels)) return true;
  return std::any_of(home_.areas().begin(), home_.areas().end(), [&](const auto& area) {
    const std::vector<std::string>& labels = area.second.labels;
    const bool is_in = kind.registry == Registry::floors
                           ? area.second.floor_id == id
                           : std::find(labels.begin(), labels.end(), id) != labels.end();
    return is_in && !is_of(source.instance, "area", area.first);
  });
}

/// An area that came with a mirrored device, has nothing but its name and no things but mirrored
/// ones: Home Assistant made it for the `suggested_area` of an announcement.
bool Following::is_newborn(const PlaceKind& kind, const Place& here, const Pass& pass) const {
  if (kind.registry != Registry::areas || !newborn_.contains(here.id) || !is_bare(here)) {
    return false;
  }
  const auto users = pass.areas.find(here.id);
  return users != pass.areas.end() && !users->second.contains("");
}

}  // namespace bridge
