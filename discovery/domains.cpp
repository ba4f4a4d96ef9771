#include "discovery/domains.hpp"

#include <algorithm>

namespace discovery {
namespace {

constexpr const Domain* all[] = {&kinds::automation,   &kinds::binary_sensor, &kinds::button,
                                 &kinds::climate,      &kinds::cover,         &kinds::event,
                                 &kinds::fan,          &kinds::input_boolean, &kinds::input_button,
                                 &kinds::input_number, &kinds::input_select,  &kinds::input_text,
                                 &kinds::light,        &kinds::lock,          &kinds::number,
                                 &kinds::scene,        &kinds::script,        &kinds::select,
                                 &kinds::sensor,       &kinds::switch_,       &kinds::text};

}  // namespace

std::span<const Domain* const> domains() { return all; }

const Domain& domain_of(std::string_view name) {
  const auto found =
      std::lower_bound(std::begin(all), std::end(all), name,
                       [](const Domain* d, std::string_view n) { return d->name < n; });
  return found != std::end(all) && (*found)->name == name ? **found : kinds::stand_in;
}

}  // namespace discovery
