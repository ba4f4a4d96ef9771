// Lights: the json schema of MQTT lights, the only one that carries every colour mode, effects and
// transition in one message. Its words are fixed, so that a view is published beside the document
// and commands come in a slot. Colour temperatures are in kelvin, or in mireds before 2025.2.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "discovery/domain_checks.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

// LightEntityFeature, home-assistant/core components/light.
constexpr std::uint32_t has_effects = 4, flashes = 8, fades = 32;

constexpr std::string_view kelvin = "kelvin";
constexpr std::string_view mireds = "mireds";

/// The modes that main accepts together: no words that it does not know, and neither `onoff` nor
/// `brightness` beside a mode that says more. (Home Assistant's filter_supported_color_modes.)
Json color_modes(const Facts& facts) {
  constexpr std::string_view words[] = {"onoff", "brightness", "color_temp", "hs",   "xy",
                                        "rgb",   "rgbw",       "rgbww",      "white"};
  const Json told = facts.entity.value("supported_color_modes");
  Json modes = Json::array();
  for (const std::string_view mode : words) {
    const bool has = told.is_array() && std::find(told.begin(), told.end(), mode) != told.end();
    if (!has) continue;
    if (modes == Json::array({"onoff"}) || modes == Json::array({"brightness"})) modes.clear();
    modes.push_back(mode);
  }
  // White is a way to leave colours, and none by itself or beside white temperatures alone.
  if (modes == Json::array({"white"})) modes = Json::array({"brightness"});
  if (modes == Json::array({"color_temp", "white"})) modes.erase(1);
  return modes.empty() ? Json::array({"onoff"}) : modes;
}

/// Whether any mode but plain on and off is supported. Main must then leave colours unscaled.
Json has_brightness(const Facts& facts) { return color_modes(facts) != Json::array({"onoff"}); }

Json effects(const Facts& facts) {
  const Json list = facts.entity.value("effect_list");
  return (facts.entity.features() & has_effects) != 0 && list.is_array() && !list.empty();
}

/// Home Assistant's own conversion between kelvin and mireds, either way, which rounds down;
/// nothing for what no colour temperature can be.
std::optional<int> converted(double value) {
  if (!(value >= 1 && value <= 1'000'000)) return std::nullopt;
  return static_cast<int>(std::floor(1'000'000.0 / value));
}

Json mireds_of(const Facts& facts, std::string_view capability) {
  const Json value = facts.entity.value(capability);
  const auto mireds_value = value.is_number() ? converted(value.get<double>()) : std::nullopt;
  return mireds_value ? Json(*mireds_value) : Json();
}

Json kelvin_of(const Facts& facts, std::string_view capability) {
  const Json value = facts.entity.value(capability);
  return value.is_number() && converted(value.get<double>()) ? value : Json();
}

constexpr When in_kelvin{.capability = "min_color_temp_kelvin", .since = since::kelvin};
constexpr When in_mireds{.capability = "min_color_temp_kelvin", .before = since::kelvin};

// https://www.home-assistant.io/integrations/light.mqtt/#json-schema
constexpr Field fields[] = {
    {"schema", text("json")},
    {"state_topic", view(kelvin), {.since = since::kelvin}},
    {"state_topic", view(mireds), {.before = since::kelvin}},
    {"command_topic", commands(kelvin), {.since = since::kelvin}},
    {"command_topic", commands(mireds), {.before = since::kelvin}},
    {"supported_color_modes", made(color_modes)},
    {"color_mode", flag(true), {.before = since::color_mode_implied}},
    {"brightness", made(has_brightness)},
    {"color_temp_kelvin", flag(true), {.since = since::kelvin}},
    {"min_kelvin", made([](const Facts& f) { return kelvin_of(f, "min_color_temp_kelvin"); }),
     in_kelvin},
    {"max_kelvin", made([](const Facts& f) { return kelvin_of(f, "max_color_temp_kelvin"); }),
     in_kelvin},
    {"min_mireds", made([](const Facts& f) { return mireds_of(f, "max_color_temp_kelvin"); }),
     in_mireds},
    {"max_mireds", made([](const Facts& f) { return mireds_of(f, "min_color_temp_kelvin"); }),
     in_mireds},
    {"effect", made(effects)},
    {"effect_list",
     capability("effect_list"),
     {.features = has_effects, .capability = "effect_list"}},
    {"flash", supports(flashes)},
    {"transition", supports(fades)},
    {"optimistic", flag(true), {.capability = "assumed_state"}},
};
constexpr std::string_view capabilities[] = {"effect_list", "max_color_temp_kelvin",
                                             "min_color_temp_kelvin", "supported_color_modes"};
constexpr Command commands_of[] = {
    {"turn_on", kelvin}, {"turn_off", kelvin}, {"turn_on", mireds}, {"turn_off", mireds}};

/// The numbers of a JSON array of numbers, as text; fewer when it is something else.
std::array<std::string_view, 5> numbers_of(std::string_view json) {
  std::array<std::string_view, 5> numbers{};
  std::size_t count = 0;
  std::size_t start = 1;
  while (start < json.size() && count < numbers.size()) {
    const std::size_t end = json.find_first_of(",]", start);
    if (end == std::string_view::npos) break;
    std::string_view item = json.substr(start, end - start);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    numbers[count++] = item;
    start = end + 1;
  }
  return numbers;
}

/// How the json schema names the parts of a colour, by the mode that it is in.
struct ColorForm {
  std::string_view mode;
  std::string_view attribute;
  std::array<std::string_view, 5> keys;
};
constexpr ColorForm color_forms[] = {
    {"hs", "hs_color", {"h", "s"}},
    {"xy", "xy_color", {"x", "y"}},
    {"rgb", "rgb_color", {"r", "g", "b"}},
    {"rgbw", "rgbw_color", {"r", "g", "b", "w"}},
    {"rgbww", "rgbww_color", {"r", "g", "b", "c", "w"}},
};

void append_color(std::string& out, const ColorForm& form, const std::string& json) {
  const auto numbers = numbers_of(json);
  out += R"(,"color":{)";
  for (std::size_t i = 0; i < form.keys.size() && !form.keys[i].empty(); ++i) {
    if (i > 0) out += ',';
    ((out += '"') += form.keys[i]) += "\":";
    out += numbers[i].empty() ? std::string_view("0") : numbers[i];
  }
  out += '}';
}

void append_color_temp(std::string& out, std::string_view slot, const std::string& json) {
  double value = 0;
  std::from_chars(json.data(), json.data() + json.size(), value);
  const std::optional<int> mireds_value = converted(value);
  if (!mireds_value) return;
  out += R"(,"color_temp":)";
  out += slot == kelvin ? json : std::to_string(*mireds_value);
}

/// What main's light reads:
/// {"state":"ON","brightness":180,"color_mode":"hs","color":{"h":345,"s":75}}.
void append_view(std::string& out, std::string_view slot, const State& state) {
  if (state.value != "on") {
    out += state.value == "off" ? R"({"state":"OFF"})" : R"({"state":null})";
    return;
  }
  const Attributes& attributes = state.attributes;
  out += R"({"state":"ON")";
  if (attributes.has_value("brightness"))
    out += R"(,"brightness":)" + *attributes.find("brightness");
  if (const std::string* effect = attributes.find("effect")) out += R"(,"effect":)" + *effect;
  const std::string* quoted_mode = attributes.find("color_mode");
  const std::string mode = quoted_mode == nullptr ? "" : string_of_json(*quoted_mode).value_or("");
  const std::string* temperature = attributes.find("color_temp_kelvin");
  if (mode == "color_temp" && temperature != nullptr && *temperature != "null") {
    out += R"(,"color_mode":"color_temp")";
    append_color_temp(out, slot, *temperature);
  } else if (mode == "white") {
    out += R"(,"color_mode":"white")";
  }
  for (const ColorForm& form : color_forms) {
    if (mode != form.mode || !attributes.has_value(form.attribute)) continue;
    out += R"(,"color_mode":)" + *quoted_mode;
    append_color(out, form, *attributes.find(form.attribute));
  }
  out += '}';
}
constexpr View views[] = {{.slot = kelvin, .append = append_view},
                          {.slot = mireds, .append = append_view}};

/// The colour of a command: the form whose keys are exactly those that main sent.
void read_color(const Json& color, Json& data) {
  for (const ColorForm& form : color_forms) {
    Json values = Json::array();
    for (const std::string_view key : form.keys) {
      if (!key.empty() && color.contains(key)) values.push_back(color.at(std::string(key)));
    }
    const auto count = static_cast<std::size_t>(
        std::count_if(form.keys.begin(), form.keys.end(), [](auto key) { return !key.empty(); }));
    if (values.size() == count && color.size() == count) data[std::string(form.attribute)] = values;
  }
}

/// Reads {"state":"ON","brightness":120,"color":{"h":30,"s":70},"transition":2}.
std::optional<SlotCall> translate(std::string_view slot, std::string_view text) {
  const Json payload = parse_json(text, text.size()).value_or(nullptr);
  if (!payload.is_object()) return std::nullopt;
  const auto state = payload.find("state");
  if (state == payload.end() || (*state != "ON" && *state != "OFF")) return std::nullopt;
  SlotCall call{.service = *state == "ON" ? "turn_on" : "turn_off"};
  for (const std::string_view key : {"brightness", "effect", "white", "transition"}) {
    const auto value = payload.find(key);
    if (value != payload.end() && !value->is_null()) call.data[std::string(key)] = *value;
  }
  if (const auto color = payload.find("color"); color != payload.end() && color->is_object()) {
    read_color(*color, call.data);
  }
  if (const auto temperature = payload.find("color_temp");
      temperature != payload.end() && temperature->is_number()) {
    const double value = temperature->get<double>();
    const std::optional<int> other = converted(value);
    if (other) call.data["color_temp_kelvin"] = slot == kelvin ? static_cast<int>(value) : *other;
  }
  // Main sends its flash times in seconds, by default 2 and 10.
  if (const auto flash = payload.find("flash"); flash != payload.end() && flash->is_number()) {
    call.data["flash"] = *flash > 2 ? "long" : "short";
  }
  return call;
}

}  // namespace

}  // namespace discovery

namespace discovery::kinds {

constexpr Domain light{.name = "light",
                       .component = "light",
                       .fields = fields,
                       .commands = commands_of,
                       .capabilities = capabilities,
                       .views = views,
                       .translate = translate};

static_assert(checked(light) && known(light));

}  // namespace discovery::kinds
