// Who consumes, and what an instance has announced for whom.
#include "bridge/consumers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "tests/machines/published.hpp"
#include "tests/support.hpp"

using namespace machines;
using discovery::Consumer;

namespace {

struct Heard {
  bridge::Settings settings;
  discovery::Topics topics{"statebus", "hubs"};
  bridge::Consumers consumers{settings, topics};

  explicit Heard(bridge::Settings given = {}) : settings(std::move(given)) {
    consumers.set_source({2026, 11});
  }
  std::vector<Consumer> after(const std::string& instance, const std::string& info) {
    consumers.heard(instance, info);
    return consumers.all();
  }
};

std::string info_of(const std::string& prefix, const std::string& version,
                    const std::string& from = R"(["*"])") {
  return R"({"ha_version":")" + version + R"(","consumes":{"prefix":")" + prefix + R"(","from":)" +
         from + "}}";
}

const std::string on_main = "main_ha/light/hubs/statebus-hubs-r1/config";
const std::string on_tablet = "tablet/light/hubs/statebus-hubs-r1/config";

}  // namespace

TEST_CASE("Where nobody consumes, the configuration says for whom an instance announces") {
  Heard heard;
  CHECK(heard.consumers.all() == std::vector<Consumer>{{"homeassistant", {2026, 11}}});
  bridge::Settings settings;
  settings.announce_prefix = "elsewhere";
  settings.announce_version = discovery::Version{2024, 3};
  CHECK(Heard(settings).consumers.all() == std::vector<Consumer>{{"elsewhere", {2024, 3}}});
}

TEST_CASE("Each consumer gets its release's form under its prefix") {
  Heard heard;
  CHECK(heard.after("main", info_of("main_ha", "2024.3.3")) ==
        std::vector<Consumer>{{"main_ha", {2024, 3}}});
  const std::vector<Consumer> both{{"main_ha", {2024, 3}}, {"tablet/ha", {2026, 5}}};
  CHECK(heard.after("tablet", info_of("tablet/ha", "2026.5.1")) == both);
  // Two behind one prefix read the same announcements.
  CHECK(heard.after("third", info_of("tablet/ha", "2025.1.0")).back().version ==
        discovery::Version{2025, 1});
  CHECK(heard.after("third", "") == both);
  CHECK(heard.after("tablet", R"({"ha_version":"2026.5.1"})") ==
        std::vector<Consumer>{{"main_ha", {2024, 3}}});
}

TEST_CASE("A consumer whose bridge has just started keeps its form") {
  Heard heard;
  heard.after("main", info_of("main_ha", "2024.3.3"));
  const auto changes = heard.consumers.changes();
  CHECK(heard.after("main", info_of("main_ha", "")).front().version == discovery::Version{2024, 3});
  CHECK(heard.consumers.changes() == changes);
  // Of one that was never seen, the own release is the best guess.
  CHECK(heard.after("tablet", info_of("t", "")).back().version == discovery::Version{2026, 11});
}

TEST_CASE("A consumer that does not take from this instance gets nothing, and nobody else does") {
  Heard heard;
  CHECK(heard.after("main", info_of("main_ha", "2026.11.0", R"(["media","h*s"])")).size() == 1);
  CHECK(heard.after("main", info_of("main_ha", "2026.11.0", R"(["media"])")).empty());
}

TEST_CASE("Info that nobody can mean changes nothing") {
  Heard heard;
  heard.after("main", info_of("main_ha", "2024.3.3"));
  const auto changes = heard.consumers.changes();
  for (const std::string& info :
       {std::string("{"), std::string("[]"), std::string(R"({"consumes":1})"),
        info_of("a/#", "2026.11.0"), info_of("statebus", "2026.11.0"),
        info_of("statebus/hubs/command", "2026.11.0"), info_of("", "2026.11.0")}) {
    CAPTURE(info);
    CHECK(heard.after("main", info).front().prefix == "main_ha");
    CHECK(heard.after("other", info).size() == 1);
  }
  // An instance does not announce for itself.
  CHECK(heard.after("hubs", info_of("own", "2026.11.0")).front().prefix == "main_ha");
  CHECK(heard.consumers.changes() == changes);
}

TEST_CASE("An announcement's consumer is the one whose prefix it stands under") {
  Heard heard;
  heard.after("main", info_of("a", "2026.11.0"));
  heard.after("tablet", info_of("a/b", "2024.3.3"));
  CHECK(heard.consumers.at("a/light/hubs/o/config")->prefix == "a");
  CHECK(heard.consumers.at("a/b/light/hubs/o/config")->prefix == "a/b");
  CHECK(heard.consumers.at("homeassistant/light/hubs/o/config") == nullptr);
}

TEST_CASE("A consumer that comes is announced for, and what nobody wants is cleared") {
  Published published;
  auto& transcript = published.transcript();
  REQUIRE(published.broker().retained().contains(light_announcement));
  published.say("Main begins to consume under a prefix of its own");
  published.publish("statebus/main/info", info_of("main_ha", "2024.3.3"), true);
  published.settle();
  CHECK(published.broker().retained().contains(on_main));
  CHECK_FALSE(published.broker().retained().contains(light_announcement));
  CHECK(published.broker().retained().at(on_main).find("object_id") != std::string::npos);
  // The prefix is named before anything is announced there.
  const auto acts = transcript.acts();
  const auto announced = std::find_if(acts.begin(), acts.end(), [](const std::string& act) {
    return act.starts_with("set main_ha/");
  });
  const auto info =
      std::find(acts.rbegin(), std::make_reverse_iterator(announced), "set statebus/hubs/info");
  CHECK(info != acts.rend());
  CHECK(published.broker().retained().at("statebus/hubs/info").find("main_ha") !=
        std::string::npos);
  check_conversation(transcript, "consumer");
}

TEST_CASE("Consumers known to the broker are announced for from the first message on") {
  Simulation simulation({.house = one_light()});
  simulation.publish("statebus/main/info", info_of("main_ha", "2026.11.0"), true);
  simulation.publish("statebus/tablet/info", info_of("tablet", "2024.3.3"), true);
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.broker().retained().contains(on_main));
  CHECK(simulation.broker().retained().contains(on_tablet));
  CHECK(simulation.transcript().count("set", light_announcement) == 0);
  const auto sent = simulation.transcript().messages().size();
  simulation.stop_bridge();
  simulation.start_bridge();
  simulation.settle();
  CHECK(simulation.transcript().count("set", on_main) == 1);
  CHECK(simulation.transcript().messages().size() > sent);
}
