// An event on Home Assistant's bus. Its texts are made once, however many connections send it.
#pragma once

#include <string>

#include "tests/scripted_ha/state.hpp"

namespace scripted_ha {

class Event {
 public:
  /// `data` is JSON text.
  Event(std::string type, std::string data, Context context, Seconds time)
      : type_(std::move(type)), data_(std::move(data)), context_(std::move(context)), time_(time) {}

  /// A state_changed event; null stands for no state. The states must outlive it.
  Event(const std::string& entity_id, const State* before, const State* after, Context context,
        Seconds time, StateFormat format);

  /// A device trigger that fires, as its subscribers hear it: by `type`, which is its name within
  /// the house.
  static Event of_trigger(std::string type, const Json& trigger, Context context);

  const std::string& type() const { return type_; }

  /// Whether it is on the bus, where those hear it who subscribed to all events.
  bool is_on_bus() const { return on_bus_; }

  /// Of state_changed only, else empty.
  const std::string& entity_id() const { return entity_id_; }

  /// {"event_type":…,"data":…,"origin":"LOCAL","time_fired":…,"context":…}
  const std::string& text() const;

  /// What subscribe_entities tells of a state_changed event.
  const std::string& difference() const;

 private:
  std::string data_text() const;

  std::string type_;
  std::string data_;
  std::string entity_id_;
  const State* before_ = nullptr;
  const State* after_ = nullptr;
  StateFormat format_;
  Context context_;
  Seconds time_;
  bool on_bus_ = true;
  mutable std::string text_;
  mutable std::string difference_;
};

}  // namespace scripted_ha
