#include "discovery/view.hpp"

#include <algorithm>

#include "discovery/announce.hpp"
#include "discovery/blocked.hpp"
#include "discovery/document.hpp"

namespace discovery {
namespace {

const State& no_state() {
  static const State none = [] {
    State state;
    state.value = "unavailable";
    return state;
  }();
  return none;
}

/// Appends the members of those attributes that `is_wanted` takes.
template <typename Wanted>
void append_attributes(std::string& out, const State& state, Wanted is_wanted) {
  out += '{';
  bool first = true;
  for (const Attribute& attribute : state.attributes) {
    if (left_out(attribute) || !is_wanted(attribute)) continue;
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, attribute.name);
    (out += ':') += attribute.json;
  }
  out += '}';
}

void append_reduced_document(std::string& out, const View& view, const State& state) {
  out += R"({"state":)";
  append_json_string(out, state.value);
  out += R"(,"attributes":)";
  append_attributes(out, state, [&](const Attribute& attribute) {
    const auto& wanted = view.attributes;
    return std::find(wanted.begin(), wanted.end(), attribute.name) != wanted.end();
  });
  out += '}';
}

/// A text as it is, a number as Home Assistant wrote it, and "None" for what is not there, which
/// main's platforms take for that.
void append_plain(std::string& out, std::string_view name, const State& state) {
  if (name == slot::state) {
    out += is_silent(state) ? "None" : state.value;
    return;
  }
  const std::string* json = state.attributes.find(name);
  if (json == nullptr || *json == "null" || *json == R"("")") {
    out += "None";
  } else {
    out += string_of_json(*json).value_or(*json);
  }
}

}  // namespace

std::vector<std::string_view> view_slots(const Facts& facts) {
  std::vector<std::string_view> slots{availability_slot(facts)};
  for (const Field& field : facts.domain.fields) {
    const auto from = field.value.from;
    if (from != Value::From::view && from != Value::From::plain) continue;
    if (holds(field.when, facts)) slots.push_back(field.value.text);
  }
  if (takes_attributes(facts) && !reads_document(facts.domain)) slots.push_back(slot::attributes);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

void append_view(std::string& out, const Domain& kind, std::string_view slot, const State* held) {
  const State& state = held == nullptr ? no_state() : *held;
  if (tells_availability(slot)) {
    const bool silent = slot == slot::known ? is_silent(state) : state.value == "unavailable";
    out += silent ? "offline" : "online";
    return;
  }
  for (const View& view : kind.views) {
    if (view.slot != slot) continue;
    if (view.append == nullptr) return append_reduced_document(out, view, state);
    return view.append(out, slot, state);
  }
  if (slot != slot::attributes) return append_plain(out, slot, state);
  append_attributes(out, state, [&](const Attribute& attribute) {
    const bool taken =
        may_be_taken(kind.component, attribute.name) || was_taken(kind.component, attribute.name);
    return taken && (kind.bears == nullptr || kind.bears(attribute));
  });
}

}  // namespace discovery
