// Updates: which version is installed and which is the latest. Main works its state out from both
// and refuses a message with anything else in it, so that there is a view.
#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"
#include "discovery/web_address.hpp"

namespace discovery {
namespace {

constexpr std::uint32_t installs = 1;  // UpdateEntityFeature.INSTALL
constexpr std::string_view versions = "versions";

void append_member(std::string& out, std::string_view name, std::string_view json) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  (out += ':') += json;
}

/// {"installed_version":"1.0","latest_version":"1.1","in_progress":false,"update_percentage":null}.
/// What is skipped at the source has no news on main either: it is told as installed, and the true
/// latest version comes with the attributes.
void append_versions(std::string& out, std::string_view, const State& state) {
  const auto text = [&](std::string_view name) -> const std::string* {
    const std::string* json = state.attributes.find(name);
    return json != nullptr && json->size() > 2 && json->front() == '"' ? json : nullptr;
  };
  out += '{';
  const std::string* const installed = text("installed_version");
  const std::string* const latest = state.value == "off" ? installed : text("latest_version");
  if (installed != nullptr) append_member(out, "installed_version", *installed);
  if (latest != nullptr) append_member(out, "latest_version", *latest);
  for (const std::string_view name : {"title", "release_summary"}) {
    if (const std::string* json = text(name)) append_member(out, name, *json);
  }
  const std::string* const url = text("release_url");
  if (url != nullptr && is_web_address(string_of_json(*url).value_or(""))) {
    append_member(out, "release_url", *url);
  }
  // Older releases tell the percentage in place of the flag.
  const std::string* const progress = state.attributes.find("in_progress");
  const bool runs = progress != nullptr && *progress != "false" && *progress != "null";
  append_member(out, "in_progress", runs ? "true" : "false");
  const std::string* const percentage = state.attributes.find("update_percentage");
  append_member(out, "update_percentage", runs && percentage != nullptr ? *percentage : "null");
  out += '}';
}
constexpr View views[] = {{.slot = versions, .append = append_versions}};

// https://www.home-assistant.io/integrations/update.mqtt/
constexpr Field fields[] = {
    {"state_topic", view(versions)},
    {"command_topic", commands(), {.features = installs}},
    {"payload_install", call("install"), {.features = installs}},
    {"device_class", made(device_class)},
};
constexpr Command install[] = {{"install"}};

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain update{.name = "update",
                        .component = "update",
                        .fields = fields,
                        .commands = install,
                        .unknown = never_unknown,
                        .views = views};

static_assert(checked(update) && known(update));

}  // namespace discovery::kinds
