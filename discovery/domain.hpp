// The form of the tables in domains/: what each kind of entity announces and which commands it
// takes.
//
// A kind is data. A row of `fields` is one key of the discovery payload, in Home Assistant's own
// words, so that a table can be held against its MQTT page; announce.cpp alone knows how a row
// turns into JSON. domain_checks.hpp stops the build when a kind announces a command that it does
// not answer.
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
  std::string_view without = {};     // the entity has not this capability, or it is null
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
    plain,       // the topic of a view that holds the attribute `text` and nothing else
    event,       // the topic of its firings
    image,       // the topic of its picture
    commands,    // the topic of its commands, in slot `text`
    capability,  // the capability `text`, as JSON
    state,       // a template that gives the state
    attribute,   // a template that gives the attribute `text`; where that is null, `fallback`
    call,        // the text {"service": `text`}, for payloads that Home Assistant sends as they are
    argument,  // a template for a call of service `text` whose argument `argument` is `expression`,
               // or what `make` gives as such; without `argument`, whose data is `expression`
    either,    // a template for a call of service `text` if `expression`, else of `argument`
    word,      // `argument`, a payload that a `worded` template makes a call of service `text` of
    worded,    // a template for the service named `fallback` and the payload, which is in the
               // variable `argument`, with data `expression`
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
constexpr Value image_topic() { return {.from = Value::From::image}; }
constexpr Value view(std::string_view slot) { return {.from = Value::From::view, .text = slot}; }
constexpr Value plain(std::string_view attribute) {
  return {.from = Value::From::plain, .text = attribute};
}
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
/// none. The platform gives the payload in `variable`.
constexpr Value worded(std::string_view prefix, std::string_view data = {},
                       std::string_view variable = "value") {
  return {
      .from = Value::From::worded, .argument = variable, .expression = data, .fallback = prefix};
}
/// A template for a call whose data is the Jinja dictionary `data`; what is none in it is left out.
constexpr Value call_with_data(std::string_view service, std::string_view data) {
  return {.from = Value::From::argument, .text = service, .expression = data};
}
constexpr Value supports(std::uint32_t bits) {
  return {.from = Value::From::supports, .number = bits};
}
constexpr Value made(Json (*make)(const Facts&)) {
  return {.from = Value::From::function, .make = make};
}
/// A template that asks for `service`, among others.
constexpr Value made_call(std::string_view service, Json (*make)(const Facts&)) {
  return {.from = Value::From::function, .text = service, .make = make};
}

/// One service that an entity of the kind may be asked for, in its own domain. A command that comes
/// in a `slot` has a form that Home Assistant fixes, and a translator makes the call of it.
struct Command {
  std::string_view service;
  std::string_view slot = {};
  std::string_view domain = {};      // of the service, where it is not the entity's own
  std::string_view entity_key = {};  // of its data, where it takes no target: agent_id
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

/// What main's platform reads at a topic of its own, because it wants a fixed form or because the
/// document would cost it work with each change of something else. Its bytes depend on the state
/// alone, so that one view serves every consumer.
struct View {
  std::string_view slot;
  /// The view is a document of the state and of these attributes, without times,
  std::span<const std::string_view> attributes = {};
  /// or what this appends.
  void (*append)(std::string& out, std::string_view slot, const State&) = nullptr;
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
  /// Whether main's entity can bear this attribute; null: any that its platform takes.
  bool (*bears)(const Attribute&) = nullptr;
  /// All views that a field may name, besides plain ones.
  std::span<const View> views = {};
  /// Reads a command in a slot; nothing when it has not that form.
  std::optional<SlotCall> (*translate)(std::string_view slot, std::string_view payload) = nullptr;
  /// The state is a moment and its firings go out on the event topic.
  bool fires = false;
  /// What the entity is announced as instead, by its capabilities and the consumer's release; null:
  /// this kind itself. Commands and views are those of this kind, whatever it is announced as.
  const Domain& (*form)(const Description&, const Consumer&) = nullptr;
};

/// Whether main reads the entity's state from its document.
constexpr bool reads_document(const Domain& domain) {
  for (const Field& field : domain.fields) {
    if (field.value.from == Value::From::document) return true;
  }
  return false;
}

}  // namespace discovery
