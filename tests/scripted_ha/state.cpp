#include "tests/scripted_ha/state.hpp"

namespace scripted_ha {
namespace {

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

std::string json_string(std::string_view text) { return to_text(Json(text)); }

/// A context is its id alone when there is no parent and no user.
std::string compressed_context(const Context& context) {
  if (!context.parent_id && !context.user_id) return json_string(context.id);
  return to_text(to_json(context));
}

/// The changed parts of a context: the id alone as text, else an object of what changed.
Json context_difference(const Context& before, const Context& after) {
  Json parts = Json::object();
  if (before.parent_id != after.parent_id) parts["parent_id"] = text_or_null(after.parent_id);
  if (before.user_id != after.user_id) parts["user_id"] = text_or_null(after.user_id);
  if (before.id != after.id) {
    if (parts.empty()) return after.id;
    parts["id"] = after.id;
  }
  return parts.empty() ? Json() : parts;
}

Json added_attributes(const Json& before, const Json& after, StateFormat format) {
  Json added = Json::object();
  for (const auto& [name, value] : after.items()) {
    const auto old = before.find(name);
    const bool new_null = old == before.end() && value.is_null() && !format.null_additions;
    if (new_null || (old != before.end() && same(*old, value))) continue;
    added[name] = value;
  }
  return added;
}

Json removed_attributes(const Json& before, const Json& after) {
  Json removed = Json::array();
  for (const auto& item : before.items()) {
    if (!after.contains(item.key())) removed.push_back(item.key());
  }
  return removed;
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  if (out.back() != '{') out += ',';
  out.append(1, '"').append(key).append("\":").append(text);
}

}  // namespace

Json to_json(const Context& context) {
  return {{"id", context.id},
          {"parent_id", text_or_null(context.parent_id)},
          {"user_id", text_or_null(context.user_id)}};
}

std::string state_object(std::string_view entity_id, const State& state, StateFormat format) {
  Json object{{"entity_id", entity_id},
              {"state", state.value},
              {"attributes", state.attributes},
              {"last_changed", iso_time(state.last_changed)}};
  if (format.last_reported) object["last_reported"] = iso_time(state.last_reported);
  object["last_updated"] = iso_time(state.last_updated);
  object["context"] = to_json(state.context);
  return to_text(object);
}

std::string compressed_state(std::string_view entity_id, const State& state) {
  std::string out = json_string(entity_id) + ":{";
  append_member(out, "s", json_string(state.value));
  append_member(out, "a", to_text(state.attributes));
  append_member(out, "c", compressed_context(state.context));
  append_member(out, "lc", number_text(state.last_changed));
  if (state.last_updated != state.last_changed) {
    append_member(out, "lu", number_text(state.last_updated));
  }
  return out += '}';
}

std::string state_difference(std::string_view entity_id, const State* before, const State* after,
                             StateFormat format) {
  if (after == nullptr) return R"({"r":[)" + json_string(entity_id) + "]}";
  if (before == nullptr) return R"({"a":{)" + compressed_state(entity_id, *after) + "}}";
  std::string plus = "{";
  if (before->value != after->value) append_member(plus, "s", json_string(after->value));
  if (before->last_changed != after->last_changed) {
    append_member(plus, "lc", number_text(after->last_changed));
  } else if (before->last_updated != after->last_updated) {
    append_member(plus, "lu", number_text(after->last_updated));
  }
  const Json context = context_difference(before->context, after->context);
  if (!context.is_null()) append_member(plus, "c", to_text(context));
  const Json added = added_attributes(before->attributes, after->attributes, format);
  if (!added.empty()) append_member(plus, "a", to_text(added));
  std::string out = R"({"c":{)" + json_string(entity_id) + R"(:{"+":)" + plus + '}';
  const Json removed = removed_attributes(before->attributes, after->attributes);
  if (!removed.empty()) out += R"(,"-":{"a":)" + to_text(removed) + '}';
  return out += "}}}";
}

}  // namespace scripted_ha
