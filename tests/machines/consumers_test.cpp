// Who consumes: what the infos of others tell.
#include "bridge/consumers.hpp"

#include <doctest/doctest.h>

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
    return consumers.asked();
  }
};

}  // namespace

TEST_CASE("Where nobody consumes, the configuration says for whom an instance announces") {
  Heard heard;
  CHECK(heard.consumers.asked() == std::vector<Consumer>{{"homeassistant", {2026, 11}}});
  bridge::Settings settings;
  settings.announce_prefix = "elsewhere";
  settings.announce_version = discovery::Version{2024, 3};
  CHECK(Heard(settings).consumers.asked() == std::vector<Consumer>{{"elsewhere", {2024, 3}}});
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
