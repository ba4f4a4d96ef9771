#include "discovery/json.hpp"

#include <doctest/doctest.h>

using namespace discovery;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("A text is written as a JSON string that every reader reads back") {
  CHECK(quoted("") == R"("")");
  CHECK(quoted("it's \"x\" \\ /") == R"("it's \"x\" \\ /")");
  CHECK(quoted("a\nb\tc\rd\be\ff") == R"("a\nb\tc\rd\be\ff")");
  CHECK(quoted(std::string_view("\0\x01\x1f", 3)) == R"("\u0000\u0001\u001f")");
  CHECK(quoted("naïve ☃ 😀 {{ x }}") == R"("naïve ☃ 😀 {{ x }}")");
  CHECK(Json::parse(quoted("\x1b\"\\{{ 'x' }}\x7f")) == "\x1b\"\\{{ 'x' }}\x7f");
}

TEST_CASE("What is appended stands behind what was there") {
  std::string out = "x";
  append_json_string(out, "y");
  CHECK(out == R"(x"y")");
}

TEST_CASE("JSON from outside is read up to its limits of size and depth") {
  CHECK(parse_json("[1]", 3) == Json::array({1}));
  CHECK(parse_json("[1]", 2) == std::nullopt);
  CHECK(parse_json(nested(json_depth_max), 1000).has_value());
  CHECK(parse_json(nested(json_depth_max + 1), 1000) == std::nullopt);
  CHECK(parse_json(std::string(200'000, '['), 1'000'000) == std::nullopt);
}

TEST_CASE("Brackets in texts are no depth") {
  const std::string brackets(100, '[');
  CHECK(parse_json("\"" + brackets + "\"", 1000) == Json(brackets));
  CHECK(parse_json("[\"\\\"" + brackets + "\"]", 1000) == Json::array({"\"" + brackets}));
  CHECK(parse_json("[[\"]]]]\"]," + nested(31) + "]", 1000).has_value());
}

TEST_CASE("What is no JSON is nothing, never an exception") {
  for (const char* text : {"", " ", "{", "[1,]", "nul", "{\"a\":1}x", "'a'", "NaN", "1e999",
                           "\"\xff\"", "\"\xc3\"", "\"\x01\"", "{\"a\" 1}", "// 1"}) {
    CAPTURE(text);
    CHECK(parse_json(text, 100) == std::nullopt);
  }
}

TEST_CASE("The values that are often mistaken for nothing are read as what they are") {
  CHECK(parse_json("null", 10).value() == Json(nullptr));
  CHECK(parse_json("false", 10).value() == Json(false));
  CHECK(parse_json("0", 10).value() == Json(0));
  CHECK(parse_json("\"\"", 10).value() == Json(""));
}

TEST_CASE("Written JSON is compact, sorted, and never throws for bytes that are no UTF-8") {
  CHECK(to_text(Json{{"b", 1}, {"a", nullptr}}) == R"({"a":null,"b":1})");
  CHECK(to_text(Json("ü{{")) == "\"ü{{\"");
  CHECK(to_text(Json("a\xff")) == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("The text at a key is empty where there is none") {
  const Json object{{"a", "x"}, {"b", 7}, {"c", nullptr}};
  CHECK(text_at(object, "a") == "x");
  for (const char* key : {"b", "c", "d"}) CHECK(text_at(object, key).empty());
  CHECK(text_at(Json::array({"a"}), "a").empty());
  CHECK(text_at(Json("a"), "a").empty());
}

TEST_CASE("The text of a JSON string is unescaped") {
  CHECK(string_of_json(R"("")") == "");
  CHECK(string_of_json(R"("caf\u00e9 \"x\" \\")") == "café \"x\" \\");
  CHECK(string_of_json("\"{{ x }}\"") == "{{ x }}");
  for (const char* json : {"", "\"", "null", "0", "[\"a\"]", "\"a", "a\"", "\"\\\"", "\"\\x\""}) {
    CAPTURE(json);
    CHECK(string_of_json(json) == std::nullopt);
  }
}

TEST_CASE("Of a list only the texts count, and what is no list has none") {
  using Texts = std::vector<std::string>;
  CHECK(texts_at({{"a", {"x", 1, nullptr, "y"}}}, "a") == Texts{"x", "y"});
  for (const Json& other : {Json{{"a", "x"}}, Json{{"b", {"x"}}}, Json(), Json::array({"x"})}) {
    CHECK(texts_at(other, "a").empty());
  }
}
