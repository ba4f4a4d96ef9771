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

  const std::string& type() const { return type_; }

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
  mutable std::string text_;
  mutable std::string difference_;
};

}  // namespace scripted_ha
