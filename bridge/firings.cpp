#include "bridge/firings.hpp"

#include <fmt/format.h>

#include "discovery/bus_event.hpp"
#include "discovery/identity.hpp"

namespace bridge {
namespace {

constexpr std::size_t data_bytes_max = 64 * 1024;

/// Whether a bridge fired it, or main's MQTT integration for a mirrored device: forwarded again, it
/// would go round for ever.
bool came_from_bus(const discovery::Json& data, const discovery::Home& home) {
  const discovery::DeviceEntry* device = home.device(discovery::text_at(data, "device_id"));
  return data.contains(discovery::bus_mark) || (device != nullptr && discovery::is_mirror(*device));
}

}  // namespace

void Firings::connected(Effects& effects) {
  types_.clear();
  for (const std::string& type : settings_.events) {
    const std::string command = fmt::format(R"("type":"subscribe_events","event_type":"{}")", type);
    types_[session_.follow(command, effects)] = type;
  }
}

void Firings::heard(const discovery::HaMessage& message, Effects& effects) {
  const auto found = types_.find(message.id);
  if (found == types_.end()) return;
  if (message.type == "event") return forward(found->second, message.payload);
  if (message.success || !refused_.insert(found->second).second) return;
  effects.say(Level::error,
              fmt::format("events of the type {} are not forwarded, since Home Assistant refuses "
                          "them ({}); the user of home_assistant.token_file must be an "
                          "administrator",
                          found->second, message.error_text));
}

void Firings::forward(const std::string& type, std::string_view event) {
  const auto read = discovery::read_bus_event({event});
  if (!read || read->data.size() > data_bytes_max) return;
  std::string payload = fmt::format(R"({{"event_type":"{}","data":{},"time_fired":{}}})", type,
                                    read->data, read->time_fired);
  // What stands in the event nobody has looked at on its way.
  const auto told = discovery::parse_json(payload, payload.size());
  if (!told || came_from_bus(told->at("data"), home_)) return;
  outbox_.send(topics_.fired(type), std::move(payload));
}

}  // namespace bridge
