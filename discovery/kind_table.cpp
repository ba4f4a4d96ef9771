#include "discovery/kind_table.hpp"

#include "discovery/announce.hpp"
#include "discovery/command.hpp"
#include "discovery/domains.hpp"

namespace discovery {
namespace {

/// Entities of a domain that differ in what decides on their form.
std::vector<Description> samples_of(std::string_view domain) {
  std::vector<Description> samples(5);
  for (Description& sample : samples) sample.entity_id = std::string(domain) + ".sample";
  const auto give = [&](std::size_t i, const char* capability, const char* json) {
    samples[i].learned.capabilities.set(capability, json);
  };
  give(1, "entity_id", R"(["switch.sample"])");
  give(2, "has_date", "false");
  give(3, "has_time", "false");
  samples[4].image = "image/jpeg";
  samples[4].speaks_on = "media_player.sample";
  return samples;
}

std::set<KindOnMain> on_main(std::string_view domain, Version release) {
  std::set<KindOnMain> found;
  const Consumer consumer{{}, release};
  for (const Description& sample : samples_of(domain)) {
    const Facts facts = facts_of(sample, consumer, release);
    found.insert({facts.domain.component, facts.domain.name.empty()});
  }
  return found;
}

KindRow row_of(const Domain& kind) {
  return {kind.name, on_main(kind.name, newest_release), on_main(kind.name, oldest_release),
          services_of(kind)};
}

}  // namespace

std::vector<KindRow> kind_table() {
  std::vector<KindRow> rows;
  for (const Domain* kind : domains()) rows.push_back(row_of(*kind));
  rows.push_back(row_of(kinds::stand_in));
  return rows;
}

}  // namespace discovery
