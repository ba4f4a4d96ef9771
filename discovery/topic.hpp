// Every topic of the bus, built and taken apart; docs/topics.md explains them. No other file has
// topic literals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace discovery {

/// Whether a text can be an instance name: [a-z0-9_]{1,32}.
bool valid_instance(std::string_view name);

/// Whether a text can be the root or a discovery prefix: one or more levels without wildcards.
bool valid_topic_prefix(std::string_view prefix);

/// The bucket of the index that lists a topic: FNV-1a, 32 bits, of its name, modulo `buckets`.
std::uint32_t index_bucket(std::string_view topic, std::uint32_t buckets);

/// What a topic below `ROOT/INSTANCE/` or an announcement's topic is about.
struct TopicParts {
  enum class Kind {
    status,
    info,
    heartbeat,
    index,
    areas,
    floors,
    labels,
    device,
    entity,
    state,
    view,
    image,
    event,
    fired,
    trigger,
    command,
    refused,
    call,
    followed,
    reply,
    announcement,
    other
  };
  Kind kind = Kind::other;
  std::string_view instance;
  std::string_view domain;  // of an entity, or the component of an announcement
  std::string_view object;  // of an entity or announcement, a device's id, an event's type; of
                            // `followed`: the id
  std::string_view slot;    // of a view or command; may have several levels
  std::string_view source;  // of `followed`: the instance that is; its kind is the `domain`
};

/// The slot of a command that asks the bridge itself: it announces again what a user has deleted on
/// a consumer.
constexpr std::string_view restore_slot = "restore";
/// Likewise: a consumer lacks it, and asks for its announcement once more.
constexpr std::string_view announce_slot = "announce";

/// The object of `…/OBJECT/config`, an announcement's topic under whatever prefix; else empty.
std::string_view announced_object(std::string_view topic);

/// Where every Home Assistant says that it has started, whatever its discovery prefix is.
constexpr std::string_view birth_topic = "homeassistant/status";

/// All below a root or a discovery prefix.
std::string all_below(std::string_view prefix);

/// Beside the announcements below a prefix, where no bridge writes and nobody reads.
std::string stray_probe(std::string_view prefix);

/// What stands in the place of an instance in probes, and can be none: bridges pass it over, and in
/// an access list `+` stands for it as for any other. The first is where an instance may write what
/// it awaits back; the second is a neighbour that there is not.
std::string probing_place(std::string_view instance);
constexpr std::string_view no_instance = "no-instance";

/// The topics of one instance.
class Topics {
 public:
  Topics(std::string root, std::string instance);

  const std::string& root() const { return root_; }
  const std::string& instance() const { return instance_; }

  std::string status() const { return base_ + "status"; }
  std::string info() const { return base_ + "info"; }
  std::string heartbeat() const { return base_ + "heartbeat"; }
  std::string areas() const { return base_ + "areas"; }
  std::string floors() const { return base_ + "floors"; }
  std::string labels() const { return base_ + "labels"; }
  std::string refused() const { return base_ + "refused"; }
  std::string call() const { return base_ + "call"; }
  std::string index(std::uint32_t bucket) const;
  std::string device(std::string_view device) const { return join("device/", device); }
  std::string event(std::string_view object_id) const { return join("event/", object_id); }
  std::string fired(std::string_view event_type) const { return join("fired/", event_type); }
  std::string trigger(std::string_view device) const { return join("trigger/", device); }
  std::string reply(std::string_view rest) const { return join("reply/", rest); }
  /// What this instance last applied of another's `area`, `label`, `device`, `entity` …
  std::string followed(std::string_view source, std::string_view kind, std::string_view id) const;

  /// Those of an entity take its entity id, such as light.kitchen.
  std::string entity(std::string_view entity_id) const {
    return of_entity("entity/", entity_id, {});
  }
  std::string state(std::string_view entity_id) const { return of_entity("state/", entity_id, {}); }
  std::string view(std::string_view entity_id, std::string_view slot = {}) const {
    return of_entity("view/", entity_id, slot);
  }
  std::string image(std::string_view entity_id) const { return of_entity("image/", entity_id, {}); }
  std::string command(std::string_view entity_id, std::string_view slot = {}) const {
    return of_entity("command/", entity_id, slot);
  }

  /// `PREFIX/COMPONENT/INSTANCE/OBJECT/config`.
  std::string announcement(std::string_view prefix, std::string_view component,
                           std::string_view object) const;

  /// Topics that nobody takes for a command or an announcement, and that bear the same rights.
  std::string command_probe() const { return base_ + "command/probe"; }
  std::string announcement_probe(std::string_view prefix) const;

  /// Filters: all of the instance, or a part of it; of all instances when the instance is `+`.
  std::string all() const { return base_ + "#"; }
  /// All that is retained below the instance but the pictures of cameras, which are large.
  std::vector<std::string> all_but_cameras() const;
  /// What is retained below the instance, but status, info and heartbeat; none matches a command.
  std::vector<std::string> all_retained() const;
  std::string every_info() const { return of_every("info"); }
  std::string every_status() const { return of_every("status"); }
  std::string every_heartbeat() const { return of_every("heartbeat"); }
  std::string every_refused() const { return of_every("refused"); }
  std::string every_fired() const { return of_every("fired/+"); }
  std::string every_index() const { return of_every("index/+"); }
  std::string of_every(std::string_view rest) const { return root_ + "/+/" + std::string(rest); }
  std::string all_commands() const { return base_ + "command/#"; }
  std::string all_states() const { return base_ + "state/+/+"; }
  std::string all_of_index() const { return base_ + "index/+"; }
  std::string all_announcements(std::string_view prefix) const;
  /// What the broker's ACL must allow for announcements.
  std::string below_announcements(std::string_view prefix) const;

  /// Takes a topic of any instance below this root apart; nothing for one outside of the root.
  std::optional<TopicParts> parse(std::string_view topic) const;

  /// Takes apart a topic that may be an announcement of this instance under `prefix`.
  std::optional<TopicParts> parse_announcement(std::string_view prefix,
                                               std::string_view topic) const;

 private:
  std::string join(std::string_view kind, std::string_view rest) const;
  std::string of_entity(std::string_view kind, std::string_view entity_id,
                        std::string_view slot) const;

  std::string root_;
  std::string instance_;
  std::string base_;  // statebus/hubs/
};

}  // namespace discovery
