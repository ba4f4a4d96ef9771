#include "bridge/rights.hpp"

#include <algorithm>
#include <string_view>

namespace bridge {
namespace {

using discovery::Topics;

// An entity and a device that no Home Assistant has: their ids have no letter.
constexpr std::string_view no_entity = "probe._";
constexpr std::string_view no_id = "_";

/// Collects what one instance needs, each right once.
class Collector {
 public:
  explicit Collector(const Topics& topics)
      : every_(topics.root(), "+"),
        place_(topics.root(), discovery::probing_place(topics.instance())),
        nobody_(topics.root(), std::string(discovery::no_instance)) {}

  /// To read a topic of every instance. What is awaited back is written where this user may write
  /// and reads by nothing but such a right.
  void read(auto topic_of, std::string_view purpose, Standing standing = Standing::needed_to_run) {
    const std::string filter = topic_of(every_, "+");
    const bool is_there = std::any_of(rights_.begin(), rights_.end(), [&](const Right& each) {
      return each.filter == filter && each.access == Access::read;
    });
    if (is_there) return;
    const std::string probe = topic_of(place_, no_id);
    add({Access::read, filter, std::string(purpose), standing, {{probe, probe, filter}}});
  }

  /// To write a topic of every instance.
  void write(auto topic_of, std::string_view purpose) {
    const std::string filter = topic_of(every_, "+");
    add({Access::write,
         filter,
         std::string(purpose),
         Standing::needed_to_run,
         {{topic_of(nobody_, no_id), {}, filter}}});
  }

  void add(Right right) { rights_.push_back(std::move(right)); }
  const Topics& place() const { return place_; }
  std::vector<Right> take() { return std::move(rights_); }

 private:
  Topics every_;
  Topics place_;
  Topics nobody_;
  std::vector<Right> rights_;
};

std::string info_of(const Topics& topics, std::string_view) { return topics.info(); }
std::string status_of(const Topics& topics, std::string_view) { return topics.status(); }

std::string index_of(const Topics& topics, std::string_view id) {
  return id == "+" ? topics.all_of_index() : topics.index(0);
}

std::string state_of(const Topics& topics, std::string_view id) {
  return id == "+" ? topics.all_states() : topics.state(no_entity);
}

std::string entity_of(const Topics& topics, std::string_view id) {
  return topics.entity(id == "+" ? "+.+" : no_entity);
}

std::string announce_command_of(const Topics& topics, std::string_view id) {
  return topics.command(id == "+" ? "+.+" : no_entity, discovery::announce_slot);
}

void add_consuming(Collector& rights, const ConsumeSettings& consume) {
  if (consume.prefix.empty()) return;
  constexpr std::string_view life = "to see which instances have died, and to call them offline";
  rights.read(status_of, life);
  rights.read([](const Topics& t, auto) { return t.heartbeat(); }, life);
  rights.write(status_of, life);
  constexpr std::string_view lack = "to see what Home Assistant lacks, and to ask for it";
  rights.read(index_of, lack);
  rights.write(announce_command_of, lack);
  if (consume.events || consume.notify_refusals) {
    constexpr std::string_view relay = "to tell events and refusals of others";
    rights.read([](const Topics& t, auto) { return t.refused(); }, relay);
    if (consume.events) rights.read([](const Topics& t, auto id) { return t.fired(id); }, relay);
  }
  if (!consume.follows()) return;
  constexpr std::string_view follow = "to let areas, labels, names and hidden flags follow";
  rights.read([](const Topics& t, auto) { return t.areas(); }, follow);
  rights.read([](const Topics& t, auto) { return t.floors(); }, follow);
  rights.read([](const Topics& t, auto) { return t.labels(); }, follow);
  rights.read([](const Topics& t, auto id) { return t.device(id); }, follow);
  rights.read(entity_of, follow);
}

void add_checking(Collector& rights) {
  constexpr std::string_view look =
      "to look at other instances with statebus check, state and call";
  rights.read(status_of, look, Standing::needed_to_check);
  rights.read(index_of, look, Standing::needed_to_check);
  rights.read(state_of, look, Standing::needed_to_check);
  const Topics& place = rights.place();
  rights.add({Access::write,
              place.all(),
              "to try with statebus check what may be read",
              Standing::needed_to_check,
              {{place.view(no_entity), {}, place.all()}}});
}

}  // namespace

std::vector<Right> rights_of_instance(const Topics& topics,
                                      const std::vector<std::string>& prefixes,
                                      const ConsumeSettings& consume) {
  Collector rights(topics);
  const std::string own = topics.reply("probe");
  // Commands by the filter of the running bridge, so that its refusal shows; of the rest the probe
  // alone.
  rights.add({Access::readwrite,
              topics.all(),
              "to publish, and to hear commands and calls",
              Standing::needed_to_run,
              {{own, own, topics.all()},
               {topics.command_probe(), topics.all_commands(), topics.all_commands()}}});
  for (const std::string& prefix : prefixes) {
    const std::string filter = topics.below_announcements(prefix);
    const std::string probe = topics.announcement_probe(prefix);
    rights.add({Access::readwrite,
                filter,
                "to announce its entities, and to hear what a user deletes",
                Standing::needed_to_run,
                {{probe, probe, filter}}});
  }
  rights.read(info_of, "to hear who consumes");
  rights.write([](const Topics& t, auto id) { return t.reply(id == "+" ? "#" : id); },
               "to answer calls");
  add_consuming(rights, consume);
  add_checking(rights);
  return rights.take();
}

Right right_to_call(const std::string& root) {
  const std::string filter = Topics(root, "+").call();
  return {Access::write,
          filter,
          "to call services of all instances",
          Standing::optional,
          {{Topics(root, std::string(discovery::no_instance)).call(), {}, filter}}};
}

std::vector<Right> excesses_of_instance(const Topics& topics,
                                        const std::vector<std::string>& prefixes) {
  const Topics nobody(topics.root(), std::string(discovery::no_instance));
  const Topics place(topics.root(), discovery::probing_place(topics.instance()));
  std::vector<Right> excesses;
  const auto add = [&](Access access, std::string what, const std::string& probe) {
    const bool reads = access == Access::read;
    excesses.push_back({access,
                        probe,
                        std::move(what),
                        Standing::excess,
                        {{probe, reads ? probe : std::string(), probe}}});
  };
  add(Access::write, "write the states of other instances", nobody.state(no_entity));
  add(Access::write, "command other instances", nobody.command_probe());
  add(Access::read, "read commands to other instances", place.command_probe());
  for (const std::string& prefix : prefixes) {
    add(Access::write, "announce as another instance under " + prefix,
        nobody.announcement_probe(prefix));
    add(Access::write,
        "write all below " + prefix + ", as where Home Assistant says that it starts",
        discovery::stray_probe(prefix));
  }
  return excesses;
}

std::vector<Right> rights_of_home_assistant(const std::string& root, const std::string& prefix) {
  const Topics every(root, "+");
  return {
      {Access::read, discovery::all_below(root), "to show entities"},
      {Access::read, discovery::all_below(prefix), "to discover entities, of others as well"},
      {Access::write, every.all_announcements(prefix), "to delete entities"},
      {Access::write, every.all_commands(), "to command entities"},
      {Access::write, std::string(discovery::birth_topic), "to say that it has started"},
  };
}

std::vector<Right> rights_of_monitor(const std::string& root,
                                     const std::vector<std::string>& prefixes) {
  std::vector<Right> rights{{Access::read, discovery::all_below(root), "to look on"}};
  for (const std::string& prefix : prefixes) {
    rights.push_back({Access::read, discovery::all_below(prefix), "to look on"});
  }
  return rights;
}

std::string acl_line(const Right& right) {
  const std::string_view access = right.access == Access::read    ? "read"
                                  : right.access == Access::write ? "write"
                                                                  : "readwrite";
  return "topic " + std::string(access) + " " + right.filter;
}

}  // namespace bridge
