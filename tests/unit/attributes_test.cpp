#include "discovery/attributes.hpp"

#include <doctest/doctest.h>

using namespace discovery;

TEST_CASE("Attributes stand sorted, whatever the order in which they came") {
  Attributes attributes;
  for (const char* name : {"b", "", "ü", "a", "B"}) attributes.set(name, "1");
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes) names.push_back(attribute.name);
  CHECK(names == std::vector<std::string>{"", "B", "a", "b", "ü"});
}

TEST_CASE("An attribute's JSON is kept as it was written") {
  Attributes attributes;
  attributes.set("temperature", "21.40");
  REQUIRE(attributes.find("temperature") != nullptr);
  CHECK(*attributes.find("temperature") == "21.40");
  CHECK(attributes.find("temp") == nullptr);
  CHECK(attributes.find("temperatures") == nullptr);
}

TEST_CASE("Setting tells whether something changed") {
  Attributes attributes;
  CHECK(attributes.set("a", "0"));
  CHECK_FALSE(attributes.set("a", "0"));
  CHECK(attributes.set("a", "0.0"));
  CHECK(attributes.set("a", "null"));
  CHECK(attributes.size() == 1);
}

TEST_CASE("Erasing tells whether there was something") {
  Attributes attributes;
  attributes.set("a", "1");
  attributes.set("b", "2");
  CHECK(attributes.erase("a"));
  CHECK_FALSE(attributes.erase("a"));
  CHECK_FALSE(attributes.has("a"));
  CHECK(attributes.has("b"));
}

TEST_CASE("Only null is no value; false, 0 and the empty text are") {
  Attributes attributes;
  for (const char* json : {"false", "0", "\"\"", "[]", "{}"}) {
    attributes.set("a", json);
    CAPTURE(json);
    CHECK(attributes.has_value("a"));
  }
  attributes.set("a", "null");
  CHECK(attributes.has("a"));
  CHECK_FALSE(attributes.has_value("a"));
  CHECK_FALSE(attributes.has_value("b"));
}
