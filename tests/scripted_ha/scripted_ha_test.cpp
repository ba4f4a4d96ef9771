// The server over real sockets; what it tells is folded by the bridge's own code and must be the
// house again.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <random>
#include <set>

#include "tests/scripted_ha/demo_house.hpp"
#include "tests/scripted_ha/follower.hpp"
#include "tests/scripted_ha/load.hpp"
#include "tests/scripted_ha/threaded.hpp"

using namespace scripted_ha;
using Parts = Threaded::Parts;

namespace {

/// The demo house on a thread of its own.
struct Running : Threaded {
  explicit Running(HouseOptions options = {}, ServerOptions server_options = {})
      : Threaded(std::move(options), server_options) {
    run([](Parts& ha) { ha.house.load(demo_house()); });
  }

  std::string difference(const Follower& follower) {
    return run([&](Parts& ha) { return follower.difference(ha.house); });
  }
};

/// One of many changes, of all sorts.
void change_something(House& house, Services& services, std::mt19937& random) {
  const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
  const auto all = house.states();
  const std::string id = *all[static_cast<std::size_t>(below(static_cast<int>(all.size())))].first;
  Json attributes = house.state(id)->attributes;
  switch (below(8)) {
    case 0:
      attributes["n"] = below(3);
      break;
    case 1:
      attributes["n"] = nullptr;
      break;
    case 2:
      attributes.erase("n");
      break;
    case 3:
      attributes = {{"list", {below(2), "ü\"\\\n", {{"k", 0.1 * below(9)}}}}};
      break;
    case 4:
      house.remove_state("sensor.extra_" + std::to_string(below(5)));
      return;
    case 5:
      house.set_state("sensor.extra_" + std::to_string(below(5)), "new", attributes);
      return;
    case 6:
      if (!house.has(Kind::entities, id)) return;
      return house.rename_entity(id, id + "_x", static_cast<RenameOrder>(below(2)));
    case 7:
      services.call({.domain = id.substr(0, id.find('.')),
                     .service = "toggle",
                     .target = {{"entity_id", id}}});
      return;
  }
  house.set_state(id, std::to_string(below(4)), attributes);
}

}  // namespace

TEST_CASE("a client logs in with the right token, and is closed with a wrong one") {
  Running ha;
  Client right(ha.port());
  CHECK(to_text(right.message()) == R"({"type":"auth_required","ha_version":"2026.11.0"})");
  right.send({{"type", "auth"}, {"access_token", "token"}});
  CHECK(to_text(right.message()) == R"({"type":"auth_ok","ha_version":"2026.11.0"})");
  CHECK(ha.run([](Parts& parts) { return parts.server.clients(); }) == 1);

  Client wrong(ha.port());
  CHECK(to_text(wrong.log_in("bad")) ==
        R"({"type":"auth_invalid","message":"Invalid access token or password"})");
  CHECK_FALSE(wrong.frame());
  CHECK(wrong.close_code() == 1000);
}

TEST_CASE("lists and configuration have the shape that the bridge reads") {
  Running ha;
  Client client(ha.port());
  client.log_in();
  CHECK(member(client.ask("auth/current_user").at("result"), "is_admin") == true);
  const Json config = client.ask("get_config").at("result");
  CHECK(config.at("state") == "RUNNING");
  CHECK(config.at("unit_system").at("temperature") == "°C");
  CHECK(client.ask("config/area_registry/list").at("result").size() == 4);
  CHECK(client.ask("config/floor_registry/list").at("result").empty());
  client.send({{"id", 100}, {"type", "config/entity_registry/list"}});
  std::string list = client.frame().value();
  CHECK(
      list.starts_with(R"({"id":100,"type": "result","success":true,"result": [{"area_id":null,)"));
  const Json rows = Json::parse(list).at("result");
  std::string text = to_text(rows) + std::string(discovery::json_padding, '\0');
  const auto entries = discovery::read_entities(
      {std::string_view(text).substr(0, text.size() - discovery::json_padding)});
  REQUIRE(entries);
  CHECK(entries->size() == rows.size());
  CHECK(entries->front().registry_id.size() == 32);
}

TEST_CASE("what a follower folds is the house, after any changes") {
  for (const bool coalescing : {false, true}) {
    Running ha;
    Follower follower(ha.port(), coalescing);
    follower.catch_up();
    CHECK(ha.difference(follower) == "");
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
      ha.run([&](Parts& parts) {
        for (int count = 0; count < 100; ++count) {
          change_something(parts.house, parts.services, random);
        }
      });
      follower.catch_up();
      REQUIRE(ha.difference(follower) == "");
    }
    CHECK(follower.largest_array <= 256);
    CHECK((follower.largest_array > 1) == coalescing);
  }
}

TEST_CASE("a restart closes with 1000, refuses, and comes back in Home Assistant's steps") {
  Running ha;
  Client before(ha.port());
  before.log_in();
  before.ask("ping");
  std::promise<void> back;
  ha.run([&](Parts& parts) {
    parts.server.restart({.down = 0.2, .loading = 0.4, .starting = 0.2}, [&] { back.set_value(); });
  });
  CHECK_FALSE(before.frame());
  CHECK(before.close_code() == 1000);
  CHECK_THROWS(Client(ha.port()));

  std::unique_ptr<Client> after;
  while (!after) {
    try {
      after = std::make_unique<Client>(ha.port());
    } catch (const boost::system::system_error&) {
      std::this_thread::yield();
    }
  }
  after->log_in();
  after->ask("subscribe_events", {{"event_type", "core_config_updated"}});
  CHECK(after->ask("get_config").at("result").at("state") == "NOT_RUNNING");
  after->ask("subscribe_entities", {{"entity_ids", {"switch.coffee_machine"}}});
  std::vector<std::string> told;
  while (told.size() < 5) told.push_back(to_text(after->message().at("event")));
  CHECK(told[0] == R"({"a":{}})");
  CHECK(told[1].find("core_config_updated") != std::string::npos);
  CHECK(told[2].find(R"("s":"unavailable","a":{"restored":true)") != std::string::npos);
  CHECK(told[3].find(R"("+":{"s":"off")") != std::string::npos);
  CHECK(told[3].find(R"("-":{"a":["restored"]})") != std::string::npos);
  CHECK(told[4].find("core_config_updated") != std::string::npos);
  back.get_future().wait();
  CHECK(after->ask("get_config").at("result").at("state") == "RUNNING");
  Follower follower(ha.port());
  follower.catch_up();
  CHECK(ha.difference(follower) == "");
}

TEST_CASE("a frozen server answers nothing until it goes on") {
  Running ha;
  Client client(ha.port());
  client.log_in();
  client.ask("ping");
  Follower follower(ha.port(), true);
  follower.catch_up();
  ha.run([](Parts& parts) { parts.server.freeze(true); });
  client.send({{"id", 50}, {"type", "get_config"}});
  // So often the thread looks at its sockets, that it would have read and written by then.
  for (int value = 0; value < 100; ++value) {
    ha.run([&](Parts& parts) {
      parts.house.set_state("sensor.x", std::to_string(value), Json::object());
    });
  }
  // An answer given before the freeze ends would still have the old name.
  ha.run([](Parts& parts) { parts.house.set_location_name("Cabin"); });
  ha.run([](Parts& parts) { parts.server.freeze(false); });
  CHECK(client.message().at("result").at("location_name") == "Cabin");
  follower.catch_up();
  CHECK(follower.largest_array >= 100);
  CHECK(ha.difference(follower) == "");
}

TEST_CASE("banned clients get 403, and dropped ones no close frame") {
  Running ha;
  Client client(ha.port());
  client.log_in();
  ha.run([](Parts& parts) { parts.server.drop(); });
  CHECK_FALSE(client.frame());
  CHECK(client.close_code() == 0);
  ha.run([](Parts& parts) { parts.server.refuse(403); });
  CHECK_THROWS(Client(ha.port()));
}

TEST_CASE("a client that lets too much wait is disconnected") {
  Running ha({}, {.limits = {.pending_max = 500}});
  Follower follower(ha.port());
  follower.catch_up();
  ha.run([](Parts& parts) {
    for (int value = 0; value < 501; ++value) {
      parts.house.set_state("sensor.x", std::to_string(value), Json::object());
    }
  });
  while (follower.next()) {
  }
  CHECK(follower.client.close_code() == 1000);
}

TEST_CASE(
    "a load makes distinct values, in arrays when it is dense, and the house holds the last") {
  for (const double rate : {0.0, 20'000.0}) {
    Running ha;
    Follower follower(ha.port(), true);
    follower.catch_up();
    // One change by a user, so that the first of the load must tell that the user is gone.
    ha.run([](Parts& parts) {
      Context context = parts.house.new_context();
      context.user_id = "somebody";
      parts.house.set_state("sensor.kitchen_humidity", "1.5", Json::object(), context);
    });
    std::unique_ptr<Load> load;
    std::promise<std::uint64_t> done;
    ha.run([&](Parts& parts) {
      load = std::make_unique<Load>(parts.context, parts.server);
      return load->start({.rate = rate, .seconds = 0.2, .entities = 3, .stamp = true},
                         [&](std::uint64_t sent, double) { done.set_value(sent); });
    });
    auto sent = done.get_future();
    while (sent.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      REQUIRE(follower.next());
    }
    const std::uint64_t count = sent.get();
    follower.catch_up();
    CHECK(ha.difference(follower) == "");
    CHECK(follower.events == count + 2);  // the snapshot and the change before
    CHECK(follower.users_left == 1);
    if (rate > 0) CHECK(count == 4000);
    CHECK(follower.largest_array > 1);
    CHECK(follower.largest_array <= 256);
    ha.run([&](Parts&) { load.reset(); });
  }
}
