// What tests of discovery/ have in common: padded JSON, and one entity of a home that is fed with
// what Home Assistant sends and asked for all that the bus would hold of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/announce.hpp"
#include "discovery/command.hpp"
#include "discovery/domains.hpp"
#include "discovery/home.hpp"

namespace tests {

using discovery::Json;

/// JSON text with the room behind it that simdjson reads into.
class Padded {
 public:
  explicit Padded(std::string_view text) : size_(text.size()), bytes_(text) {
    bytes_.append(discovery::json_padding, '\0');
  }
  operator discovery::PaddedJson() const {  // NOLINT: reads as the text that it holds
    return {std::string_view(bytes_).substr(0, size_)};
  }

 private:
  std::size_t size_;
  std::string bytes_;
};

/// The two releases that announcements are tested for.
constexpr discovery::Version oldest = discovery::oldest_release;
constexpr discovery::Version newest = discovery::newest_release;

/// One entity and its home. The input is that of a golden case (golden/):
/// {"ha_version", "temperature_unit", "speaks_on", "image", "states": {ID: {"s", "a", "lc", "lu"}},
/// "later": [events of subscribe_entities], "entities", "devices", "areas", "floors", "labels"}, of
/// which only `states` must be there, with one entity.
class Subject {
 public:
  explicit Subject(const std::string& input);
  explicit Subject(const Json& input) : Subject(discovery::to_text(input)) {}

  discovery::Home& home() { return *home_; }
  const discovery::Entity& entity() const { return *entity_; }
  const discovery::Domain& domain() const { return discovery::domain_of(entity_->domain()); }
  const discovery::Topics& topics() const { return topics_; }
  discovery::Learned& learned() { return learned_; }

  /// Takes in one more event, such as {"c": {"light.kitchen": {"+": {"s": "off"}}}}.
  void apply(std::string_view event);

  discovery::Description description() const;
  std::string document() const;
  /// The slots of the views that the consumer's announcement names, and what stands in one.
  std::vector<std::string_view> view_slots(discovery::Version consumer) const;
  std::string view(std::string_view slot) const;
  /// What the entity is announced as.
  std::string_view component(discovery::Version consumer) const;
  /// What the consumer is announced; null when not all is known that an announcement needs.
  Json announcement(discovery::Version consumer, std::string_view entity_id_prefix = {}) const;

 private:
  std::unique_ptr<discovery::Home> home_ = std::make_unique<discovery::Home>();
  discovery::Topics topics_{"statebus", "hubs"};
  discovery::Version source_ = newest;
  discovery::Learned learned_;
  std::string image_;  // the type of the picture that is published
  std::string entity_id_;
  std::string speaks_on_;
  discovery::Entity* entity_ = nullptr;
};

/// An entity without registry entry, as a Subject's input to add to.
Json state_of(std::string_view entity_id, std::string_view state,
              const Json& attributes = Json::object());

/// The same with a registry entry and, if `device` names it so, on a device.
Json registered(std::string_view entity_id, std::string_view state, const Json& attributes,
                const Json& device = nullptr);

/// A result as JSON: {"service", "data"} with "id" where there is one, or {"refusal", "message"}.
Json to_json(const discovery::CommandResult& result);

}  // namespace tests
