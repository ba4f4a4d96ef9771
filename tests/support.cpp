#include "tests/support.hpp"

#include <stdexcept>

#include "discovery/document.hpp"
#include "discovery/simdjson.hpp"
#include "discovery/view.hpp"

namespace tests {
namespace {

using namespace discovery;

/// The members of an object, each with its JSON text; numbers stay as they are written.
std::map<std::string, std::string> members_of(std::string_view object_text) {
  std::string small(object_text.size() + json_padding, '\0');
  std::size_t size = 0;
  if (simdjson::minify(object_text.data(), object_text.size(), small.data(), size)) {
    throw std::runtime_error("the input is no JSON");
  }
  simdjson::ondemand::parser parser;
  auto document = parser.iterate(padded({std::string_view(small).substr(0, size)}));
  std::map<std::string, std::string> members;
  for (auto field : document.get_object()) {
    const std::string key(std::string_view(field.unescaped_key()));
    members[key] = std::string_view(simdjson::to_json_string(field.value()));
  }
  return members;
}

/// Reads one message as the WebSocket would bring it.
HaMessage read_message(FrameReader& reader, const Padded& frame) {
  std::vector<HaMessage> messages;
  if (!reader.read(frame, messages) || messages.size() != 1) {
    throw std::runtime_error("the frame was not read");
  }
  return messages.front();
}

std::string event_frame(const std::string& event) {
  return R"({"id":4,"type":"event","event":)" + event + "}";
}

std::string result_frame(const std::string& result) {
  return R"({"id":5,"type":"result","success":true,"result":)" + result + "}";
}

template <typename Rows>
Rows read_or_throw(std::optional<Rows> rows, const char* what) {
  if (!rows) throw std::runtime_error(std::string("the list of ") + what + " was not read");
  return std::move(*rows);
}

void set_registries(Home& home, std::map<std::string, std::string>& input) {
  FrameReader reader;
  const auto list_of = [&](const char* key) {
    const auto found = input.find(key);
    return Padded(result_frame(found == input.end() ? "[]" : found->second));
  };
  const auto rows = [&](const Padded& frame) {
    return PaddedJson{read_message(reader, frame).payload};
  };
  const auto nobody = [](Entity&) {};
  const Padded areas = list_of("areas"), floors = list_of("floors"), labels = list_of("labels");
  const Padded devices = list_of("devices"), entities = list_of("entities");
  home.set_areas(read_or_throw(read_places(rows(areas), "area_id"), "areas"), nobody);
  home.set_floors(read_or_throw(read_places(rows(floors), "floor_id"), "floors"));
  home.set_labels(read_or_throw(read_places(rows(labels), "label_id"), "labels"));
  home.set_devices(read_or_throw(read_devices(rows(devices)), "devices"), nobody);
  home.set_entities(read_or_throw(read_entities(rows(entities)), "entities"), nobody);
}

}  // namespace

Subject::Subject(const std::string& input) {
  auto members = members_of(input);
  const auto text_of = [&](const char* key) {
    return string_of_json(members[key]).value_or(std::string());
  };
  if (const auto version = parse_version(text_of("ha_version"))) source_ = *version;
  home_->set_temperature_unit(text_of("temperature_unit"));
  speaks_on_ = text_of("speaks_on");
  image_ = text_of("image");
  set_registries(*home_, members);
  const auto states = members_of(members.at("states"));
  if (states.size() != 1) throw std::runtime_error("a subject is one entity");
  entity_id_ = states.begin()->first;
  FrameReader reader;
  const Padded frame(event_frame(R"({"a":)" + members.at("states") + "}"));
  home_->apply_snapshot({read_message(reader, frame).payload}, true, [](const StateChange&) {});
  entity_ = home_->find(entity_id_);
  if (entity_ == nullptr) throw std::runtime_error(entity_id_ + " is no entity id");
  learned_.learn(domain(), *entity_->state);
  if (!members.contains("later")) return;
  for (const Json& event : Json::parse(members.at("later"))) apply(to_text(event));
}

void Subject::apply(std::string_view event) {
  FrameReader reader;
  const Padded frame(event_frame(std::string(event)));
  const auto applied =
      home_->apply_states({read_message(reader, frame).payload}, [&](const StateChange& change) {
        if (change.entity.state) {
          learned_.learn(domain(), *change.entity.state);
        }
      });
  if (applied != Home::Applied::ok) throw std::runtime_error("the event was not applied");
}

Description Subject::description() const {
  Description description = describe(*home_, "hubs", *entity_, learned_);
  description.speaks_on = speaks_on_;
  description.image = image_;
  return description;
}

std::string Subject::document() const {
  std::string document;
  append_document(document, *entity_->state);
  return document;
}

Json Subject::announcement(Version version, std::string_view entity_id_prefix) const {
  const Description facts_of_entity = description();
  const Consumer consumer{"homeassistant", version};
  const Facts facts = facts_of(facts_of_entity, consumer, source_);
  if (!can_announce(facts)) return nullptr;
  DeviceFacts device;
  if (entity_->entry) device.device = home_->device(entity_->entry->device_id);
  if (device.device != nullptr) device.area = home_->area_of(*device.device);
  return announce(facts, device, topics_, entity_id_prefix);
}

std::vector<std::string_view> Subject::view_slots(Version version) const {
  const Description facts_of_entity = description();
  const Consumer consumer{"homeassistant", version};
  const Facts facts = facts_of(facts_of_entity, consumer, source_);
  return can_announce(facts) ? discovery::view_slots(facts) : std::vector<std::string_view>();
}

std::string Subject::view(std::string_view slot) const {
  std::string payload;
  append_view(payload, domain(), slot, entity_->state ? &*entity_->state : nullptr);
  return payload;
}

std::string_view Subject::component(Version version) const {
  const Description facts_of_entity = description();
  return facts_of(facts_of_entity, {"homeassistant", version}, source_).domain.component;
}

Json state_of(std::string_view entity_id, std::string_view state, const Json& attributes) {
  return {{"states",
           {{std::string(entity_id), {{"s", state}, {"a", attributes}, {"lc", 1780308000.5}}}}}};
}

Json registered(std::string_view entity_id, std::string_view state, const Json& attributes,
                const Json& device) {
  Json input = state_of(entity_id, state, attributes);
  Json entry{{"id", "9f3c"}, {"entity_id", entity_id}, {"unique_id", "u1"}, {"platform", "demo"}};
  if (device.is_object()) {
    entry["device_id"] = device.at("id");
    input["devices"] = Json::array({device});
  }
  input["entities"] = Json::array({entry});
  return input;
}

Json to_json(const CommandResult& result) {
  if (const auto* refusal = std::get_if<Refusal>(&result)) {
    return {{"refusal", refusal->code}, {"message", refusal->message}};
  }
  const auto& call = std::get<ServiceCall>(result);
  Json json{{"service", std::string(call.domain_of_service()) + "." + call.service},
            {"entity_id", call.entity_id},
            {"data", call.data}};
  if (!call.id.empty()) json["id"] = call.id;
  return json;
}

}  // namespace tests
