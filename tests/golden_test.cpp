// Golden cases: golden/KIND/CASE/entity.json is an entity in Home Assistant's own words, the files
// beside it are all that is made of it. A difference is written beside as *.out; tests/accept takes
// it over.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "discovery/identity.hpp"
#include "discovery/kind_table.hpp"
#include "discovery/trigger.hpp"
#include "tests/support.hpp"

namespace {

namespace fs = std::filesystem;
using namespace discovery;
using tests::Json;
using tests::Subject;

const fs::path golden = STATEBUS_GOLDEN_DIR;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string pretty(const Json& json) { return json.dump(2) + "\n"; }

/// The announcements for both releases and the topics that they go to.
std::string announcements(const Subject& subject) {
  Json json = Json::object();
  for (const Version version : {tests::oldest, tests::newest}) {
    const std::string topic = subject.topics().announcement(
        "homeassistant", subject.component(version), subject.description().object);
    json[to_text(version)] = {{"topic", topic}, {"payload", subject.announcement(version)}};
  }
  return pretty(json);
}

/// The views by slot that either release reads, with their bytes as on the bus; what is no JSON
/// object stands as a text.
std::string views(const Subject& subject) {
  std::set<std::string_view> slots;
  for (const Version version : {tests::oldest, tests::newest}) {
    for (const std::string_view slot : subject.view_slots(version)) slots.insert(slot);
  }
  std::string text;
  for (const std::string_view slot : slots) {
    const std::string payload = subject.view(slot);
    text += text.empty() ? "{\n  \"" : ",\n  \"";
    (text += slot) += "\": ";
    text += payload.starts_with('{') ? payload : to_text(Json(payload));
  }
  return text.empty() ? text : text + "\n}\n";
}

/// The calls or refusals that come of the payloads in commands.json. A payload that is a text is
/// taken as its bytes.
std::string commands(const Subject& subject, const std::string& expected) {
  if (expected.empty()) return "";
  Json list = Json::parse(expected);
  for (Json& item : list) {
    const Json& payload = item.at("payload");
    const std::string bytes = payload.is_string() ? payload.get<std::string>() : to_text(payload);
    CommandResult result =
        read_command(subject.domain(), subject.entity().id, item.value("slot", ""), bytes);
    auto* call = std::get_if<ServiceCall>(&result);
    if (call != nullptr && subject.domain().complete != nullptr) {
      subject.domain().complete(*subject.entity().state, call->data);
    }
    item.erase("call");
    item.erase("refusal");
    item[call != nullptr ? "call" : "refusal"] = tests::to_json(result);
  }
  return pretty(list);
}

void compare(const fs::path& path, const std::string& seen) {
  const fs::path beside = path.string() + ".out";
  std::error_code nothing_there;  // or a tree that is read-only, where nothing can be written
  fs::remove(beside, nothing_there);
  const std::string expected = read_file(path);
  if (expected == seen) return;
  if (!seen.empty()) std::ofstream(beside, std::ios::binary) << seen;
  const std::string remedy = seen.empty() ? "nothing is made of it any more; remove the file"
                                          : "tests/accept takes over what was seen, the *.out";
  FAIL_CHECK(path.string(), " differs: ", remedy);
}

void run_case(const std::string& kind, const fs::path& folder) {
  const Subject subject(read_file(folder / "entity.json"));
  const std::string name(subject.domain().name);
  CHECK_MESSAGE((name.empty() ? "stand_in" : name) == kind, folder.string());
  compare(folder / "description.json", pretty(to_json(subject.description())));
  compare(folder / "document.json", subject.document());
  compare(folder / "view.json", views(subject));
  compare(folder / "announcement.json", announcements(subject));
  compare(folder / "commands.json", commands(subject, read_file(folder / "commands.json")));
}

std::vector<fs::path> sorted_folders(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

TEST_CASE("Each golden case is made into the expected bytes") {
  for (const fs::path& kind : sorted_folders(golden)) {
    for (const fs::path& folder : sorted_folders(kind)) {
      CAPTURE(folder);
      CHECK_NOTHROW(run_case(kind.filename(), folder));
    }
  }
}

TEST_CASE("The entities of the instance's own device are announced in the expected bytes") {
  const Topics topics("statebus", "hubs");
  Json seen = Json::object();
  for (const InstanceEntity& entity : instance_entities()) {
    const std::string object = instance_name("hubs") + "-" + std::string(entity.object);
    const std::string topic = topics.announcement("homeassistant", entity.component, object);
    for (const Version version : {tests::oldest, tests::newest}) {
      const Consumer consumer{"homeassistant", version};
      seen[std::string(entity.object)][to_text(version)] = {
          {"topic", topic}, {"payload", announce_instance(entity, topics, consumer, "0.1.0")}};
    }
  }
  compare(golden / "instance.json", pretty(seen));
}

TEST_CASE("A device trigger is announced and told in the expected bytes") {
  const Topics topics("statebus", "hubs");
  const DeviceTrigger trigger{"remote_button_short_press", "button_1", "{}"};
  DeviceEntry remote;
  remote.id = "ab12";
  remote.name = "Remote";
  remote.manufacturer = "IKEA";
  remote.model_id = "E1743";
  const Place hall{.id = "hall", .name = "Hall"};
  const std::string object = trigger_name("hubs", remote.id, trigger.key());
  Json seen{{"firing", Json::parse(firing_of(trigger))}};
  for (const Version version : {tests::oldest, tests::newest}) {
    const Consumer consumer{"homeassistant", version};
    seen["announcement"][to_text(version)] = {
        {"topic", topics.announcement("homeassistant", trigger_component, object)},
        {"payload", announce_trigger(trigger, {&remote, &hall}, consumer, topics)}};
  }
  compare(golden / "trigger.json", pretty(seen));
}

TEST_CASE("Each golden case is on main what the table of kinds says, and the table says no more") {
  std::set<std::string> seen;
  const auto words = [](std::string_view kind, Version release, const KindOnMain& on_main) {
    return std::string(kind) + " " + to_text(release) + " " + std::string(on_main.component) +
           (on_main.stand_in ? " stands in" : "");
  };
  for (const fs::path& kind : sorted_folders(golden)) {
    for (const fs::path& folder : sorted_folders(kind)) {
      const Subject subject(read_file(folder / "entity.json"));
      for (const Version version : {tests::oldest, tests::newest}) {
        const Description description = subject.description();
        const Consumer consumer{{}, version};
        const Facts facts = facts_of(description, consumer, version);
        seen.insert(words(subject.domain().name, version,
                          {facts.domain.component, facts.domain.name.empty()}));
      }
    }
  }
  std::set<std::string> told;
  for (const KindRow& row : kind_table()) {
    for (const KindOnMain& each : row.on_oldest)
      told.insert(words(row.domain, oldest_release, each));
    for (const KindOnMain& each : row.on_newest)
      told.insert(words(row.domain, newest_release, each));
  }
  CHECK(seen == told);
}

TEST_CASE("Each kind has a golden case, and one with commands where it takes some") {
  std::set<std::string> kinds{"stand_in"};
  std::set<std::string> commanded;
  for (const Domain* domain : domains()) {
    kinds.emplace(domain->name);
    if (!domain->commands.empty()) commanded.emplace(domain->name);
  }
  for (const fs::path& kind : sorted_folders(golden)) {
    const auto folders = sorted_folders(kind);
    CHECK_MESSAGE(kinds.contains(kind.filename()), kind, " is no kind");
    if (!folders.empty()) kinds.erase(kind.filename());
    for (const fs::path& folder : folders) {
      if (fs::exists(folder / "commands.json")) commanded.erase(kind.filename());
    }
  }
  for (const std::string& kind : kinds) FAIL_CHECK("no case in tests/golden/", kind);
  for (const std::string& kind : commanded) FAIL_CHECK("no commands.json below ", kind);
}
