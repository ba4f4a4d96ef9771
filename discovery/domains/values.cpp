// Kinds whose state is a value that can be set: numbers and texts, with their helpers.
#include <algorithm>
#include <cmath>

#include "discovery/classes.hpp"
#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

/// The range of numbers; both null when an end is missing, since main's own ends may not go with
/// the other one. The largest is made larger than the smallest where the consumer insists on that.
struct Range {
  Json min;
  Json max;
};
Range range_of(const Facts& facts, Json min, Json max) {
  if (!min.is_number() || !max.is_number()) return {};
  const bool equal_is_enough = facts.consumer.version >= since::equal_number_range;
  if (equal_is_enough ? min <= max : min < max) return {std::move(min), std::move(max)};
  const Json step = facts.entity.value("step");
  const double more = step.is_number() && step > 0 ? step.get<double>() : 1.0;
  max = equal_is_enough
            ? min.get<double>()
            : std::max(min.get<double>() + more, std::nextafter(min.get<double>(), HUGE_VAL));
  return {std::move(min), std::move(max)};
}
Range number_range(const Facts& facts) {
  return range_of(facts, facts.entity.value("min"), facts.entity.value("max"));
}

/// Home Assistant takes no step below a thousandth.
Json step(const Facts& facts) {
  const Json step = facts.entity.value("step");
  if (!step.is_number()) return nullptr;
  return step < 0.001 ? Json(0.001) : step;
}

/// A word of `words`, or nothing: main would refuse the entity for another one.
Json one_of(const Facts& facts, std::string_view capability,
            std::initializer_list<std::string_view> words) {
  const std::string word = facts.entity.text(capability);
  return std::find(words.begin(), words.end(), word) == words.end() ? Json() : Json(word);
}

Json number_mode(const Facts& facts) { return one_of(facts, "mode", {"auto", "box", "slider"}); }

Json text_mode(const Facts& facts) { return one_of(facts, "mode", {"text", "password"}); }

/// The lengths of a text. A state has 255 characters at most, and so has a text on main.
Range lengths(const Facts& facts) {
  const auto limited = [&](std::string_view end, double otherwise) {
    const Json length = facts.entity.value(end);
    return static_cast<int>(
        std::clamp(length.is_number() ? length.get<double>() : otherwise, 0.0, 255.0));
  };
  const int max = limited("max", 255);
  return {std::min(limited("min", 0), max), max};
}

// https://www.home-assistant.io/integrations/number.mqtt/
constexpr Field number_fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"command_topic", commands()},
    {"command_template", call_with("set_value", "value")},
    {"min", made([](const Facts& f) { return number_range(f).min; })},
    {"max", made([](const Facts& f) { return number_range(f).max; })},
    {"step", made(step)},
    {"mode", made(number_mode)},
    {"unit_of_measurement", made(unit)},
    {"device_class", made(device_class)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
/// A counter without a limit has no attribute for it, and main's number cannot be without one.
Range counter_range(const Facts& facts) {
  constexpr int limit = 1'000'000'000;
  const Json min = facts.entity.value("minimum");
  const Json max = facts.entity.value("maximum");
  return range_of(facts, min.is_number() ? min : Json(-limit), max.is_number() ? max : Json(limit));
}

constexpr Field counter_fields[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"command_topic", commands()},
    {"command_template", call_with("set_value", "value")},
    {"min", made([](const Facts& f) { return counter_range(f).min; })},
    {"max", made([](const Facts& f) { return counter_range(f).max; })},
    {"step", made(step)},
    {"mode", text("box")},
};
constexpr std::string_view counter_capabilities[] = {"maximum", "minimum", "step"};

constexpr std::string_view number_capabilities[] = {"max", "min", "mode", "step"};

// https://www.home-assistant.io/integrations/text.mqtt/
constexpr Field texts[] = {
    {"state_topic", document()},
    {"value_template", state()},
    {"command_topic", commands()},
    {"command_template", call_with("set_value", "value")},
    {"min", made([](const Facts& f) { return lengths(f).min; }), {.capability = "min"}},
    {"max", made([](const Facts& f) { return lengths(f).max; }), {.capability = "max"}},
    {"mode", made(text_mode)},
    {"pattern", capability("pattern"), {.capability = "pattern"}},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view text_capabilities[] = {"max", "min", "mode", "pattern"};
constexpr Command set_value[] = {{"set_value"}};

constexpr Domain number_kind(std::string_view name) {
  return {.name = name,
          .component = "number",
          .fields = number_fields,
          .commands = set_value,
          .capabilities = number_capabilities};
}

constexpr Domain text_kind(std::string_view name) {
  return {.name = name,
          .component = "text",
          .fields = texts,
          .commands = set_value,
          .capabilities = text_capabilities,
          .unknown = never_unknown};
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain number = number_kind("number");
constexpr Domain input_number = number_kind("input_number");
constexpr Domain counter{.name = "counter",
                         .component = "number",
                         .fields = counter_fields,
                         .commands = set_value,
                         .capabilities = counter_capabilities};
constexpr Domain text = text_kind("text");
constexpr Domain input_text = text_kind("input_text");

static_assert(checked(number) && known(number));
static_assert(checked(counter) && known(counter));
static_assert(checked(text) && known(text));

}  // namespace discovery::kinds
