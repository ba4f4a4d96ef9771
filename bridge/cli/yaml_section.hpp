// One mapping of the configuration file, read key by key: types are checked, environment variables
// take precedence, and what nobody asked for is an error that names the nearest key.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace bridge::cli {

/// The configuration cannot be used; the text names file, line and key, and what to do. It ends the
/// start.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Section {
 public:
  /// The whole file, or an empty one when `file` is empty.
  static Section of_file(const std::string& file);

  // Each leaves `target` as it is when neither the file nor the environment has the key.
  void text(const std::string& key, std::string& target);
  void texts(const std::string& key, std::vector<std::string>& target);
  void flag(const std::string& key, bool& target);
  void number(const std::string& key, int& target, int least, int most);
  /// A number with its unit: 500ms, 10s, 2m, 1h.
  void duration(const std::string& key, std::chrono::milliseconds& target);
  /// A path relative to the configuration file, or credential:NAME; the file must be there.
  void file(const std::string& key, std::string& target);
  /// One word of a list.
  void choice(const std::string& key, std::string& target, const std::vector<std::string>& words);

  void section(const std::string& key, const std::function<void(Section&)>& read);
  /// The same; `false` in its place stands for none.
  void section_or_false(const std::string& key, const std::function<void(Section&)>& read);
  /// A list of mappings; in the environment the same as text, YAML or JSON.
  void sections(const std::string& key, const std::function<void(Section&)>& read);

  /// All keys have been asked for: any other is an error.
  void done() const;
  /// The same ahead of reading, so that a misspelt key is told before the one that is missing by
  /// it.
  void only(std::vector<std::string> keys);

  /// All keys have been asked for, in the sections too: any other variable that begins with `start`
  /// is an error, but for those that `is_other` knows.
  void environment_done(const std::string& start,
                        const std::function<bool(const std::string&)>& is_other) const;

  bool has(const std::string& key) const;
  /// Throws a ConfigError about a key of this section, naming the place that its value came from.
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;
  /// The same about one entry of its list, counted from 0.
  [[noreturn]] void fail(const std::string& key, std::size_t entry,
                         const std::string& problem) const;

 private:
  using Variables = std::shared_ptr<std::set<std::string>>;
  Section(const YAML::Node& node, std::string path, std::string file, Variables variables);

  std::string path_of(const std::string& key) const;
  std::string where(const YAML::Node& node) const;
  std::string variable_of(const std::string& key) const;
  /// The value of the key's environment variable; null when it is not set.
  const char* variable(const std::string& key) const;
  /// The key's value from the environment or the file; empty when it is in neither or null.
  std::string scalar(const std::string& key, bool& found);

  YAML::Node node_;
  std::string path_;     // broker.urls
  std::string file_;     // or the variable that holds the text
  Variables variables_;  // of all keys asked for; null where the environment has no say
  std::vector<std::string> known_;
};

/// The one of `words` that needs the fewest changes to become `word`; empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& words);

}  // namespace bridge::cli
