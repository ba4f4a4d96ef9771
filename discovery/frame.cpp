#include "discovery/frame.hpp"

#include "discovery/simdjson.hpp"

namespace discovery {
namespace {

namespace ondemand = simdjson::ondemand;

std::string text_of(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

simdjson::error_code read_error(ondemand::value value, HaMessage& message) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return error;
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    ondemand::value text;
    if (const auto error = field.value().get(text)) return error;
    if (key == "code") message.error_code = text_of(text);
    if (key == "message") message.error_text = text_of(text);
  }
  return simdjson::SUCCESS;
}

simdjson::error_code read_field(std::string_view key, ondemand::value value, HaMessage& message) {
  if (key == "id") return value.get_int64().get(message.id);
  if (key == "type") {
    // The type is one of a few words without escapes, so the view may point into the frame.
    std::string_view raw = value.raw_json_token();
    while (!raw.empty() && raw.back() != '"') raw.remove_suffix(1);
    if (raw.size() < 2) return simdjson::INCORRECT_TYPE;
    message.type = raw.substr(1, raw.size() - 2);
    return simdjson::SUCCESS;
  }
  if (key == "success") return value.get_bool().get(message.success);
  if (key == "event" || key == "result") {
    return simdjson::to_json_string(value).get(message.payload);
  }
  if (key == "error") return read_error(value, message);
  if (key == "message") message.error_text = text_of(value);
  if (key == "ha_version") message.ha_version = text_of(value);
  return simdjson::SUCCESS;
}

simdjson::error_code read_message(ondemand::object object, std::vector<HaMessage>& out) {
  HaMessage message;
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    ondemand::value value;
    if (const auto error = field.value().get(value)) return error;
    if (const auto error = read_field(key, value, message)) return error;
  }
  out.push_back(std::move(message));
  return simdjson::SUCCESS;
}

simdjson::error_code read_array(ondemand::array array, std::vector<HaMessage>& out) {
  for (auto element : array) {
    ondemand::object object;
    if (const auto error = element.get_object().get(object)) return error;
    if (const auto error = read_message(object, out)) return error;
  }
  return simdjson::SUCCESS;
}

/// Nothing is behind the frame's one value.
bool is_at_end(ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace

struct FrameReader::Parser {
  ondemand::parser parser;

  bool read(PaddedJson frame, std::vector<HaMessage>& out) {
    ondemand::document document;
    if (parser.iterate(padded(frame)).get(document) != simdjson::SUCCESS) return false;
    ondemand::json_type type{};
    if (document.type().get(type) != simdjson::SUCCESS) return false;
    if (type == ondemand::json_type::array) {
      ondemand::array array;
      return document.get_array().get(array) == simdjson::SUCCESS &&
             read_array(array, out) == simdjson::SUCCESS && is_at_end(document);
    }
    ondemand::object object;
    return document.get_object().get(object) == simdjson::SUCCESS &&
           read_message(object, out) == simdjson::SUCCESS && is_at_end(document);
  }
};

FrameReader::FrameReader() : parser_(std::make_unique<Parser>()) {}
FrameReader::~FrameReader() = default;

bool FrameReader::read(PaddedJson frame, std::vector<HaMessage>& out) {
  out.clear();
  const bool is_read = parser_->read(frame, out);
  release_if_large(parser_->parser);
  return is_read;
}

}  // namespace discovery
