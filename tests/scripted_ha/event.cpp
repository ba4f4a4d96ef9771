#include "tests/scripted_ha/event.hpp"

namespace scripted_ha {

Event::Event(const std::string& entity_id, const State* before, const State* after, Context context,
             Seconds time, StateFormat format)
    : type_("state_changed"),
      entity_id_(entity_id),
      before_(before),
      after_(after),
      format_(format),
      context_(std::move(context)),
      time_(time) {}

Event Event::of_trigger(std::string type, const Json& trigger, Context context) {
  Json variables = trigger;
  variables.update({{"alias", nullptr}, {"description", "device"}, {"id", "0"}, {"idx", "0"}});
  Event event(std::move(type), "{}", std::move(context), 0);
  event.text_ = R"({"variables":{"trigger":)" + to_text(variables) + R"(},"context":)" +
                to_text(to_json(event.context_)) + '}';
  event.on_bus_ = false;
  return event;
}

std::string Event::data_text() const {
  if (entity_id_.empty()) return data_;
  const auto text_of = [&](const State* state) {
    return state == nullptr ? "null" : state_object(entity_id_, *state, format_);
  };
  return R"({"entity_id":)" + to_text(Json(entity_id_)) + R"(,"old_state":)" + text_of(before_) +
         R"(,"new_state":)" + text_of(after_) + '}';
}

const std::string& Event::text() const {
  if (text_.empty()) {
    text_ = R"({"event_type":)" + to_text(Json(type_)) + R"(,"data":)" + data_text() +
            R"(,"origin":"LOCAL","time_fired":")" + iso_time(time_) + R"(","context":)" +
            to_text(to_json(context_)) + '}';
  }
  return text_;
}

const std::string& Event::difference() const {
  if (difference_.empty()) {
    difference_ = state_difference(entity_id_, before_, after_, format_);
  }
  return difference_;
}

}  // namespace scripted_ha
