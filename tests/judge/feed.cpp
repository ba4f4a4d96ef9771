// Takes entities through discovery/ for the judges: reads one on each line, in the form of a golden
// case's entity.json, and writes one line with all that the bus would hold of it for both tested
// releases. bulk.py calls it; in the dev preset the sanitizers watch.
#include <exception>
#include <iostream>
#include <set>
#include <string>

#include "tests/support.hpp"

namespace {

using namespace discovery;
using tests::Json;
using tests::Subject;

/// {"capabilities", "document", "views": {SLOT: payload}, "announcements": {RELEASE: {"topic",
/// "payload"}}}; a payload is null where nothing is announced yet.
Json all_of(const Subject& subject) {
  Json json{{"capabilities", to_json(subject.description()).at("capabilities")},
            {"document", subject.document()},
            {"views", Json::object()}};
  std::set<std::string_view> slots;
  for (const Version version : {tests::oldest, tests::newest}) {
    const std::string topic = subject.topics().announcement(
        "homeassistant", subject.component(version), subject.description().object);
    json["announcements"][to_text(version)] = {{"topic", topic},
                                               {"payload", subject.announcement(version)}};
    for (const std::string_view slot : subject.view_slots(version)) slots.insert(slot);
  }
  for (const std::string_view slot : slots) json["views"][std::string(slot)] = subject.view(slot);
  return json;
}

}  // namespace

int main() {
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    try {
      std::cout << to_text(all_of(Subject(line))) << '\n';
    } catch (const std::exception& error) {
      std::cerr << "line " << number << ": " << error.what() << '\n';
      return 1;
    }
  }
}
