// Services of entities that hold a number, a text or one of some options.
#include <algorithm>
#include <cmath>

#include "tests/scripted_ha/service_table.hpp"

namespace scripted_ha {
namespace {

double number_of(const Json& value, double otherwise) {
  return value.is_number() ? value.get<double>() : otherwise;
}

/// Numbers show as many digits as before: 42.0 stays a fraction, 500 a whole number.
std::string shown_as(const Action& action, double value) {
  const bool helper = action.entity_id.starts_with("input_number.");
  const bool fraction = helper || action.state.value.find('.') != std::string::npos;
  if (!fraction && value == std::floor(value)) return std::to_string(std::llround(value));
  return number_text(value);
}

std::optional<ServiceError> set_number(const Action& action) {
  const double step = number_of(action.attribute("step"), 1);
  const double present = std::strtod(action.state.value.c_str(), nullptr);
  double value = number_of(action.field("value"), 0);
  if (action.service == "increment") value = present + step;
  if (action.service == "decrement") value = present - step;
  const double min = number_of(action.attribute("min"), -HUGE_VAL);
  const double max = number_of(action.attribute("max"), HUGE_VAL);
  if (value < min || value > max) {
    const std::string sentence = "Value " + number_text(value) + " for " + action.entity_id +
                                 " is outside valid range " + number_text(min) + " - " +
                                 number_text(max);
    if (!action.house.since(2024, 4)) return ServiceError{"unknown_error", sentence, {}};
    return invalid(sentence, "out_of_range", "number",
                   {{"value", value},
                    {"entity_id", action.entity_id},
                    {"min_value", number_text(min)},
                    {"max_value", number_text(max)}});
  }
  action.write(shown_as(action, value));
  return std::nullopt;
}

std::optional<ServiceError> set_text(const Action& action) {
  const std::string value = action.field("value").is_string()
                                ? action.field("value").get<std::string>()
                                : to_text(action.field("value"));
  const auto length = static_cast<double>(value.size());
  if (length > number_of(action.attribute("max"), 255)) {
    return ServiceError{"unknown_error",
                        "Value " + value + " for " + action.entity_id +
                            " is too long (maximum length " + to_text(action.attribute("max")) +
                            ")",
                        {}};
  }
  action.write(value);
  return std::nullopt;
}

std::optional<ServiceError> select(const Action& action) {
  const Json& options = action.attribute("options");
  if (action.service == "select_option") {
    const Json& option = action.field("option");
    if (auto error = check_choice(action, "options", option)) return error;
    action.write(option.is_string() ? option.get<std::string>() : to_text(option));
    return std::nullopt;
  }
  if (!options.is_array() || options.empty()) return std::nullopt;
  const auto count = static_cast<std::ptrdiff_t>(options.size());
  std::ptrdiff_t place =
      std::find(options.begin(), options.end(), action.state.value) - options.begin();
  if (action.service == "select_first") place = 0;
  if (action.service == "select_last") place = count - 1;
  if (action.service == "select_next") place = (place + 1) % count;
  if (action.service == "select_previous") place = (place + count - 1) % count;
  action.write(options[static_cast<std::size_t>(place)].get<std::string>());
  return std::nullopt;
}

constexpr Service services[] = {
    {"number input_number", "set_value", "value*", set_number},
    {"input_number", "increment", "", set_number},
    {"input_number", "decrement", "", set_number},
    {"text input_text", "set_value", "value*", set_text},
    {"select input_select", "select_option", "option*", select},
    {"select input_select", "select_first", "", select},
    {"select input_select", "select_last", "", select},
    {"select input_select", "select_next", "cycle", select},
    {"select input_select", "select_previous", "cycle", select},
};

}  // namespace

std::span<const Service> value_services() { return services; }

}  // namespace scripted_ha
