// What users must be allowed at the broker, by what they do. This is the one place of it:
// `statebus acl` writes these rights as an access list, and `statebus check` tries them.
#pragma once

#include <string>
#include <vector>

#include "bridge/settings.hpp"
#include "discovery/topic.hpp"

namespace bridge {

enum class Access : std::uint8_t { read, write, readwrite };

/// Who misses a right that is lacking. An optional one is the user's choice, and an excess is one
/// that no bridge should have.
enum class Standing : std::uint8_t { needed_to_run, needed_to_check, optional, excess };

/// One message that shows whether there is a right. It is not retained, and nobody takes it for
/// his.
struct Attempt {
  std::string topic;
  std::string filter;  // subscribed to, for it to come back; empty: it is not awaited
  std::string shown;   // what could not be read or written, for people
};

struct Right {
  Access access = Access::read;
  std::string filter;
  std::string purpose;  // to publish, to hear who consumes
  Standing standing = Standing::needed_to_run;
  std::vector<Attempt> attempts;  // none: nothing tries it
};

/// Of an instance that announces under `prefixes`, and does for its own Home Assistant what
/// `consume` says.
std::vector<Right> rights_of_instance(const discovery::Topics& topics,
                                      const std::vector<std::string>& prefixes,
                                      const ConsumeSettings& consume);

/// To call services of all other instances.
Right right_to_call(const std::string& root);

/// What such an instance should not be allowed.
std::vector<Right> excesses_of_instance(const discovery::Topics& topics,
                                        const std::vector<std::string>& prefixes);

/// Of the MQTT integration of a Home Assistant that listens under `prefix`.
std::vector<Right> rights_of_home_assistant(const std::string& root, const std::string& prefix);

/// Of somebody who looks on.
std::vector<Right> rights_of_monitor(const std::string& root,
                                     const std::vector<std::string>& prefixes);

/// As it stands in an access list of Mosquitto: topic read statebus/+/info
std::string acl_line(const Right& right);

}  // namespace bridge
