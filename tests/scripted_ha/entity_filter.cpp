#include "tests/scripted_ha/entity_filter.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace scripted_ha {

EntityFilter::EntityFilter(const Json& command)
    : include_(read(member(command, "include"))), exclude_(read(member(command, "exclude"))) {
  for (const Json& id : member(command, "entity_ids")) entity_ids_.insert(id.get<std::string>());
}

EntityFilter::Part EntityFilter::read(const Json& part) {
  const auto list = [&](std::string_view key) {
    std::vector<std::string> words;
    for (const Json& word : member(part, key)) words.push_back(word.get<std::string>());
    return words;
  };
  return {list("domains"), list("entity_globs"), list("entities")};
}

bool EntityFilter::Part::names(const std::string& entity_id) const {
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  return has(domains, entity_id.substr(0, entity_id.find('.'))) || has(entities, entity_id) ||
         std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
           return fnmatch(glob.c_str(), entity_id.c_str(), 0) == 0;
         });
}

bool EntityFilter::takes(const std::string& entity_id) const {
  if (!entity_ids_.empty() && !entity_ids_.contains(entity_id)) return false;
  return (include_.empty() || include_.names(entity_id)) &&
         (exclude_.empty() || !exclude_.names(entity_id));
}

}  // namespace scripted_ha
