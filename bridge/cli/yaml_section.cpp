#include "bridge/cli/yaml_section.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "bridge/cli/secret.hpp"

namespace bridge::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + ",") {
    if (c != ',') {
      if (!part.empty() || c != ' ') part += c;
      continue;
    }
    if (!part.empty()) parts.push_back(std::exchange(part, {}));
  }
  return parts;
}

/// `source` is the file or the variable that `load` reads.
template <typename Load>
YAML::Node loaded(const std::string& source, Load load) {
  try {
    return load();
  } catch (const YAML::ParserException& fault) {
    throw ConfigError(fmt::format("{}:{}:{}: this is no valid YAML: {}", source,
                                  fault.mark.line + 1, fault.mark.column + 1, fault.msg));
  }
}

}  // namespace

Section::Section(const YAML::Node& node, std::string path, std::string file, Variables variables)
    : node_(node),
      path_(std::move(path)),
      file_(std::move(file)),
      variables_(std::move(variables)) {
  if (!node_.IsMap() && !node_.IsNull()) {
    throw ConfigError(fmt::format("{}: {} must be a mapping of keys to values", where(node_),
                                  path_.empty() ? "the file" : path_));
  }
}

Section Section::of_file(const std::string& file) {
  auto variables = std::make_shared<std::set<std::string>>();
  if (file.empty()) return {YAML::Node(YAML::NodeType::Map), "", "(no file)", variables};
  try {
    return {loaded(file, [&] { return YAML::LoadFile(file); }), "", file, variables};
  } catch (const YAML::BadFile&) {
    throw ConfigError(
        fmt::format("{}: cannot be read; name the configuration file with -c FILE or "
                    "STATEBUS_CONFIG",
                    file));
  }
}

std::string Section::path_of(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

std::string Section::where(const YAML::Node& node) const {
  const YAML::Mark mark = node.Mark();
  if (mark.line < 0) return file_;
  return fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1);
}

bool Section::has(const std::string& key) const {
  return node_.IsMap() && node_[key].IsDefined() && !node_[key].IsNull();
}

void Section::fail(const std::string& key, const std::string& problem) const {
  const bool in_file = node_.IsMap() && node_[key].IsDefined();
  const std::string place = variable(key) != nullptr ? "environment variable " + variable_of(key)
                            : in_file                ? where(node_[key])
                                                     : where(node_);
  throw ConfigError(fmt::format("{}: {} {}", place, path_of(key), problem));
}

void Section::fail(const std::string& key, std::size_t entry, const std::string& problem) const {
  if (variable(key) != nullptr || !has(key) || !node_[key].IsSequence()) fail(key, problem);
  throw ConfigError(fmt::format("{}: {} {}", where(node_[key][entry]), path_of(key), problem));
}

std::string Section::variable_of(const std::string& key) const {
  std::string name = "STATEBUS_" + path_of(key);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '.' ? '_' : std::toupper(c); });
  return name;
}

const char* Section::variable(const std::string& key) const {
  if (variables_ == nullptr) return nullptr;
  const std::string name = variable_of(key);
  variables_->insert(name);
  return std::getenv(name.c_str());
}

std::string Section::scalar(const std::string& key, bool& found) {
  known_.push_back(key);
  if (const char* value = variable(key)) {
    found = true;
    return value;
  }
  found = has(key);
  if (!found) return {};
  if (!node_[key].IsScalar()) fail(key, "must be a single value");
  return node_[key].Scalar();
}

void Section::text(const std::string& key, std::string& target) {
  bool found = false;
  std::string value = scalar(key, found);
  if (found) target = std::move(value);
}

void Section::texts(const std::string& key, std::vector<std::string>& target) {
  if (variable(key) == nullptr && has(key) && node_[key].IsSequence()) {
    known_.push_back(key);
    target.clear();
    for (const YAML::Node& item : node_[key]) {
      if (!item.IsScalar()) fail(key, "must be a list of texts");
      target.push_back(item.Scalar());
    }
    return;
  }
  bool found = false;
  const std::string value = scalar(key, found);
  if (found) target = split_at_commas(value);
}

void Section::flag(const std::string& key, bool& target) {
  bool found = false;
  const std::string value = scalar(key, found);
  if (!found) return;
  if (value != "true" && value != "false")
    fail(key, fmt::format("is '{}'; it must be true or false", value));
  target = value == "true";
}

void Section::number(const std::string& key, int& target, int least, int most) {
  bool found = false;
  const std::string value = scalar(key, found);
  if (!found) return;
  int number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < least || number > most) {
    fail(key, fmt::format("is '{}'; it must be a number from {} to {}", value, least, most));
  }
  target = number;
}

void Section::duration(const std::string& key, std::chrono::milliseconds& target) {
  bool found = false;
  const std::string value = scalar(key, found);
  if (!found) return;
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  const std::string unit(read.ptr, end);
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                                            : 0;
  if (read.ec != std::errc{} || factor == 0 || number <= 0 || number > 1'000'000) {
    fail(key,
         fmt::format("is '{}'; it must be a number with its unit, such as 500ms, 10s, 2m or 1h",
                     value));
  }
  target = std::chrono::milliseconds(number * factor);
}

void Section::file(const std::string& key, std::string& target) {
  bool found = false;
  const std::string value = scalar(key, found);
  if (!found || value.empty()) return;
  try {
    target = named_file(value, file_);
  } catch (const SecretError& fault) {
    fail(key, fmt::format("names {}", fault.what()));
  }
}

void Section::choice(const std::string& key, std::string& target,
                     const std::vector<std::string>& words) {
  bool found = false;
  const std::string value = scalar(key, found);
  if (!found) return;
  if (std::find(words.begin(), words.end(), value) == words.end()) {
    fail(key, fmt::format("is '{}'; it must be one of {}", value, joined(words)));
  }
  target = value;
}

void Section::section(const std::string& key, const std::function<void(Section&)>& read) {
  known_.push_back(key);
  // Without the key in the file, its values may still come from the environment.
  Section inner(has(key) ? node_[key] : YAML::Node(YAML::NodeType::Map), path_of(key), file_,
                variables_);
  read(inner);
  inner.done();
}

void Section::section_or_false(const std::string& key, const std::function<void(Section&)>& read) {
  const bool is_false = has(key) && node_[key].IsScalar() && node_[key].Scalar() == "false";
  if (is_false) return known_.push_back(key);
  section(key, read);
}

void Section::sections(const std::string& key, const std::function<void(Section&)>& read) {
  known_.push_back(key);
  const char* const text = variable(key);
  const YAML::Node list = text != nullptr
                              ? loaded(variable_of(key), [&] { return YAML::Load(text); })
                          : has(key) ? node_[key]
                                     : YAML::Node();
  if (list.IsNull()) return;
  if (!list.IsSequence()) fail(key, "must be a list; begin each entry with '- '");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Section inner(list[i], fmt::format("{}[{}]", path_of(key), i),
                  text != nullptr ? variable_of(key) : file_, nullptr);
    read(inner);
    inner.done();
  }
}

void Section::only(std::vector<std::string> keys) {
  known_ = std::move(keys);
  done();
}

void Section::done() const {
  if (!node_.IsMap()) return;
  std::set<std::string> keys;
  for (const auto& entry : node_) {
    const std::string key = entry.first.Scalar();
    if (!keys.insert(key).second) {
      throw ConfigError(fmt::format("{}: {} stands there twice; keep one of them",
                                    where(entry.first), path_of(key)));
    }
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string near = nearest(key, known_);
    throw ConfigError(fmt::format(
        "{}: there is no key '{}'; {}", where(entry.first), path_of(key),
        near.empty() ? "known here are " + joined(known_) : "did you mean '" + near + "'?"));
  }
}

void Section::environment_done(const std::string& start,
                               const std::function<bool(const std::string&)>& is_other) const {
  const std::vector<std::string> known(variables_->begin(), variables_->end());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    if (!name.starts_with(start) || variables_->contains(name) || is_other(name)) continue;
    const std::string near = nearest(name, known);
    throw ConfigError(fmt::format(
        "environment variable {}: there is no such key; {}", name,
        near.empty() ? "docs/configuration.md names them all" : "did you mean " + near + "?"));
  }
}

}  // namespace bridge::cli
