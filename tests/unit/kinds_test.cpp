// What must hold for the announcement of every kind, with few and with all of its features.
#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;

namespace {

/// A text of a user, which no template may hold.
constexpr const char* hostile = "it's \"HOSTILE\" {{ x }} {% y %}";

/// What an entity may tell as each capability. A new one wants an example here.
Json example(std::string_view capability) {
  static const std::map<std::string_view, Json> examples{
      {"assumed_state", true},
      {"available_modes", {hostile}},
      {"available_tones", {{"0", hostile}}},
      {"code_arm_required", true},
      {"code_format", "^\\d{4}$"},
      {"device_class", "door"},
      {"effect_list", {hostile, "off"}},
      {"entity_id", {"light.hostile"}},
      {"entity_picture", "https://example.org/HOSTILE"},
      {"event_types", {hostile}},
      {"fan_modes", {hostile, "off"}},
      {"fan_speed_list", {hostile, "off"}},
      {"friendly_name", hostile},
      {"has_date", true},
      {"has_time", true},
      {"hvac_modes", {hostile, "heat"}},
      {"icon", "mdi:HOSTILE"},
      {"max", 10},
      {"max_color_temp_kelvin", 6535},
      {"max_humidity", 99},
      {"max_temp", 35.5},
      {"maximum", 7},
      {"min", 0},
      {"min_color_temp_kelvin", 2000},
      {"min_humidity", 30},
      {"min_temp", 0},
      {"minimum", -7},
      {"mode", "auto"},
      {"operation_list", {hostile}},
      {"options", {hostile, ""}},
      {"pattern", "HOSTILE.*"},
      {"percentage_step", 33.333333333333336},
      {"preset_modes", {hostile, "none"}},
      {"source_type", "gps"},
      {"state_class", "measurement"},
      {"step", 0.5},
      {"supported_color_modes", {"color_temp", "hs"}},
      {"supported_features", 0},
      {"swing_horizontal_modes", {hostile}},
      {"swing_modes", {hostile}},
      {"target_temp_step", 0.5},
      {"temperature_unit", "°C"},
      {"unit_of_measurement", "HOSTILE"}};
  const auto found = examples.find(capability);
  if (found == examples.end()) FAIL("no example of the capability ", std::string(capability));
  return found->second;
}

struct Variant {
  const Domain& domain;
  Version version;
  std::uint32_t features;
  bool full;  // with all capabilities and reported attributes
};

Description describe(const Variant& variant) {
  const Domain& domain = variant.domain;
  Description description;
  description.entity_id = std::string(domain.name.empty() ? "weather" : domain.name) + ".kitchen_1";
  description.object = "statebus-hubs-9f3c";
  description.name = hostile;
  const auto learn = [&](std::string_view name) {
    description.learned.capabilities.set(name, to_text(example(name)));
  };
  for (const std::string_view name : domain.needs) learn(name);
  if (variant.full) {
    if (domain.name == "tts") description.speaks_on = "media_player.kitchen";
    description.learned.extra = {"extra_attribute"};
    description.learned.reported.assign(domain.reports.begin(), domain.reports.end());
    for (const std::string_view name : common_capabilities) learn(name);
    for (const std::string_view name : domain.capabilities) learn(name);
  }
  description.learned.capabilities.set("supported_features", std::to_string(variant.features));
  return description;
}

Json announced(const Variant& variant) {
  static const DeviceEntry device{.id = "ab12", .name = hostile, .manufacturer = hostile};
  static const Place area{.id = "hall", .name = hostile};
  Description description = describe(variant);
  const Consumer consumer{"homeassistant", variant.version};
  DeviceFacts device_facts;
  if (variant.full) {
    device_facts = {&device, &area};
    description.device = "statebus-hubs-ab12";
  }
  const Facts facts = facts_of(description, consumer, tests::newest);
  REQUIRE(can_announce(facts));
  return announce(facts, device_facts, Topics("statebus", "hubs"), "");
}

/// Calls `check` with each kind's announcement for both releases, bare, and with each bit of its
/// features and all.
template <typename Check>
void for_each_variant(Check check) {
  std::vector<const Domain*> all(domains().begin(), domains().end());
  all.push_back(&kinds::stand_in);
  std::vector<std::uint32_t> features{0, 0xffff};
  for (int bit = 0; bit < 15; ++bit) features.push_back(1U << bit);
  for (const Domain* domain : all) {
    for (const Version version : {tests::oldest, tests::newest}) {
      for (const std::uint32_t bits : features) {
        for (const bool full : {false, true}) {
          const Variant variant{*domain, version, bits, full};
          CAPTURE(std::string(domain->name));
          CAPTURE(to_text(version));
          CAPTURE(bits);
          CAPTURE(full);
          check(variant, announced(variant));
        }
      }
    }
  }
}

bool is_template(const std::string& key) { return key.ends_with("template"); }

/// The services that main's Home Assistant would ask for through this announcement.
std::set<std::string> services_of(const Json& json) {
  static const std::regex fixed("'service': '([a-z_]+)'(?! ~)");
  static const std::regex otherwise("else '([a-z_]+)'\\} \\| to_json");
  static const std::regex worded("'service': (?:'([a-z_]+)' ~ )?(?:value|action)");
  std::set<std::string> services;
  std::set<std::string> words;
  std::vector<std::string> prefixes;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) continue;
    const auto text = value.get<std::string>();
    if (text.starts_with("{\"")) {
      services.insert(Json::parse(text).at("service").get<std::string>());
    } else if (key.starts_with("payload_") && key.find("oscillation") == std::string::npos) {
      words.insert(text);
    }
    if (!is_template(key)) continue;
    for (const auto& pattern : {fixed, otherwise}) {
      const std::sregex_iterator found(text.begin(), text.end(), pattern);
      for (auto match = found; match != std::sregex_iterator(); ++match)
        services.insert((*match)[1]);
    }
    if (std::smatch match; std::regex_search(text, match, worded)) prefixes.push_back(match[1]);
  }
  for (const std::string& prefix : prefixes) {
    for (const std::string& word : words) services.insert(prefix + word);
  }
  return services;
}

}  // namespace

TEST_CASE("Each kind is announced with identity, origin, availability and at QoS 0") {
  for_each_variant([](const Variant& variant, const Json& json) {
    CHECK(json.at("unique_id") == "statebus-hubs-9f3c");
    CHECK(json.at("origin") == Json{{"name", "statebus"}});
    CHECK(json.at("qos") == 0);
    CHECK(json.at("availability").size() == 2);
    CHECK(json.contains("device") == variant.full);
    const std::string id = json.value("default_entity_id", "");
    const Description description = describe(variant);
    const Consumer consumer{"homeassistant", variant.version};
    const Facts facts = facts_of(description, consumer, tests::newest);
    if (variant.version == tests::newest) CHECK(id.starts_with(facts.domain.component));
  });
}

TEST_CASE("Each announcement depends on its facts alone and is valid JSON") {
  for_each_variant([](const Variant& variant, const Json& json) {
    const std::string text = to_text(json);
    CHECK(text == to_text(announced(variant)));
    CHECK(parse_json(text, text.size()) == json);
  });
}

TEST_CASE("Null is announced only where it means that a thing does not exist") {
  for_each_variant([](const Variant& variant, const Json& json) {
    for (const auto& [key, value] : json.items()) {
      CAPTURE(key);
      constexpr const char* words[] = {"name", "payload_open", "payload_close", "payload_stop"};
      const bool may_be_null =
          std::find(std::begin(words), std::end(words), key) != std::end(words) ||
          (key == "device_class" && variant.domain.name == "humidifier");
      CHECK((may_be_null || !value.is_null()));
    }
    CHECK(json.value("device", Json::object()).dump().find("null") == std::string::npos);
  });
}

TEST_CASE("Each topic is one of the entity's own") {
  for_each_variant([](const Variant& variant, const Json& json) {
    const Description description = describe(variant);
    for (const auto& [key, value] : json.items()) {
      if (!key.ends_with("_topic")) continue;
      CAPTURE(key);
      const auto parts = Topics("statebus", "hubs").parse(value.get_ref<const std::string&>());
      REQUIRE(parts.has_value());
      using Kind = TopicParts::Kind;
      const bool is_command = key == "command_topic" ||
                              key.find("_command_") != std::string::npos ||
                              key == "set_position_topic" || key == "set_fan_speed_topic" ||
                              key == "send_command_topic";
      CHECK((parts->kind == Kind::command) == is_command);
      const bool is_state = parts->kind == Kind::state || parts->kind == Kind::view;
      CHECK((is_command || is_state || (parts->kind == Kind::event && variant.domain.fires)));
      CHECK(parts->object == description.object_id());
    }
  });
}

TEST_CASE("No text of a user stands in a template, and each bears an empty document") {
  for_each_variant([](const Variant&, const Json& json) {
    for (const auto& [key, value] : json.items()) {
      if (!is_template(key)) continue;
      CAPTURE(key);
      const auto text = value.get<std::string>();
      CHECK(text.find("HOSTILE") == std::string::npos);
      const bool reads = text.find("value_json") != std::string::npos;
      CHECK((!reads || text.find("value_json is defined") != std::string::npos));
      CHECK(text.starts_with("{"));
    }
  });
}

TEST_CASE("Each command that main can send is answered") {
  for_each_variant([](const Variant& variant, const Json& json) {
    for (const std::string& service : services_of(json)) {
      const auto result = read_command(variant.domain, describe(variant).entity_id, "",
                                       to_text(Json{{"service", service}}));
      CHECK_MESSAGE(std::holds_alternative<ServiceCall>(result), service);
    }
  });
}

TEST_CASE("Each command of a kind is asked for by one of its announcements") {
  std::map<std::string_view, std::set<std::string>> asked;
  for_each_variant([&](const Variant& variant, const Json& json) {
    asked[variant.domain.name].merge(services_of(json));
  });
  for (const Domain* domain : domains()) {
    for (const Command& command : domain->commands) {
      if (!command.slot.empty()) continue;
      CAPTURE(std::string(domain->name));
      CHECK_MESSAGE(asked[domain->name].contains(std::string(command.service)), command.service);
    }
  }
}

TEST_CASE("The list of kinds is sorted, and every other domain is a read-only sensor") {
  for (const Domain* domain : domains()) CHECK(&domain_of(domain->name) == domain);
  for (const char* name : {"media_player", "", "lights", "ligh", "zzz", "a"}) {
    CHECK(&domain_of(name) == &kinds::stand_in);
  }
  CHECK(kinds::stand_in.component == "sensor");
  CHECK(kinds::stand_in.commands.empty());
}
