#include "discovery/raw_json.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "discovery/json.hpp"

namespace discovery {
namespace {

// An attribute lies in the object of all attributes, and that in the document.
constexpr std::size_t levels_above_attribute = 2;
// Longer ones may be more than a double holds.
constexpr std::size_t short_number = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Most attributes: plain words, short numbers and constants need no parser.
bool is_plainly_plain(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.find('\\') == std::string_view::npos;
  }
  if (text == "true" || text == "false" || text == "null") return true;
  const bool is_short = !text.empty() && text.size() <= short_number;
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  return is_short && !has_leading_zero && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

bool within_depth(std::string_view text, std::size_t levels) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > levels) return false;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return true;
}

bool is_plain_attribute(std::string_view text) {
  if (is_plainly_plain(text)) return true;
  return within_depth(text, json_depth_max - levels_above_attribute) &&
         Json::accept(text.begin(), text.end());
}

bool has_key_twice(std::string_view text) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  bool twice = false;
  const auto note = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) {
      twice = twice || !keys.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  const Json all = Json::parse(text.begin(), text.end(), note, /*allow_exceptions=*/false);
  return twice && !all.is_discarded();
}

}  // namespace discovery
