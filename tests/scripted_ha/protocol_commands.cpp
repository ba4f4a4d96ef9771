// The commands that the scripted Home Assistant knows.
#include <algorithm>
#include <set>

#include "tests/scripted_ha/messages.hpp"
#include "tests/scripted_ha/protocol.hpp"

namespace scripted_ha {
namespace {

/// What users without admin rights may subscribe to (auth/permissions/events.py).
constexpr std::string_view allowed_events[] = {"area_registry_updated",
                                               "category_registry_updated",
                                               "component_loaded",
                                               "core_config_updated",
                                               "device_registry_updated",
                                               "entity_registry_updated",
                                               "floor_registry_updated",
                                               "label_registry_updated",
                                               "labs_updated",
                                               "lovelace_updated",
                                               "panels_updated",
                                               "recorder_5min_statistics_generated",
                                               "recorder_hourly_statistics_generated",
                                               "repairs_issue_registry_updated",
                                               "service_registered",
                                               "service_removed",
                                               "shopping_list_updated",
                                               "state_changed",
                                               "themes_updated"};

std::string joined_rows(const Registry& registry) {
  std::string text;
  for (const Json& row : registry.rows()) {
    if (!text.empty()) text += ',';
    text += to_text(row);
  }
  return text;
}

Json components(const House& house) {
  std::set<std::string> names{"api", "config", "homeassistant", "http", "websocket_api"};
  if (house.options().mqtt) names.insert("mqtt");
  for (const auto& [id, state] : house.states()) names.insert(id->substr(0, id->find('.')));
  return Json(names);
}

Json unit_system(const House& house) {
  const bool metric = house.options().temperature_unit == "°C";
  return {{"length", metric ? "km" : "mi"},    {"accumulated_precipitation", metric ? "mm" : "in"},
          {"area", metric ? "m²" : "ft²"},     {"mass", metric ? "g" : "lb"},
          {"pressure", metric ? "Pa" : "psi"}, {"temperature", house.options().temperature_unit},
          {"volume", metric ? "L" : "gal"},    {"wind_speed", metric ? "m/s" : "mph"}};
}

}  // namespace

const Connection::Command* Connection::find_command(std::string_view name) {
  using C = Connection;
  // 2024.3.3 was seen to answer the floor and label lists.
  static constexpr Version with_floors{2024, 3};
  static constexpr Command commands[] = {
      {"auth/current_user", "", &C::current_user},
      {"auth/long_lived_access_token", "lifespan* client_name* client_icon", &C::long_lived_token},
      {"call_service", "domain* service* target service_data return_response", &C::call_service},
      {"config/area_registry/create", "name* aliases icon floor_id labels", &C::create_place},
      {"config/area_registry/delete", "area_id*", &C::delete_place},
      {"config/area_registry/list", "", &C::list_registry},
      {"config/area_registry/update", "area_id* name aliases icon floor_id labels",
       &C::update_place},
      {"config/device_registry/list", "", &C::list_registry},
      {"config/device_registry/update", "device_id* area_id labels name_by_user",
       &C::update_device},
      {"config/entity_registry/list", "", &C::list_registry},
      {"config/entity_registry/remove", "entity_id*", &C::remove_entity},
      {"config/entity_registry/update",
       "entity_id* area_id icon labels name hidden_by new_entity_id", &C::update_entity},
      {"config/floor_registry/create", "name* aliases icon level", &C::create_place, with_floors},
      {"config/floor_registry/delete", "floor_id*", &C::delete_place, with_floors},
      {"config/floor_registry/list", "", &C::list_registry, with_floors},
      {"config/floor_registry/update", "floor_id* name aliases icon level", &C::update_place,
       with_floors},
      {"config/label_registry/create", "name* color icon description", &C::create_place,
       with_floors},
      {"config/label_registry/delete", "label_id*", &C::delete_place, with_floors},
      {"config/label_registry/list", "", &C::list_registry, with_floors},
      {"config/label_registry/update", "label_id* name color icon description", &C::update_place,
       with_floors},
      {"device_automation/trigger/list", "device_id*", &C::list_triggers},
      {"fire_event", "event_type* event_data", &C::fire_event},
      {"get_config", "", &C::get_config},
      {"get_services", "", &C::get_services},
      {"get_states", "", &C::get_states},
      {"mqtt/device/debug_info", "device_id*", &C::mqtt_debug_info},
      {"ping", "", &C::ping},
      {"search/related", "item_type* item_id*", &C::search_related},
      {"subscribe_entities", "entity_ids include exclude", &C::subscribe_entities},
      {"subscribe_events", "event_type", &C::subscribe_events},
      {"subscribe_trigger", "trigger* variables", &C::subscribe_trigger},
      {"supported_features", "features*", &C::supported_features},
      {"unsubscribe_events", "subscription*", &C::unsubscribe_events},
  };
  const auto found = std::find_if(std::begin(commands), std::end(commands),
                                  [&](const Command& command) { return command.name == name; });
  return found == std::end(commands) ? nullptr : found;
}

void Connection::supported_features(std::int64_t id, const Json& message) {
  coalesces_ = message.at("features").contains("coalesce_messages");
  send_(messages::result(id));
}

void Connection::current_user(std::int64_t id, const Json&) {
  const HouseOptions& options = house_.options();
  const Json user{
      {"id", options.user_id},
      {"name", "Demo"},
      {"is_owner", options.admin},
      {"is_admin", options.admin},
      {"credentials",
       Json::array({{{"auth_provider_type", "homeassistant"}, {"auth_provider_id", nullptr}}})},
      {"mfa_modules",
       Json::array({{{"id", "totp"}, {"name", "Authenticator app"}, {"enabled", false}}})}};
  send_(messages::result(id, to_text(user)));
}

void Connection::long_lived_token(std::int64_t id, const Json&) {
  // There is one user with one token, so that is what every new token is.
  send_(messages::result(id, to_text(Json(house_.options().token))));
}

void Connection::get_config(std::int64_t id, const Json&) {
  const HouseOptions& options = house_.options();
  const Json config{{"allowlist_external_dirs", Json::array()},
                    {"allowlist_external_urls", Json::array()},
                    {"components", components(house_)},
                    {"config_dir", "/config"},
                    {"config_source", "yaml"},
                    {"country", "DE"},
                    {"currency", "EUR"},
                    {"debug", false},
                    {"elevation", 0},
                    {"external_url", nullptr},
                    {"internal_url", nullptr},
                    {"language", "en"},
                    {"latitude", 32.87336},
                    {"location_name", options.location_name},
                    {"logging", {{"log_file_disabled_reason", nullptr}}},
                    {"longitude", 117.22743},
                    {"radius", 100},
                    {"recovery_mode", options.recovery_mode},
                    {"safe_mode", false},
                    {"state", name_of(options.core_state)},
                    {"time_zone", "Europe/Berlin"},
                    {"unit_system", unit_system(house_)},
                    {"version", options.version},
                    {"whitelist_external_dirs", Json::array()}};
  send_(messages::result(id, to_text(config)));
}

void Connection::get_states(std::int64_t id, const Json&) {
  std::string states;
  for (const auto& [entity_id, state] : house_.states()) {
    if (!states.empty()) states += ',';
    states += state_object(*entity_id, *state, house_.format());
  }
  send_(messages::result(id, '[' + states + ']'));
}

void Connection::list_registry(std::int64_t id, const Json& message) {
  const auto& type = message.at("type").get_ref<const std::string&>();
  const auto names = std::find_if(registry_names.begin(), registry_names.end(),
                                  [&](const auto& each) { return each.list == type; });
  const std::string rows = joined_rows(house_.registry(names->kind));
  const bool spaced = names->kind == Kind::entities || names->kind == Kind::devices;
  send_(spaced ? messages::registry_list(id, rows) : messages::result(id, '[' + rows + ']'));
}

/// Only the notifiers: nobody here asks for the others.
void Connection::get_services(std::int64_t id, const Json&) {
  Json services = Json::object();
  const auto add = [&](const std::string& name) {
    services["notify"][name] = {
        {"name", "Send a notification with " + name},
        {"description", "Sends a notification message using the " + name + " service."},
        {"fields", {{"message", {{"required", true}}}}}};
  };
  add("persistent_notification");
  for (const std::string& name : house_.notifiers()) add(name);
  send_(messages::result(id, to_text(services)));
}

void Connection::subscribe_events(std::int64_t id, const Json& message) {
  const std::string type = message.value("event_type", "*");
  const bool allowed = std::find(std::begin(allowed_events), std::end(allowed_events), type) !=
                       std::end(allowed_events);
  if (!allowed && !house_.options().admin) return refuse(id, "unauthorized", "Unauthorized");
  subscriptions_[id] = {type, {}};
  send_(messages::result(id));
}

void Connection::list_triggers(std::int64_t id, const Json& message) {
  const auto device = message.at("device_id").get<std::string>();
  if (!house_.has(Kind::devices, device)) return refuse(id, "not_found", "Device not found");
  send_(messages::result(id, to_text(house_.triggers(device))));
}

void Connection::mqtt_debug_info(std::int64_t id, const Json& message) {
  Json entities = Json::array();
  const auto& topics = house_.options().discovery_topics;
  const auto topic = topics.find(message.at("device_id").get<std::string>());
  if (topic != topics.end()) {
    entities.push_back({{"discovery_data", {{"topic", topic->second}}}});
  }
  send_(messages::result(id, to_text({{"entities", entities}, {"triggers", Json::array()}})));
}

/// Any trigger is taken, whether the house has it or not, as Home Assistant's MQTT does.
void Connection::subscribe_trigger(std::int64_t id, const Json& message) {
  if (!house_.options().admin) return refuse(id, "unauthorized", "Unauthorized");
  subscriptions_[id] = {House::name_of_trigger(message.at("trigger")), {}};
  send_(messages::result(id));
}

void Connection::subscribe_entities(std::int64_t id, const Json& message) {
  if (!house_.since(2024, 10)) {
    for (const std::string key : {"include", "exclude"}) {
      if (!message.contains(key)) continue;
      return refuse(
          id, "invalid_format",
          "extra keys not allowed @ data['" + key + "']. Got " + python_text(message.at(key)));
    }
  }
  EntityFilter filter(message);
  std::string states;
  for (const auto& [entity_id, state] : house_.states()) {
    if (!filter.takes(*entity_id)) continue;
    if (!states.empty()) states += ',';
    states += compressed_state(*entity_id, *state);
  }
  subscriptions_[id] = {"", std::move(filter)};
  send_(messages::result(id));
  send_(messages::first_states(id, states));
}

void Connection::unsubscribe_events(std::int64_t id, const Json& message) {
  const Json& subscription = message.at("subscription");
  if (!subscription.is_number_integer() ||
      subscriptions_.erase(subscription.get<std::int64_t>()) == 0) {
    return refuse(id, "not_found", "Subscription not found.");
  }
  send_(messages::result(id));
}

void Connection::call_service(std::int64_t id, const Json& message) {
  CallRequest request;
  request.domain = message.at("domain").get<std::string>();
  request.service = message.at("service").get<std::string>();
  request.data = message.value("service_data", Json::object());
  request.target = message.value("target", Json::object());
  request.return_response = message.value("return_response", false);
  const CallAnswer answer = services_.call(request);
  if (answer.error) {
    send_(messages::error(id, *answer.error));
  } else {
    send_(messages::result(id, to_text({{"context", to_json(answer.context)}})));
  }
}

void Connection::fire_event(std::int64_t id, const Json& message) {
  if (!house_.options().admin) return refuse(id, "unauthorized", "Unauthorized");
  Context context = house_.new_context();
  context.user_id = house_.options().user_id;
  house_.fire(message.at("event_type").get<std::string>(),
              message.value("event_data", Json::object()), context);
  send_(messages::result(id, to_text({{"context", to_json(context)}})));
}

void Connection::ping(std::int64_t id, const Json&) { send_(messages::pong(id)); }

}  // namespace scripted_ha
