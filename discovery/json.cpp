#include "discovery/json.hpp"

#include <algorithm>

#include "discovery/raw_json.hpp"

namespace discovery {
namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[code >> 4];
  out += digits[code & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  auto rest = text.begin();
  while (rest != text.end()) {
    const auto special = std::find_if(rest, text.end(), needs_escape);
    out.append(rest, special);
    rest = special;
    if (rest != text.end()) append_escaped(out, *rest++);
  }
  out += '"';
}

std::optional<Json> parse_json(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max || !within_depth(text, json_depth_max)) return std::nullopt;
  // The parser takes it for the end, whatever comes behind it.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return texts;
  for (const Json& text : *found) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shown(std::string_view text) {
  constexpr std::size_t shown_max = 64;
  const bool is_cut = text.size() > shown_max;
  return to_text(Json(std::string(text.substr(0, shown_max)) + (is_cut ? "…" : "")));
}

std::optional<std::string> string_of_json(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  const std::string_view inner = json.substr(1, json.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  const auto value = parse_json(json, json.size());
  if (!value || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

}  // namespace discovery
