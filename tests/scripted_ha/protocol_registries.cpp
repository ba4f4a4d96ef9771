// The commands that write the registries, as home-assistant/core components/config does.
#include <algorithm>
#include <cctype>

#include "tests/scripted_ha/messages.hpp"
#include "tests/scripted_ha/protocol.hpp"

namespace scripted_ha {
namespace {

std::string normalized(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c != ' ') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

std::string slug(const std::string& name) {
  std::string text;
  for (const char c : name) {
    text += c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

/// Takes a row that goes out of the rows that name it.
void forget(House& house, Kind kind, const std::string& id) {
  const std::string field = kind == Kind::areas ? "area_id" : "floor_id";
  for (const Kind of : {Kind::devices, Kind::entities, Kind::areas}) {
    const std::string key(names_of(of).row_key);
    const bool is_itself = kind == of;
    const std::vector<Json> rows = house.registry(of).rows();
    for (const Json& row : rows) {
      const auto row_id = row.at(key).get<std::string>();
      if (kind != Kind::labels) {
        if (!is_itself && member(row, field) == id) house.update(of, row_id, {{field, nullptr}});
        continue;
      }
      Json labels = member(row, "labels");
      const auto label = std::find(labels.begin(), labels.end(), Json(id));
      if (label == labels.end()) continue;
      labels.erase(label);
      house.update(of, row_id, {{"labels", labels}});
    }
  }
}

}  // namespace

bool Connection::may_write(std::int64_t id) {
  if (!house_.options().admin) refuse(id, "unauthorized", "Unauthorized");
  return house_.options().admin;
}

/// The registry that config/area_registry/create writes.
Kind Connection::written(const Json& message) {
  const auto type = message.at("type").get<std::string>();
  const std::string start = type.substr(0, type.rfind('/') + 1);
  return std::find_if(registry_names.begin(), registry_names.end(),
                      [&](const auto& names) { return names.list.starts_with(start); })
      ->kind;
}

bool Connection::is_name_taken(Kind kind, const Json& name, const Json& own_id) const {
  const auto& rows = house_.registry(kind).rows();
  return std::any_of(rows.begin(), rows.end(), [&](const Json& row) {
    return normalized(row.at("name").get<std::string>()) == normalized(name.get<std::string>()) &&
           row.at(std::string(names_of(kind).row_key)) != own_id;
  });
}

void Connection::create_place(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  const Kind kind = written(message);
  const auto name = message.at("name").get<std::string>();
  if (is_name_taken(kind, name, nullptr)) {
    return refuse(id, "invalid_info", "The name " + name + " is already in use");
  }
  Json row = message;
  row.erase("id");
  row.erase("type");
  const std::string key(names_of(kind).row_key);
  std::string made = slug(name);
  for (int tries = 2; house_.has(kind, made); ++tries)
    made = slug(name) + "_" + std::to_string(tries);
  row[key] = made;
  house_.create(kind, row);
  send_(messages::result(id, to_text(*house_.registry(kind).find(made))));
}

void Connection::update_place(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  const Kind kind = written(message);
  const std::string key(names_of(kind).row_key);
  const auto row_id = message.at(key).get<std::string>();
  if (!house_.has(kind, row_id)) return refuse(id, "unknown_error", "Unknown error");
  Json fields = message;
  for (const std::string& each : {std::string("id"), std::string("type"), key}) fields.erase(each);
  if (fields.contains("name") && is_name_taken(kind, fields.at("name"), row_id)) {
    return refuse(id, "invalid_info", "The name is already in use");
  }
  house_.update(kind, row_id, fields);
  send_(messages::result(id, to_text(*house_.registry(kind).find(row_id))));
}

void Connection::delete_place(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  const Kind kind = written(message);
  const auto row_id = message.at(std::string(names_of(kind).row_key)).get<std::string>();
  if (!house_.has(kind, row_id)) return refuse(id, "invalid_info", "ID doesn't exist");
  forget(house_, kind, row_id);
  house_.remove(kind, row_id);
  send_(messages::result(id, R"("success")"));
}

void Connection::update_device(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  const auto device = message.at("device_id").get<std::string>();
  if (!house_.has(Kind::devices, device)) return refuse(id, "not_found", "Device not found");
  Json fields = message;
  for (const char* each : {"id", "type", "device_id"}) fields.erase(each);
  house_.update(Kind::devices, device, fields);
  send_(messages::result(id, to_text(*house_.registry(Kind::devices).find(device))));
}

void Connection::update_entity(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  auto entity = message.at("entity_id").get<std::string>();
  const Json* const row = house_.registry(Kind::entities).find(entity);
  if (row == nullptr) return refuse(id, "not_found", "Entity not found");
  const bool is_nameless =
      member(*row, "name").is_null() && member(*row, "original_name").is_null();
  const bool is_of_device = !member(*row, "device_id").is_null();
  if (house_.since(2026, 9) && is_nameless && is_of_device &&
      !member(message, "area_id").is_null()) {
    return refuse(
        id, "invalid_info",
        "An entity without a name of its own cannot have an area of its own, set the area "
        "on its device instead");
  }
  Json fields = message;
  for (const char* each : {"id", "type", "entity_id", "new_entity_id"}) fields.erase(each);
  if (message.contains("new_entity_id")) {
    const auto renamed = message.at("new_entity_id").get<std::string>();
    if (house_.has(Kind::entities, renamed)) {
      return refuse(id, "invalid_info", "Entity with this ID is already registered");
    }
    house_.rename_entity(entity, renamed);
    entity = renamed;
  }
  if (!fields.empty()) house_.update(Kind::entities, entity, fields);
  send_(messages::result(
      id, to_text({{"entity_entry", *house_.registry(Kind::entities).find(entity)}})));
}

void Connection::remove_entity(std::int64_t id, const Json& message) {
  if (!may_write(id)) return;
  const auto entity = message.at("entity_id").get<std::string>();
  if (!house_.has(Kind::entities, entity)) return refuse(id, "not_found", "Entity not found");
  house_.remove(Kind::entities, entity);
  send_(messages::result(id, "null"));
}

void Connection::search_related(std::int64_t id, const Json& message) {
  const auto& related = house_.options().related;
  const auto found = related.find(message.at("item_id").get<std::string>());
  send_(messages::result(id, to_text(found == related.end() ? Json::object() : found->second)));
}

}  // namespace scripted_ha
