#include "discovery/reason.hpp"

namespace discovery {
namespace {

// In the order of the enumeration. docs/topics.md has the same sentences.
constexpr ReasonText texts[] = {
    {"published", "it is on the bus", "nothing"},
    {"mirror", "it came from a bus itself, and no mirror is mirrored again",
     "ask the instance that it comes from"},
    {"disabled", "it is disabled at the source", "enable it there"},
    {"invalid_id", "its entity id is none that Home Assistant gives", "rename it at the source"},
    {"hidden", "it is hidden at the source, and no rule includes it",
     "show it there, or include it in `publish.filter`"},
    {"left_out", "every Home Assistant has its like, and no rule includes it",
     "include it in `publish.filter`"},
    {"filtered", "the last rule of `publish.filter` that matches it excludes it",
     "change that rule, or include it by one behind"},
    {"no_state", "it is registered, and its integration has not given it a state",
     "see whether Home Assistant has loaded the integration"},
    {"pending", "the registry has yet to tell of it, or another entity of its id is still going",
     "wait a minute"},
    {"incomplete", "it has yet to tell attributes that its announcement needs",
     "wait until its integration tells them"},
    {"no_consumer", "there are instances that consume, and none of them takes from this one",
     "name this instance in `consume.from` of the one that is to show it"},
    {"own_prefix", "its own Home Assistant listens under the only prefix that is asked for",
     "give main a discovery prefix of its own, and name it in `consume.prefix` of main's bridge"},
    {"deleted", "a user has deleted it on main", "`statebus restore ENTITY` announces it again"},
    {"not_allowed", "the broker does not let the bridge's user write its topics",
     "allow them in the broker's access list"},
    {"too_large", "the broker takes no message as large as one of its",
     "raise the broker's `max_packet_size`, or leave the entity out"},
    {"clash", "another entity of this instance asks main for the same entity id",
     "rename one of them; main gives the later one a `_2`"},
    {"no_platform", "statebus announces none of its domain's like, so main has a read-only sensor",
     "nothing; state and attributes are there to be read"},
    {"old_release", "main's release has none of its like, so main has a read-only sensor",
     "update main, and `announce.ha_version` where it is set"},
    {"mixed_group", "not all members of the group can be switched, so main has a read-only sensor",
     "nothing; the members themselves can be commanded"},
    {"not_configured", "its like on main has to be asked for, so main has a read-only sensor",
     "name a camera or an image in `publish.images.include`, for voices set `commands.speaks_on`"},
};
static_assert(std::size(texts) == reason_count);

}  // namespace

const ReasonText& about(Reason reason) { return texts[static_cast<std::size_t>(reason)]; }

}  // namespace discovery
