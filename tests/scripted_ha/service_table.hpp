// The table of services: which fields each takes, and what it does to one entity.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/scripted_ha/services.hpp"

namespace scripted_ha {

/// One service at work on one entity.
struct Action {
  House& house;
  const std::string& entity_id;
  const State& state;
  const Json& data;
  const Context& context;
  std::string_view service;

  const Json& attribute(std::string_view name) const { return member(state.attributes, name); }
  const Json& field(std::string_view name) const { return member(data, name); }

  /// Writes the state as the entity of that service would, with the context of the call.
  void write(const std::string& value, const Json& attributes) const {
    house.set_state(entity_id, value, attributes, context);
  }
  void write(const std::string& value) const { write(value, Json(state.attributes)); }
};

/// Nothing when it was done.
using Handler = std::optional<ServiceError> (*)(const Action&);

struct Service {
  std::string_view domains;  // separated by spaces
  std::string_view name;
  std::string_view fields;  // separated by spaces; a required one ends in *
  Handler handler;
  std::uint32_t features = 0;  // of which the entity must support one
};

/// Each part of the table stands in the file of its handlers.
std::span<const Service> toggle_services();   // services_toggles.cpp
std::span<const Service> light_services();    // services_light.cpp
std::span<const Service> value_services();    // services_values.cpp
std::span<const Service> motion_services();   // services_motion.cpp: cover, lock, fan
std::span<const Service> climate_services();  // services_climate.cpp

const Service* find_service(std::string_view domain, std::string_view name);

/// Whether `word` stands among words separated by spaces.
bool has_word(std::string_view words, std::string_view word);

/// Home Assistant's sentence when the fields of a call are not those of the service.
std::optional<std::string> field_problem(const Service& service, const Json& data, bool voluptuous);

/// service_validation_error, with the translation that newer versions add.
ServiceError invalid(const std::string& message, const std::string& key, const std::string& domain,
                     const Json& placeholders);

/// Checks that `value` is one of the list in an attribute such as hvac_modes; entities without the
/// attribute take anything.
std::optional<ServiceError> check_choice(const Action& action, std::string_view list,
                                         const Json& value);

}  // namespace scripted_ha
