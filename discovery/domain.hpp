// The form of the tables in domains/: what each kind of entity announces and which commands it
// takes.
//
// A kind is data. A row of `fields` is one key of the discovery payload, in Home Assistant's own
// words, so that a table can be held against its MQTT page; announce.cpp alone knows how a row
// turns into JSON. `checked` stops the build when a kind announces a command that it does not
// answer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "discovery/consumer.hpp"
#include "discovery/description.hpp"

namespace discovery {

/// Attributes that any kind may have and that an announcement needs.
constexpr std::string_view common_capabilities[] = {
    "assumed_state", "device_class", "entity_picture",     "friendly_name",
    "icon",          "state_class",  "supported_features", "unit_of_measurement",
};

/// What an announcement depends on, and nothing else.
struct Facts {
  const Description& entity;
  const Domain& domain;
  const Consumer& consumer;
  Version source;  // of the Home Assistant that has the entity
};

/// On which entities and consumers a field stands: all that is given must hold.
struct When {
  std::uint32_t features = 0;        // the entity has one of these bits of supported_features
  std::uint32_t lacks = 0;           // the entity has none of these bits
  std::string_view capability = {};  // the entity has this capability, and it is not null
  std::string_view reported = {};    // the entity ever had a value for this attribute
  Version since = {};                // the consumer is this release or a later one
  Version before = {};               // the consumer is an earlier release; {}: no limit
};
constexpr When always{};

/// Where the value of a field comes from.
struct Value {
  enum class From {
    text,        // `text` as it is
    number,      // `number`
    flag,        // `number` as true or false
    document,    // the topic of the entity's document
    view,        // the topic of its view in slot `text`
    event,       // the topic of its firings
    commands,    // the topic of its commands, in slot `text`
    capability,  // the capability `text`, as JSON
    state,       // a template that gives the state
    attribute,   // a template that gives the attribute `text`; where that is null, `fallback`
    call,        // the text {"service": `text`}, for payloads that Home Assistant sends as they are
    argument,  // a template for a call of service `text` whose argument `argument` is `expression`,
               // or what `make` gives as such
    either,    // a template for a call of service `text` if `expression`, else of `argument`
    word,      // `argument`, a payload that a `worded` template makes a call of service `text` of
    worded,  // a template for the service named `fallback` and the payload, with data `expression`
    supports,  // true when the entity has one of the feature bits `number`
    absent,    // null, for the few keys where that means that the thing does not exist
    function,  // whatever `make` gives; null: the field is left out
  };
  From from;
  std::string_view text = {};
  std::string_view argument = {};
  std::string_view expression = {};
  std::string_view fallback = {};
  std::uint32_t number = 0;
  Json (*make)(const Facts&) = nullptr;
};

struct Field {
  std::string_view key;
  Value value;
  When when = always;
};

// The words that tables are written with.
constexpr Value text(std::string_view text) { return {.from = Value::From::text, .text = text}; }
constexpr Value number(std::uint32_t n) { return {.from = Value::From::number, .number = n}; }
constexpr Value flag(bool on) { return {.from = Value::From::flag, .number = on}; }
constexpr Value document() { return {.from = Value::From::document}; }
constexpr Value event_topic() { return {.from = Value::From::event}; }
constexpr Value view(std::string_view slot) { return {.from = Value::From::view, .text = slot}; }
constexpr Value commands(std::string_view slot = {}) {
  return {.from = Value::From::commands, .text = slot};
}
constexpr Value capability(std::string_view name) {
  return {.from = Value::From::capability, .text = name};
}
constexpr Value state() { return {.from = Value::From::state}; }
/// `fallback` is a Jinja expression; empty: Python's None, which most platforms take as "no value".
constexpr Value attribute(std::string_view name, std::string_view fallback = {}) {
  return {.from = Value::From::attribute, .text = name, .fallback = fallback};
}
constexpr Value absent() { return {.from = Value::From::absent}; }
constexpr Value call(std::string_view service) {
  return {.from = Value::From::call, .text = service};
}
constexpr Value call_with(std::string_view service, std::string_view argument,
                          std::string_view expression = "value") {
  return {.from = Value::From::argument,
          .text = service,
          .argument = argument,
          .expression = expression};
}
constexpr Value either(std::string_view service, std::string_view condition,
                       std::string_view other_service) {
  return {.from = Value::From::either,
          .text = service,
          .argument = other_service,
          .expression = condition};
}
constexpr Value call_with(std::string_view service, std::string_view argument,
                          Json (*expression)(const Facts&)) {
  return {.from = Value::From::argument, .text = service, .argument = argument, .make = expression};
}
constexpr Value word(std::string_view service, std::string_view payload) {
  return {.from = Value::From::word, .text = service, .argument = payload};
}
/// The service is `prefix` and the payload; `data` is the Jinja dictionary of its data, empty:
/// none.
constexpr Value worded(std::string_view prefix, std::string_view data = {}) {
  return {.from = Value::From::worded, .expression = data, .fallback = prefix};
}
constexpr Value supports(std::uint32_t bits) {
  return {.from = Value::From::supports, .number = bits};
}
constexpr Value made(Json (*make)(const Facts&)) {
  return {.from = Value::From::function, .make = make};
}

/// One service that an entity of the kind may be asked for, in its own domain. A command that comes
/// in a `slot` has a form that Home Assistant fixes, and a translator makes the call of it.
struct Command {
  std::string_view service;
  std::string_view slot = {};
};

/// Services that Home Assistant sends one after the other for one call on main, and that are put
/// together again: with more than one of `parts`, all their data goes to `into`.
struct Merge {
  std::string_view into = {};
  std::span<const std::string_view> parts = {};
};

/// How a consumer is told that the state is unknown.
struct UnknownForm {
  std::string literal = "None";  // what the template of the state gives
  bool unavailable = false;      // the platform cannot show it, so it shows as unavailable
};

/// What a command in a slot asks for.
struct SlotCall {
  std::string service;
  Json data = Json::object();
};

struct Domain {
  std::string_view name;       // at the source: input_boolean
  std::string_view component;  // on main: switch
  std::span<const Field> fields = {};
  std::span<const Command> commands = {};
  /// Attributes that the fields above need, kept in the description.
  std::span<const std::string_view> capabilities = {};
  /// Those without which there is nothing to announce yet.
  std::span<const std::string_view> needs = {};
  /// Attributes of which only matters whether the entity ever has a value for them.
  std::span<const std::string_view> reports = {};
  Merge merge = {};
  /// Services that must not overtake each other: one waits until the call of an earlier one is
  /// done.
  std::span<const std::string_view> in_order = {};
  UnknownForm (*unknown)(const Facts&) = nullptr;
  /// Adds what one argument needs of the others, from the state: the other half of a range.
  void (*complete)(const State&, Json& data) = nullptr;
  /// The slot of the view that this consumer reads, where main's platform wants a fixed form.
  std::string_view (*view_slot)(const Consumer&) = nullptr;
  std::string (*make_view)(std::string_view slot, const State&) = nullptr;
  /// Reads a command in a slot; nothing when it has not that form.
  std::optional<SlotCall> (*translate)(std::string_view slot, const Json& payload) = nullptr;
  /// The state is a moment and its firings go out on the event topic.
  bool fires = false;
};

/// Whether the value makes main's Home Assistant ask for a service.
constexpr bool asks(const Value& value) {
  return value.from == Value::From::call || value.from == Value::From::argument ||
         value.from == Value::From::either || value.from == Value::From::word;
}
constexpr bool asks_for(const Value& value, std::string_view service) {
  return asks(value) && (value.text == service ||
                         (value.from == Value::From::either && value.argument == service));
}

/// Whether each service that the fields ask for is among the commands, and each command is asked
/// for by a field, beside a command topic, or belongs to a slot that a field names.
consteval bool checked(const Domain& domain) {
  const auto has_topic = [&](std::string_view slot) {
    for (const Field& field : domain.fields) {
      if (field.value.from == Value::From::commands && field.value.text == slot) return true;
    }
    return false;
  };
  const auto has_command = [&](std::string_view service) {
    for (const Command& command : domain.commands) {
      if (command.service == service && command.slot.empty()) return true;
    }
    return false;
  };
  for (const Command& command : domain.commands) {
    bool announced =
        domain.translate != nullptr && !command.slot.empty() && has_topic(command.slot);
    for (const Field& field : domain.fields) {
      announced = announced || (asks_for(field.value, command.service) && has_topic({}));
    }
    if (!announced) return false;
  }
  for (const Field& field : domain.fields) {
    if (!asks(field.value)) continue;
    if (!has_command(field.value.text)) return false;
    if (field.value.from == Value::From::either && !has_command(field.value.argument)) return false;
  }
  return true;
}

/// Whether every capability and reported attribute that a field asks for is kept in the
/// description.
consteval bool known(const Domain& domain) {
  const auto listed = [](std::span<const std::string_view> names, std::string_view name) {
    for (const std::string_view common : common_capabilities) {
      if (common == name) return true;
    }
    for (const std::string_view listed_name : names) {
      if (listed_name == name) return true;
    }
    return name.empty();
  };
  for (const Field& field : domain.fields) {
    const bool copies = field.value.from == Value::From::capability;
    if (copies && !listed(domain.capabilities, field.value.text)) return false;
    if (!listed(domain.capabilities, field.when.capability)) return false;
    if (!listed(domain.reports, field.when.reported)) return false;
  }
  return true;
}

}  // namespace discovery
