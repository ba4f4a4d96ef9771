#include "tests/scripted_ha/json.hpp"

#include <algorithm>

namespace scripted_ha {
namespace {

bool is_number(const Json& value) { return value.is_number() || value.is_boolean(); }

double number_of(const Json& value) {
  return value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>();
}

template <typename Items, typename Write>
std::string joined(const Items& items, char open, char close, Write write) {
  std::string out(1, open);
  for (const auto& item : items) {
    if (out.size() > 1) out += ", ";
    out += write(item);
  }
  return out += close;
}

}  // namespace

bool same(const Json& a, const Json& b) {
  if (is_number(a) && is_number(b)) {
    // Large integers keep all their digits; only a mixed pair is compared as floating point.
    return a.type() == b.type() ? a == b : number_of(a) == number_of(b);
  }
  if (a.is_object() && b.is_object()) {
    return a.size() == b.size() && std::all_of(a.items().begin(), a.items().end(), [&](auto item) {
             const auto found = b.find(item.key());
             return found != b.end() && same(item.value(), *found);
           });
  }
  if (a.is_array() && b.is_array()) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
  }
  return a == b;
}

const Json& member(const Json& object, std::string_view key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(std::string(key));
  return found == object.end() ? null : *found;
}

std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string python_text(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_string()) return std::string("'").append(value.get<std::string>()).append("'");
  if (value.is_array()) return joined(value, '[', ']', python_text);
  if (value.is_object()) {
    return joined(value.items(), '{', '}', [](const auto& item) {
      return "'" + item.key() + "': " + python_text(item.value());
    });
  }
  return to_text(value);
}

}  // namespace scripted_ha
