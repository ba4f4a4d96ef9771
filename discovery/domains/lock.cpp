// Locks, with an optional code and an optional latch.
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

constexpr std::uint32_t opens = 1;  // LockEntityFeature.OPEN

/// Older releases pass over the words for an open latch, and would go on showing "locked".
Json unlocked_for_open(const Facts&) {
  return "{% set s = value_json['state'] if value_json is defined else 'unknown' %}{{ 'None' if s "
         "in "
         "('unknown', 'unavailable') else 'unlocked' if s in ('open', 'opening') else s }}";
}

// https://www.home-assistant.io/integrations/lock.mqtt/
constexpr Field fields[] = {
    {"state_topic", document()},
    {"value_template", state(), {.since = since::lock_open}},
    {"value_template", made(unlocked_for_open), {.before = since::lock_open}},
    {"state_locked", text("locked")},
    {"state_unlocked", text("unlocked")},
    {"state_locking", text("locking")},
    {"state_unlocking", text("unlocking")},
    {"state_jammed", text("jammed")},
    {"state_open", text("open"), {.since = since::lock_open}},
    {"state_opening", text("opening"), {.since = since::lock_open}},
    {"command_topic", commands()},
    {"command_template", worded("", "{'code': code} if code else {}")},
    {"payload_lock", word("lock", "lock")},
    {"payload_unlock", word("unlock", "unlock")},
    {"payload_open", word("open", "open"), {.features = opens}},
    {"code_format", capability("code_format"), {.capability = "code_format"}},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view capabilities[] = {"code_format"};
constexpr Command commands_of[] = {{"lock"}, {"unlock"}, {"open"}};

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain lock{.name = "lock",
                      .component = "lock",
                      .fields = fields,
                      .commands = commands_of,
                      .capabilities = capabilities};

static_assert(checked(lock) && known(lock));

}  // namespace discovery::kinds
