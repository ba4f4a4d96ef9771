#include "bridge/following.hpp"

#include <algorithm>
#include <utility>

#include "discovery/consumer.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

using discovery::instance_of;
using discovery::Json;

// A move at the source comes in several messages: its device, its entities, its areas.
constexpr Time quiet{1'000};
constexpr Time quiet_at_last{5'000};
// Lists of several registries come one after the other.
constexpr Time list_quiet{200};
// So do answers; one walk serves all of them.
constexpr Time answer_quiet{250};
// The lists that show an area and a device that came at once are asked for one by one.
constexpr Time together{10'000};

/// The name under which a device was announced; empty: it is no mirror.
std::string_view object_of(const discovery::DeviceEntry& device) {
  constexpr std::string_view domain = "mqtt:";
  for (const std::string_view identifier : device.identifiers) {
    if (!identifier.starts_with(domain)) continue;
    const std::string_view object = identifier.substr(domain.size());
    if (object.starts_with(discovery::mirror_mark)) return object;
  }
  return {};
}

bool is_nothing(const Json& value) {
  return value.is_null() || value == "" || value == false || value == Json::array();
}

void set(Applied& applied, std::string_view fact, const Json& value) {
  const auto known = applied.values.find(fact);
  if (is_nothing(value)) {
    if (known != applied.values.end()) applied.values.erase(known);
  } else {
    applied.values.insert_or_assign(std::string(fact), value);
  }
}

}  // namespace

Change::Verdict Change::judge(std::string_view fact, const Json& source, const Json& here) {
  if (source == here) {
    for (Applied* each : {&now, &then}) {
      set(*each, fact, source);
      if (const auto kept = each->kept.find(fact); kept != each->kept.end()) each->kept.erase(kept);
    }
    return Verdict::equal;
  }
  const Json* const base = now.value(fact);
  const bool as_applied = base == nullptr ? is_nothing(here) : *base == here;
  if (as_applied && !now.kept.contains(fact)) return Verdict::write;
  now.kept.emplace(fact);
  then.kept.emplace(fact);
  return Verdict::kept;
}

void Change::write(std::string_view fact, const Json& source, const char* key, Json value) {
  data[key] = std::move(value);
  set(then, fact, source);
}

void Change::follow_labels(const std::set<std::string>& source,
                           const std::vector<std::string>& here) {
  std::set<std::string> base;
  if (const Json* applied = now.value("labels"); applied != nullptr && applied->is_array()) {
    for (const Json& label : *applied) {
      if (label.is_string()) base.insert(label.get<std::string>());
    }
  }
  const std::set<std::string> before(here.begin(), here.end());
  std::set<std::string> wanted = before;
  for (const std::string& label : source) {
    if (!base.contains(label)) wanted.insert(label);
  }
  for (const std::string& label : base) {
    if (!source.contains(label)) wanted.erase(label);
  }
  set(then, "labels", Json(source));
  if (wanted == before) {
    set(now, "labels", Json(source));
  } else {
    data["labels"] = wanted;
  }
}

void Newcomers::listed(std::set<std::string, std::less<>> ids, Now now) {
  std::erase_if(came_, [&](const auto& each) { return now.at - each.second > together; });
  for (const std::string& id : ids) {
    if (known_ && !known_->contains(id)) came_[id] = now.at;
  }
  known_ = std::move(ids);
}

void Newcomers::forget() {
  known_.reset();
  came_.clear();
}

bool Newcomers::contains(std::string_view id, Now now) const {
  const auto found = came_.find(id);
  return found != came_.end() && now.at - found->second <= together;
}

Following::Following(const FollowSettings& settings, const discovery::Home& home,
                     const Neighbors& neighbors, Followed& followed, RegistryDesk& desk)
    : settings_(settings), home_(home), neighbors_(neighbors), followed_(followed), desk_(desk) {}

bool Following::has_labels() const { return version_ >= discovery::since::labels; }

void Following::wake(Time at) {
  if (unsettled_since_ == never) due_at_ = std::min(due_at_, at);
}

void Following::answered(Now now) { wake(now.at + answer_quiet); }

void Following::ha_connected() {
  unused_.clear();
  newborn_.clear();
  areas_.forget();
  devices_.forget();
}

void Following::listed(Registry registry, Now now) {
  desk_.listed(registry);
  if (registry == Registry::areas || registry == Registry::devices) note_newborn(registry, now);
  if (registry != Registry::services) wake(now.at + list_quiet);
}

/// Home Assistant makes an area for the `suggested_area` of a device together with that device. An
/// area that came by itself is a user's.
void Following::note_newborn(Registry registry, Now now) {
  std::set<std::string, std::less<>> ids;
  if (registry == Registry::areas) {
    for (const auto& [id, area] : home_.areas()) ids.insert(id);
    std::erase_if(newborn_, [&](const std::string& id) { return !ids.contains(id); });
    areas_.listed(std::move(ids), now);
  } else {
    for (const auto& [id, device] : home_.devices()) {
      if (!instance_of(object_of(device)).empty()) ids.insert(id);
    }
    devices_.listed(std::move(ids), now);
  }
  for (const auto& [id, device] : home_.devices()) {
    if (!devices_.contains(id, now) || !areas_.contains(device.area_id, now)) continue;
    newborn_.insert(device.area_id);
  }
}

void Following::tick(bool ready, Now now, Effects& effects) {
  if (std::exchange(neighbor_changes_, neighbors_.changes()) != neighbors_.changes()) {
    if (unsettled_since_ == never) unsettled_since_ = now.at;
    due_at_ = std::min(now.at + quiet, unsettled_since_ + quiet_at_last);
  }
  if (ready && !was_ready_) wake(now.at);
  was_ready_ = ready;
  if (!ready || now.at < due_at_) return;
  unsettled_since_ = never;
  due_at_ = never;
  if (desk_.is_forbidden()) return;
  pass(now, effects);
  if (desk_.is_full()) due_at_ = desk_.room_at(now);
}

/// Everything of this Home Assistant that following is about, as it is now.
void Following::look_around(Pass& pass) const {
  const auto use = [&](std::string_view instance, const std::string& area,
                       const std::vector<std::string>& labels) {
    if (!area.empty()) pass.areas[area].emplace(instance);
    for (const std::string& label : labels) pass.labels[label].emplace(instance);
  };
  for (const auto& [id, device] : home_.devices()) {
    const std::string_view object = object_of(device);
    const std::string_view instance = instance_of(object);
    use(instance, device.area_id, device.labels);
    if (!instance.empty()) pass.devices.emplace(object, &device);
  }
  for (const auto& [id, entity] : home_.entities()) {
    if (!entity.entry) continue;
    const discovery::EntityEntry& entry = *entity.entry;
    const std::string_view instance =
        entry.platform == "mqtt" ? instance_of(entry.unique_id) : std::string_view();
    use(instance, entry.area_id, entry.labels);
    if (!instance.empty()) pass.entities.emplace(entry.unique_id, &entry);
  }
  if (version_ < discovery::since::area_by_name) return;
  for (const auto& [object, entry] : pass.entities) {
    if (!entry->name.empty() || !entry->original_name.empty()) continue;
    const auto source = neighbors_.all().find(instance_of(object));
    if (source == neighbors_.all().end()) continue;
    const auto fact = source->second.entities.find(object);
    if (fact == source->second.entities.end() || fact->second.area.empty()) continue;
    const auto device = source->second.devices.find(fact->second.device);
    const bool has_none = device != source->second.devices.end() && device->second.area.empty();
    if (has_none) pass.areas_by_entity.emplace(device->first, fact->second.area);
  }
}

void Following::pass(Now now, Effects& effects) {
  desk_.begin_pass();
  Pass pass{.now = now, .effects = effects};
  look_around(pass);
  for (const auto& [instance, facts] : neighbors_.all()) {
    if (!facts.is_read) continue;
    const Source source{instance, facts};
    forget_gone(source);
    // What is named goes before what names it.
    for (const Registry each : {Registry::labels, Registry::floors, Registry::areas}) {
      follow_places(kind_of(each), source, pass);
    }
  }
  const auto source_of = [&](std::string_view object) -> const auto* {
    const auto found = neighbors_.all().find(instance_of(object));
    return found != neighbors_.all().end() && found->second.is_read ? &*found : nullptr;
  };
  for (const auto& [object, device] : pass.devices) {
    if (const auto* found = source_of(object)) {
      follow_device({found->first, found->second}, object, *device, pass);
    }
  }
  for (const auto& [object, entry] : pass.entities) {
    if (const auto* found = source_of(object)) {
      follow_entity({found->first, found->second}, object, *entry, pass);
    }
  }
}

/// Whatever the source has no more, as its complete index says, needs no base.
void Following::forget_gone(const Source& source) {
  if (!source.facts.is_complete) return;
  const auto forget = [&](std::string_view kind, const auto& things) {
    std::vector<std::string> gone;
    followed_.each(source.instance, kind, [&](const std::string& id, const Applied&) {
      if (!things.contains(discovery::device_name(source.instance, id))) gone.push_back(id);
    });
    for (const std::string& id : gone) followed_.forget({source.instance, kind, id});
  };
  forget("device", source.facts.devices);
  forget("entity", source.facts.entities);
}

}  // namespace bridge
