// The attributes of one entity: sorted pairs of a name and the JSON text that Home Assistant wrote.
//
// The text is kept as it came, so that 21.40 stays 21.40 on the bus and nothing is parsed that
// nobody asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace discovery {

struct Attribute {
  std::string name;  // brightness
  std::string json;  // 180

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

class Attributes {
 public:
  /// The JSON text of an attribute; null when there is none of that name.
  const std::string* find(std::string_view name) const;

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// Whether the attribute is there and is not JSON's null.
  bool has_value(std::string_view name) const;

  /// Adds or replaces one attribute; false when it already had exactly this text.
  bool set(std::string_view name, std::string_view json);

  /// Removes one attribute; false when there was none.
  bool erase(std::string_view name);

  void clear() { sorted_.clear(); }
  /// Gives back what `set` has taken for more to come.
  void shrink_to_fit() { sorted_.shrink_to_fit(); }
  bool empty() const { return sorted_.empty(); }
  std::size_t size() const { return sorted_.size(); }
  auto begin() const { return sorted_.begin(); }
  auto end() const { return sorted_.end(); }

  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Attribute> sorted_;
};

}  // namespace discovery
