#include "tests/machines/transcript.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace machines {
namespace {

using Json = nlohmann::json;

bool is_message(const Line& line) {
  return line.act == "set" || line.act == "clear" || line.act == "send" || line.act == "call";
}

bool has_level(const std::string& topic, std::string_view level) {
  return topic.find(fmt::format("/{}/", level)) != std::string::npos ||
         topic.ends_with(fmt::format("/{}", level));
}

/// What of a payload a reader of the conversation wants to see.
std::string shown(const Line& line) {
  if (line.act == "call" || line.act == "ask" || has_level(line.what, "status")) return line.text;
  const Json json = Json::parse(line.text, nullptr, false);
  if (!json.is_object()) return "";
  if (has_level(line.what, "state")) return json.value("state", "");
  if (has_level(line.what, "refused")) return json.value("code", "");
  return has_level(line.what, "info") ? json.value("ha_link", "") : "";
}

}  // namespace

void Transcript::add(bridge::Time at, std::string act, std::string what, std::string text) {
  lines_.push_back({at, std::move(act), std::move(what), std::move(text)});
}

void Transcript::say(bridge::Time at, const std::string& heading) {
  part_ = lines_.size();
  add(at, "say", heading);
}

std::vector<Line> Transcript::messages() const {
  std::vector<Line> messages;
  for (std::size_t i = part_; i < lines_.size(); ++i) {
    if (is_message(lines_[i])) messages.push_back(lines_[i]);
  }
  return messages;
}

std::vector<std::string> Transcript::acts() const {
  std::vector<std::string> acts;
  for (const Line& line : messages()) {
    if (has_level(line.what, "index") || has_level(line.what, "heartbeat")) continue;
    acts.push_back(line.act + " " + line.what);
  }
  return acts;
}

std::size_t Transcript::count(std::string_view act, std::string_view beginning) const {
  std::size_t count = 0;
  for (const Line& line : messages()) {
    if (line.act == act && line.what.starts_with(beginning)) ++count;
  }
  return count;
}

std::size_t Transcript::count_asked(std::string_view type) const {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin() + static_cast<std::ptrdiff_t>(part_), lines_.end(),
                    [&](const Line& line) { return line.act == "ask" && line.what == type; }));
}

std::string Transcript::text() const {
  std::string text;
  bridge::Time start{};
  for (const Line& line : lines_) {
    if (has_level(line.what, "heartbeat") || has_level(line.what, "index")) continue;
    if (line.what == "ping") continue;
    if (line.act == "say") {
      start = line.at;
      text += fmt::format("{}# {}\n", text.empty() ? "" : "\n", line.what);
      continue;
    }
    const double seconds = static_cast<double>((line.at - start).count()) / 1000;
    text += fmt::format("{:7.1f}  {} {}", seconds, line.act, line.what);
    const std::string payload = shown(line);
    text += payload.empty() ? "\n" : fmt::format("  {}\n", payload);
  }
  return text;
}

}  // namespace machines
