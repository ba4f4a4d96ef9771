// Dates, times and both together, with their helper. Main has kinds for them since 2026.5; before,
// they are texts in the form that Home Assistant writes.
#include <array>

#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"
#include "discovery/domains/common.hpp"

namespace discovery {
namespace {

constexpr std::string_view iso = "value.isoformat()";

/// The fields of a kind whose state is set by one argument of one service.
/// https://www.home-assistant.io/integrations/date.mqtt/, time.mqtt/, datetime.mqtt/
constexpr std::array<Field, 4> settable(std::string_view service, std::string_view argument,
                                        std::string_view expression, Value value = state()) {
  return {{{"state_topic", document()},
           {"value_template", value},
           {"command_topic", commands()},
           {"command_template", call_with(service, argument, expression)}}};
}

/// The same as a text, whose form main checks before it asks.
constexpr std::array<Field, 5> written(std::string_view service, std::string_view argument,
                                       std::string_view pattern) {
  return {{{"state_topic", document()},
           {"value_template", state()},
           {"command_topic", commands()},
           {"command_template", call_with(service, argument)},
           {"pattern", text(pattern)}}};
}

constexpr std::string_view date_form = R"(^\d{4}-\d{2}-\d{2}$)";
constexpr std::string_view time_form = R"(^\d{2}:\d{2}(:\d{2})?$)";
constexpr std::string_view moment_form = R"(^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}.*)?$)";

/// The helper's state is in the source's own time zone, which main may not share. The bounds are
/// within the years that Python has.
Json helper_moment(const Facts&) {
  return "{% set t = value_json['attributes'].get('timestamp') if value_json is defined else none "
         "%}{{ t | timestamp_utc if t is number and -60000000000 < t < 250000000000 else 'None' }}";
}

constexpr Command set_value[] = {{"set_value"}};
constexpr Command set_datetime[] = {{"set_datetime"}};
constexpr std::string_view parts[] = {"has_date", "has_time"};

constexpr auto date_fields = settable("set_value", "date", iso);
constexpr auto time_fields = settable("set_value", "time", iso);
constexpr auto datetime_fields = settable("set_value", "datetime", iso);
constexpr auto date_text_fields = written("set_value", "date", date_form);
constexpr auto time_text_fields = written("set_value", "time", time_form);
constexpr auto datetime_text_fields = written("set_value", "datetime", moment_form);
constexpr auto helper_date_fields = settable("set_datetime", "date", iso);
constexpr auto helper_time_fields = settable("set_datetime", "time", iso);
constexpr auto helper_fields =
    settable("set_datetime", "timestamp", "value.timestamp()", made(helper_moment));
constexpr auto helper_date_text_fields = written("set_datetime", "date", date_form);
constexpr auto helper_time_text_fields = written("set_datetime", "time", time_form);
constexpr auto helper_text_fields = written("set_datetime", "datetime", moment_form);

constexpr Domain as_text(std::string_view name, std::span<const Field> fields,
                         std::span<const Command> asked) {
  return {.name = name,
          .component = "text",
          .fields = fields,
          .commands = asked,
          .unknown = never_unknown};
}
constexpr Domain as_helper(std::string_view component, std::span<const Field> fields) {
  return {
      .name = "input_datetime", .component = component, .fields = fields, .commands = set_datetime};
}

constexpr Domain date_text = as_text("date", date_text_fields, set_value);
constexpr Domain time_text = as_text("time", time_text_fields, set_value);
constexpr Domain datetime_text = as_text("datetime", datetime_text_fields, set_value);
constexpr Domain helper_date = as_helper("date", helper_date_fields);
constexpr Domain helper_time = as_helper("time", helper_time_fields);
constexpr Domain helper_date_text =
    as_text("input_datetime", helper_date_text_fields, set_datetime);
constexpr Domain helper_time_text =
    as_text("input_datetime", helper_time_text_fields, set_datetime);
constexpr Domain helper_text = as_text("input_datetime", helper_text_fields, set_datetime);

bool has_moments(const Consumer& consumer) { return consumer.version >= since::moments; }

const Domain& form_of_date(const Description&, const Consumer& consumer) {
  return has_moments(consumer) ? kinds::date : date_text;
}
const Domain& form_of_time(const Description&, const Consumer& consumer) {
  return has_moments(consumer) ? kinds::time : time_text;
}
const Domain& form_of_datetime(const Description&, const Consumer& consumer) {
  return has_moments(consumer) ? kinds::datetime : datetime_text;
}
const Domain& form_of_helper(const Description& entity, const Consumer& consumer) {
  const bool modern = has_moments(consumer);
  if (entity.value("has_time") == false) return modern ? helper_date : helper_date_text;
  if (entity.value("has_date") == false) return modern ? helper_time : helper_time_text;
  return modern ? kinds::input_datetime : helper_text;
}

constexpr Domain moment(std::string_view name, std::span<const Field> fields,
                        const Domain& (*form)(const Description&, const Consumer&)) {
  return {.name = name, .component = name, .fields = fields, .commands = set_value, .form = form};
}

}  // namespace
}  // namespace discovery

namespace discovery::kinds {

constexpr Domain date = moment("date", date_fields, form_of_date);
constexpr Domain time = moment("time", time_fields, form_of_time);
constexpr Domain datetime = moment("datetime", datetime_fields, form_of_datetime);
constexpr Domain input_datetime{.name = "input_datetime",
                                .component = "datetime",
                                .fields = helper_fields,
                                .commands = set_datetime,
                                .capabilities = parts,
                                .needs = parts,
                                .form = form_of_helper};

static_assert(checked(date) && checked(date_text) && covers(date, date_text));
static_assert(checked(input_datetime) && checked(helper_date) && checked(helper_text));
static_assert(covers(input_datetime, helper_date) && covers(input_datetime, helper_text));

}  // namespace discovery::kinds
