// Lights: the json schema of MQTT lights, the only one that carries every colour mode, effects and
// transition in one message. Its words are fixed, so that a view is published beside the document
// and commands come in a slot. Colour temperatures are in kelvin, or in mireds before 2025.2.
#include <array>
#include <charconv>
#include <cmath>

#include "discovery/domains.hpp"

namespace discovery {
namespace {

// LightEntityFeature, home-assistant/core components/light.
constexpr std::uint32_t has_effects = 4, flashes = 8, fades = 32;

constexpr std::string_view kelvin = "kelvin";
constexpr std::string_view mireds = "mireds";

std::string_view view_slot(const Consumer& consumer) {
  return consumer.version >= since::kelvin ? kelvin : mireds;
}

/// Whether any colour mode but plain on and off is supported. Main must then leave colours
/// unscaled.
Json has_brightness(const Facts& facts) {
  const Json modes = facts.entity.value("supported_color_modes");
  return modes.is_array() && !modes.empty() && modes != Json::array({"onoff"});
}

/// Lights of integrations that name no mode, or only `unknown`, can be turned on and off.
Json color_modes(const Facts& facts) {
  const Json modes = facts.entity.value("supported_color_modes");
  const bool named = modes.is_array() && !modes.empty() && modes != Json::array({"unknown"});
  return named ? modes : Json::array({"onoff"});
}

Json effects(const Facts& facts) {
  const Json list = facts.entity.value("effect_list");
  return (facts.entity.features() & has_effects) != 0 && list.is_array() && !list.empty();
}

/// Home Assistant's own conversion, which rounds down.
Json mireds_of(const Facts& facts, std::string_view capability) {
  const Json value = facts.entity.value(capability);
  if (!value.is_number() || value.get<double>() <= 0) return nullptr;
  return static_cast<int>(std::floor(1'000'000.0 / value.get<double>()));
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
    {"min_kelvin", capability("min_color_temp_kelvin"), in_kelvin},
    {"max_kelvin", capability("max_color_temp_kelvin"), in_kelvin},
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
  const auto read = std::from_chars(json.data(), json.data() + json.size(), value);
  if (read.ec != std::errc{} || value <= 0) return;
  out += R"(,"color_temp":)";
  out += slot == kelvin ? json : std::to_string(static_cast<int>(std::floor(1'000'000.0 / value)));
}

/// What main's light reads:
/// {"state":"ON","brightness":180,"color_mode":"hs","color":{"h":345,"s":75}}.
std::string make_view(std::string_view slot, const State& state) {
  if (state.value == "off") return R"({"state":"OFF"})";
  if (state.value != "on") return R"({"state":null})";
  const Attributes& attributes = state.attributes;
  std::string out = R"({"state":"ON")";
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
  return out += '}';
}

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
std::optional<SlotCall> translate(std::string_view slot, const Json& payload) {
  const auto state = payload.find("state");
  if (state == payload.end() || (*state != "ON" && *state != "OFF")) return std::nullopt;
  SlotCall call{.service = *state == "ON" ? "turn_on" : "turn_off"};
  for (const std::string_view key : {"brightness", "effect", "white", "transition"}) {
    if (payload.contains(key)) call.data[std::string(key)] = payload.at(std::string(key));
  }
  if (const auto color = payload.find("color"); color != payload.end() && color->is_object()) {
    read_color(*color, call.data);
  }
  if (const auto temperature = payload.find("color_temp");
      temperature != payload.end() && temperature->is_number() && *temperature > 0) {
    const double value = temperature->get<double>();
    call.data["color_temp_kelvin"] =
        static_cast<int>(slot == kelvin ? std::lround(value) : std::floor(1'000'000.0 / value));
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
                       .view_slot = view_slot,
                       .make_view = make_view,
                       .translate = translate};

static_assert(checked(light) && known(light));

}  // namespace discovery::kinds
