// What the compiler checks of each table in domains/: that every command which it announces is
// answered, and that all that it reads is kept or made.
#pragma once

#include "discovery/domain.hpp"

namespace discovery {

/// Whether the value makes main's Home Assistant ask for a service.
constexpr bool asks(const Value& value) {
  return value.from == Value::From::call || value.from == Value::From::argument ||
         value.from == Value::From::either || value.from == Value::From::word ||
         (value.from == Value::From::function && !value.text.empty());
}
constexpr bool asks_for(const Value& value, std::string_view service) {
  return asks(value) && (value.text == service ||
                         (value.from == Value::From::either && value.argument == service));
}

/// Whether each service that the fields ask for is among the commands, and each command is asked
/// for by a field, beside a command topic, or belongs to a slot that a field names.
consteval bool checked(const Domain& domain) {
  const auto has_topic = [&](std::string_view slot) {
    for (const Field& field : domain.fields) {
      if (field.value.from == Value::From::commands && field.value.text == slot) return true;
    }
    return false;
  };
  const auto has_command = [&](std::string_view service) {
    for (const Command& command : domain.commands) {
      if (command.service == service && command.slot.empty()) return true;
    }
    return false;
  };
  for (const Command& command : domain.commands) {
    bool announced =
        domain.translate != nullptr && !command.slot.empty() && has_topic(command.slot);
    for (const Field& field : domain.fields) {
      announced = announced || (asks_for(field.value, command.service) && has_topic({}));
    }
    if (!announced) return false;
  }
  for (const Field& field : domain.fields) {
    if (!asks(field.value)) continue;
    if (!has_command(field.value.text)) return false;
    if (field.value.from == Value::From::either && !has_command(field.value.argument)) return false;
  }
  return true;
}

constexpr bool has_view(const Domain& domain, std::string_view slot) {
  for (const View& view : domain.views) {
    if (view.slot == slot) return true;
  }
  return false;
}

/// Whether every capability and reported attribute that a field asks for is kept in the
/// description, and every view that one names is made.
consteval bool known(const Domain& domain) {
  const auto listed = [](std::span<const std::string_view> names, std::string_view name) {
    for (const std::string_view common : common_capabilities) {
      if (common == name) return true;
    }
    for (const std::string_view listed_name : names) {
      if (listed_name == name) return true;
    }
    return name.empty();
  };
  for (const Field& field : domain.fields) {
    const bool copies = field.value.from == Value::From::capability;
    if (copies && !listed(domain.capabilities, field.value.text)) return false;
    if (!listed(domain.capabilities, field.when.capability)) return false;
    if (!listed(domain.reports, field.when.reported)) return false;
    if (field.value.from == Value::From::view && !has_view(domain, field.value.text)) return false;
  }
  return true;
}

/// Whether a kind answers all commands and has all views and capabilities of a form of it.
consteval bool covers(const Domain& domain, const Domain& form) {
  for (const Command& asked : form.commands) {
    bool answered = false;
    for (const Command& command : domain.commands) {
      answered = answered || (command.service == asked.service && command.slot == asked.slot);
    }
    if (!answered) return false;
  }
  for (const View& view : form.views) {
    if (!has_view(domain, view.slot)) return false;
  }
  for (const std::string_view capability : form.capabilities) {
    bool kept = false;
    for (const std::string_view name : domain.capabilities) kept = kept || name == capability;
    if (!kept) return false;
  }
  return true;
}

}  // namespace discovery
