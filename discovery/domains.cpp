#include "discovery/domains.hpp"

#include <algorithm>

namespace discovery {
namespace {

constexpr const Domain* all[] = {&kinds::alarm_control_panel,
                                 &kinds::alert,
                                 &kinds::automation,
                                 &kinds::binary_sensor,
                                 &kinds::button,
                                 &kinds::calendar,
                                 &kinds::camera,
                                 &kinds::climate,
                                 &kinds::conversation,
                                 &kinds::counter,
                                 &kinds::cover,
                                 &kinds::date,
                                 &kinds::datetime,
                                 &kinds::device_tracker,
                                 &kinds::event,
                                 &kinds::fan,
                                 &kinds::group,
                                 &kinds::humidifier,
                                 &kinds::image,
                                 &kinds::input_boolean,
                                 &kinds::input_button,
                                 &kinds::input_datetime,
                                 &kinds::input_number,
                                 &kinds::input_select,
                                 &kinds::input_text,
                                 &kinds::lawn_mower,
                                 &kinds::light,
                                 &kinds::lock,
                                 &kinds::notify,
                                 &kinds::number,
                                 &kinds::person,
                                 &kinds::plant,
                                 &kinds::remote,
                                 &kinds::scene,
                                 &kinds::schedule,
                                 &kinds::script,
                                 &kinds::select,
                                 &kinds::sensor,
                                 &kinds::siren,
                                 &kinds::switch_,
                                 &kinds::text,
                                 &kinds::time,
                                 &kinds::timer,
                                 &kinds::tts,
                                 &kinds::update,
                                 &kinds::vacuum,
                                 &kinds::valve,
                                 &kinds::water_heater};

}  // namespace

std::span<const Domain* const> domains() { return all; }

const Domain& domain_of(std::string_view name) {
  const auto found =
      std::lower_bound(std::begin(all), std::end(all), name,
                       [](const Domain* d, std::string_view n) { return d->name < n; });
  return found != std::end(all) && (*found)->name == name ? **found : kinds::stand_in;
}

Reason why_stand_in(const Facts& facts) {
  const Domain& kind = domain_of(facts.entity.domain());
  const bool stands_in = facts.domain.name.empty() ||
                         (facts.domain.component == "sensor" && kind.component != "sensor");
  if (!stands_in) return Reason::published;
  if (kind.form == nullptr) return Reason::no_platform;
  const Consumer newest{facts.consumer.prefix, newest_release};
  if (kind.form(facts.entity, newest).component == kind.component) return Reason::old_release;
  return &kind == &kinds::group ? Reason::mixed_group : Reason::not_configured;
}

}  // namespace discovery
