#include "tests/scripted_ha/service_table.hpp"

#include <algorithm>

namespace scripted_ha {
namespace {

constexpr std::string_view target_fields = "entity_id device_id area_id floor_id label_id";

/// Calls `use` with each word until it returns true, and tells whether it did.
template <typename Use>
bool any_word(std::string_view words, Use use) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (end > 0 && use(words.substr(0, end))) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

bool has_word(std::string_view words, std::string_view word) {
  return any_word(words, [&](std::string_view each) { return each == word; });
}

const Service* find_service(std::string_view domain, std::string_view name) {
  for (const auto& part : {toggle_services(), light_services(), value_services(), motion_services(),
                           climate_services()}) {
    const auto found = std::find_if(part.begin(), part.end(), [&](const Service& service) {
      return service.name == name && has_word(service.domains, domain);
    });
    if (found != part.end()) return &*found;
  }
  return nullptr;
}

std::optional<std::string> field_problem(const Service& service, const Json& data,
                                         bool voluptuous) {
  std::string missing;
  any_word(service.fields, [&](std::string_view field) {
    if (field.back() != '*') return false;
    missing = field.substr(0, field.size() - 1);
    return !data.contains(missing);
  });
  if (!missing.empty() && !data.contains(missing)) {
    return voluptuous ? "required key not provided @ data['" + missing + "']"
                      : "required key not provided at '" + missing + "'";
  }
  for (const auto& item : data.items()) {
    if (has_word(target_fields, item.key()) || has_word(service.fields, item.key()) ||
        has_word(service.fields, item.key() + "*")) {
      continue;
    }
    return voluptuous ? "extra keys not allowed @ data['" + item.key() + "']"
                      : "not a valid option at '" + item.key() + "'";
  }
  return std::nullopt;
}

ServiceError invalid(const std::string& message, const std::string& key, const std::string& domain,
                     const Json& placeholders) {
  return {"service_validation_error", "Validation error: " + message,
          Json{{"translation_key", key},
               {"translation_placeholders", placeholders},
               {"translation_domain", domain}}};
}

std::optional<ServiceError> check_choice(const Action& action, std::string_view list,
                                         const Json& value) {
  const Json& choices = action.attribute(list);
  if (!choices.is_array()) return std::nullopt;
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return std::nullopt;
  std::string named;
  for (const Json& choice : choices) {
    if (!named.empty()) named += ", ";
    named += choice.is_string() ? choice.get<std::string>() : to_text(choice);
  }
  const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
  const std::string domain = action.entity_id.substr(0, action.entity_id.find('.'));
  const std::string sentence = action.house.since(2024, 4)
                                   ? "entity " + action.entity_id + ", valid options are: " + named
                                   : action.entity_id;
  return invalid("Option " + text + " is not valid for " + sentence, "not_valid_option", domain,
                 {{"entity_id", action.entity_id}, {"option", text}, {"options", named}});
}

}  // namespace scripted_ha
