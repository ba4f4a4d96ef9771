// What each control line does.
#include "tests/scripted_ha/control.hpp"

#include <stdexcept>

namespace scripted_ha {

struct Control::Command {
  std::string_view name;
  Handle handle;
};

Control::Control(boost::asio::io_context& context, Server& server, Print print)
    : server_(server),
      house_(server.house()),
      services_(server.services()),
      print_(std::move(print)),
      load_(context, server) {
  services_.on_call([this](const Call& call) { print_({{"call", to_json(call)}}); });
}

void Control::ok() { print_({{"ok", true}}); }

void Control::run(std::string_view text) {
  try {
    const Json line = Json::parse(text);
    if (!line.is_object() || !run_command(line)) {
      throw std::invalid_argument("no known command in " + std::string(text));
    }
  } catch (const std::exception& exception) {
    print_({{"error", exception.what()}});
  }
}

bool Control::run_command(const Json& line) {
  using C = Control;
  static constexpr Command commands[] = {
      {"set", &C::set},           {"remove", &C::remove},     {"add", &C::add},
      {"rename", &C::rename},     {"create", &C::create},     {"update", &C::update},
      {"delete", &C::erase},      {"restart", &C::restart},   {"state", &C::state},
      {"location", &C::location}, {"admin", &C::admin},       {"unknown", &C::unknown},
      {"freeze", &C::freeze},     {"refuse", &C::refuse},     {"drop", &C::drop},
      {"fail", &C::fail},         {"load", &C::load},         {"states", &C::states},
      {"calls", &C::calls},       {"clients", &C::clients},   {"notifiers", &C::notifiers},
      {"fire", &C::fire},         {"triggers", &C::triggers}, {"trigger", &C::trigger},
      {"pictures", &C::pictures},
  };
  for (const Command& command : commands) {
    const Json& argument = member(line, command.name);
    if (argument.is_null()) continue;
    (this->*command.handle)(argument, line);
    return true;
  }
  return false;
}

void Control::set(const Json& argument, const Json&) {
  for (const auto& [id, given] : argument.items()) {
    const State* known = house_.state(id);
    // Without attributes an entity keeps those that it has.
    Json attributes = known == nullptr ? Json::object() : known->attributes;
    if (given.contains("attributes")) attributes = given.at("attributes");
    Context context = house_.new_context();
    if (given.value("user", false)) context.user_id = house_.options().user_id;
    house_.set_state(id, given.at("state").get<std::string>(), attributes, context,
                     given.value("force", false));
  }
  ok();
}

void Control::remove(const Json& argument, const Json&) {
  const Json ids = argument.is_array() ? argument : Json::array({argument});
  for (const Json& each : ids) {
    const auto id = each.get<std::string>();
    if (house_.has(Kind::entities, id)) {
      house_.remove(Kind::entities, id);
    } else if (!house_.remove_state(id)) {
      throw std::invalid_argument("there is no entity " + id);
    }
  }
  ok();
}

void Control::add(const Json& argument, const Json&) {
  Json row = argument;
  row.erase("state");
  row.erase("attributes");
  house_.add_entity(row, argument.at("state").get<std::string>(),
                    argument.value("attributes", Json::object()));
  ok();
}

void Control::rename(const Json& argument, const Json& line) {
  const bool states_first = line.value("order", "") == "states_first";
  house_.rename_entity(argument.at(0).get<std::string>(), argument.at(1).get<std::string>(),
                       states_first ? RenameOrder::states_first : RenameOrder::registry_first);
  ok();
}

namespace {

/// Calls `use` with each registry that a line names, such as {"areas":…}.
template <typename Use>
void each_registry(const Json& argument, Use use) {
  for (const auto& [plural, content] : argument.items()) {
    const auto kind = kind_of(plural);
    if (!kind) throw std::invalid_argument("there is no registry of " + plural);
    use(*kind, content);
  }
}

}  // namespace

void Control::create(const Json& argument, const Json&) {
  each_registry(argument, [&](Kind kind, const Json& row) { house_.create(kind, row); });
  ok();
}

void Control::update(const Json& argument, const Json&) {
  each_registry(argument, [&](Kind kind, const Json& rows) {
    for (const auto& [id, fields] : rows.items()) house_.update(kind, id, fields);
  });
  ok();
}

void Control::erase(const Json& argument, const Json&) {
  each_registry(argument,
                [&](Kind kind, const Json& id) { house_.remove(kind, id.get<std::string>()); });
  ok();
}

void Control::restart(const Json& argument, const Json&) {
  Restart plan;
  if (argument.is_number()) {
    plan.down = argument.get<double>();
  } else {
    plan.down = argument.value("down", plan.down);
    plan.loading = argument.value("loading", plan.loading);
    plan.starting = argument.value("starting", plan.starting);
  }
  server_.restart(plan, [this] { ok(); });
}

void Control::state(const Json& argument, const Json&) {
  house_.set_core_state(read_core_state(argument.get<std::string>()));
  ok();
}

void Control::location(const Json& argument, const Json&) {
  house_.set_location_name(argument.get<std::string>());
  ok();
}

void Control::admin(const Json& argument, const Json&) {
  house_.options().admin = argument.get<bool>();
  ok();
}

void Control::notifiers(const Json& argument, const Json&) {
  house_.set_notifiers(argument.get<std::set<std::string>>());
  ok();
}

void Control::fire(const Json& argument, const Json&) {
  for (const auto& [type, data] : argument.items()) house_.fire(type, data);
  ok();
}

void Control::triggers(const Json& argument, const Json&) {
  for (const auto& [device, list] : argument.items()) house_.set_triggers(device, list);
  ok();
}

void Control::trigger(const Json& argument, const Json&) {
  for (const auto& [device, fields] : argument.items()) {
    if (!house_.fire_trigger(device, fields)) {
      throw std::invalid_argument("the device " + device + " has no such trigger");
    }
  }
  ok();
}

void Control::unknown(const Json& argument, const Json&) {
  house_.options().unknown_commands.clear();
  for (const Json& name : argument) {
    house_.options().unknown_commands.insert(name.get<std::string>());
  }
  ok();
}

void Control::freeze(const Json& argument, const Json&) {
  server_.freeze(argument.get<bool>());
  ok();
}

void Control::refuse(const Json& argument, const Json&) {
  server_.refuse(argument.get<unsigned>());
  ok();
}

void Control::pictures(const Json& argument, const Json&) {
  house_.options().pictures = argument.get<std::string>();
  ok();
}

void Control::drop(const Json&, const Json&) {
  server_.drop();
  ok();
}

void Control::fail(const Json& argument, const Json&) {
  if (argument.is_object()) {
    services_.fail(
        argument.at("service").get<std::string>(), argument.value("entity_id", ""),
        {argument.at("code").get<std::string>(), argument.at("message").get<std::string>(), {}});
  } else {
    services_.heal();
  }
  ok();
}

void Control::load(const Json& argument, const Json&) {
  if (!argument.is_object()) {
    load_.stop();
    return ok();
  }
  LoadPlan plan;
  plan.rate = argument.value("rate", plan.rate);
  plan.seconds = argument.value("seconds", plan.seconds);
  plan.count = argument.value("count", plan.count);
  plan.entities = argument.value("entities", plan.entities);
  plan.stamp = argument.value("stamp", plan.stamp);
  plan.queue_max = argument.value("queue", plan.queue_max);
  const bool started = load_.start(plan, [this](std::uint64_t sent, double seconds) {
    print_({{"sent", sent}, {"seconds", seconds}});
  });
  if (!started) throw std::invalid_argument("a load runs already, or there are no sensors");
}

void Control::states(const Json&, const Json&) {
  Json all = Json::object();
  auto& pairs = static_cast<Json::object_t::Container&>(all.get_ref<Json::object_t&>());
  for (const auto& [id, state] : house_.states()) {
    pairs.emplace_back(*id, Json{{"state", state->value}, {"attributes", state->attributes}});
  }
  print_({{"states", std::move(all)}});
}

void Control::calls(const Json&, const Json&) {
  Json list = Json::array();
  for (const Call& call : services_.calls()) list.push_back(to_json(call));
  print_({{"calls", std::move(list)}});
}

void Control::clients(const Json&, const Json&) { print_({{"clients", server_.clients()}}); }

}  // namespace scripted_ha
