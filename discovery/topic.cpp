#include "discovery/topic.hpp"

#include <algorithm>
#include <utility>

#include "discovery/simdjson.hpp"
#include "discovery/topic_form.hpp"

namespace discovery {
namespace {

using Kind = TopicParts::Kind;

constexpr std::pair<std::string_view, Kind> plain_kinds[] = {
    {"status", Kind::status},   {"info", Kind::info},     {"heartbeat", Kind::heartbeat},
    {"areas", Kind::areas},     {"floors", Kind::floors}, {"labels", Kind::labels},
    {"refused", Kind::refused}, {"call", Kind::call},
};
constexpr std::pair<std::string_view, Kind> object_kinds[] = {
    {"index", Kind::index}, {"device", Kind::device},   {"event", Kind::event},
    {"fired", Kind::fired}, {"trigger", Kind::trigger},
};
constexpr std::pair<std::string_view, Kind> entity_kinds[] = {
    {"entity", Kind::entity}, {"state", Kind::state},     {"image", Kind::image},
    {"view", Kind::view},     {"command", Kind::command},
};

std::optional<Kind> kind_of(const auto& kinds, std::string_view word) {
  for (const auto& [name, kind] : kinds) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

/// Takes the first level off `rest`.
std::string_view next_level(std::string_view& rest) {
  const auto slash = rest.find('/');
  const std::string_view level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  return level;
}

/// Control characters, and what Unicode calls no character, in valid UTF-8.
bool has_refused_character(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (const char next : utf8.substr(at + 1, length - 1)) {
      code = code << 6 | (static_cast<unsigned char>(next) & 0x3FU);
    }
    const bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool is_none = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
    if (is_control || is_none) return true;
    at += length;
  }
  return false;
}

bool skip(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void parse_below_instance(std::string_view rest, TopicParts& parts) {
  const std::string_view word = next_level(rest);
  if (rest.empty()) {
    parts.kind = kind_of(plain_kinds, word).value_or(Kind::other);
    return;
  }
  if (word == "reply") {
    parts.kind = Kind::reply;
    parts.object = rest;
    return;
  }
  if (const auto kind = kind_of(object_kinds, word)) {
    parts.object = next_level(rest);
    if (rest.empty() && !parts.object.empty()) parts.kind = *kind;
    return;
  }
  if (word == "followed") {
    parts.source = next_level(rest);
    parts.domain = next_level(rest);
    parts.object = rest;
    const bool is_whole = !rest.empty() && rest.find('/') == std::string_view::npos;
    if (is_whole) parts.kind = Kind::followed;
    return;
  }
  const auto kind = kind_of(entity_kinds, word);
  if (!kind) return;
  parts.domain = next_level(rest);
  parts.object = next_level(rest);
  parts.slot = rest;
  const bool takes_slot = *kind == Kind::view || *kind == Kind::command;
  if (!parts.object.empty() && (takes_slot || parts.slot.empty())) parts.kind = *kind;
}

}  // namespace

bool valid_instance(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool valid_topic(std::string_view topic) {
  constexpr std::size_t bytes_max = 65535;
  constexpr std::ptrdiff_t slashes_max = 200;
  return !topic.empty() && topic.size() <= bytes_max &&
         std::count(topic.begin(), topic.end(), '/') <= slashes_max &&
         simdjson::validate_utf8(topic.data(), topic.size()) &&
         topic.find_first_of("+#") == std::string_view::npos && !has_refused_character(topic);
}

bool valid_topic_level(std::string_view id) {
  return id.size() <= 255 && id.find_first_of("/ ") == std::string_view::npos && valid_topic(id);
}

bool valid_topic_prefix(std::string_view prefix) {
  if (prefix.empty() || prefix.size() > 128 || prefix.front() == '$') return false;
  if (prefix.back() == '/') return false;
  while (!prefix.empty()) {
    if (!valid_topic_level(next_level(prefix))) return false;
  }
  return true;
}

std::uint32_t index_bucket(std::string_view topic, std::uint32_t buckets) {
  std::uint32_t hash = 2166136261U;
  for (const char c : topic) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 16777619U;
  }
  return hash % buckets;
}

std::string_view announced_object(std::string_view topic) {
  constexpr std::string_view last_level = "/config";
  if (!topic.ends_with(last_level)) return {};
  topic.remove_suffix(last_level.size());
  const auto slash = topic.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : topic.substr(slash + 1);
}

std::string all_below(std::string_view prefix) { return std::string(prefix) + "/#"; }

std::string stray_probe(std::string_view prefix) { return std::string(prefix) + "/statebus-probe"; }

std::string probing_place(std::string_view instance) { return "probe-" + std::string(instance); }

Topics::Topics(std::string root, std::string instance)
    : root_(std::move(root)),
      instance_(std::move(instance)),
      base_(root_ + "/" + instance_ + "/") {}

std::string Topics::index(std::uint32_t bucket) const {
  return join("index/", std::to_string(bucket));
}

std::string Topics::followed(std::string_view source, std::string_view kind,
                             std::string_view id) const {
  std::string topic = join("followed/", source);
  ((topic += '/') += kind) += '/';
  return topic += id;
}

std::string Topics::join(std::string_view kind, std::string_view rest) const {
  std::string topic = base_;
  topic += kind;
  topic += rest;
  return topic;
}

std::string Topics::of_entity(std::string_view kind, std::string_view entity_id,
                              std::string_view slot) const {
  std::string topic = join(kind, entity_id);
  std::replace(topic.begin() + static_cast<std::ptrdiff_t>(base_.size()), topic.end(), '.', '/');
  if (!slot.empty()) (topic += '/') += slot;
  return topic;
}

std::string Topics::announcement(std::string_view prefix, std::string_view component,
                                 std::string_view object) const {
  std::string topic(prefix);
  (topic += '/') += component;
  (topic += '/') += instance_;
  (topic += '/') += object;
  return topic += "/config";
}

std::vector<std::string> Topics::all_but_cameras() const {
  std::vector<std::string> filters;
  for (const char* rest :
       {"+", "index/+", "device/+", "entity/+/+", "state/+/+", "view/#", "image/image/+"}) {
    filters.push_back(base_ + rest);
  }
  return filters;
}

std::vector<std::string> Topics::all_retained() const {
  std::vector<std::string> filters;
  for (const char* rest :
       {"areas", "floors", "labels", "index/+", "device/+", "entity/+/+", "state/+/+", "view/#"}) {
    filters.push_back(base_ + rest);
  }
  return filters;
}

std::string Topics::below_announcements(std::string_view prefix) const {
  return std::string(prefix) + "/+/" + instance_ + "/#";
}

std::string Topics::announcement_probe(std::string_view prefix) const {
  return std::string(prefix) + "/sensor/" + instance_ + "/statebus-" + instance_ + "-probe/probe";
}

std::string Topics::all_announcements(std::string_view prefix) const {
  return std::string(prefix) + "/+/" + instance_ + "/+/config";
}

std::optional<TopicParts> Topics::parse(std::string_view topic) const {
  if (!skip(topic, root_) || !skip(topic, "/")) return std::nullopt;
  TopicParts parts;
  // No topic of ours has an empty level.
  const bool has_empty_level = topic.ends_with('/') || topic.find("//") != std::string_view::npos;
  parts.instance = next_level(topic);
  if (!valid_instance(parts.instance)) return std::nullopt;
  if (!has_empty_level) parse_below_instance(topic, parts);
  return parts;
}

std::optional<TopicParts> Topics::parse_announcement(std::string_view prefix,
                                                     std::string_view topic) const {
  if (!skip(topic, prefix) || !skip(topic, "/")) return std::nullopt;
  TopicParts parts;
  parts.kind = Kind::announcement;
  parts.domain = next_level(topic);
  parts.instance = next_level(topic);
  parts.object = next_level(topic);
  if (parts.instance != instance_ || topic != "config") return std::nullopt;
  if (parts.object.empty() || parts.domain.empty()) return std::nullopt;
  return parts;
}

}  // namespace discovery
