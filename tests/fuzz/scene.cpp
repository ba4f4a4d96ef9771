#include "tests/fuzz/scene.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "discovery/json.hpp"
#include "tests/fuzz/house.hpp"
#include "tests/fuzz/promises.hpp"

namespace fuzz {
namespace {

using namespace bridge;

// A bridge that steps on and on at one moment never comes to rest.
constexpr int steps_at_once = 20'000;
// An input shall be over soon: so long it may wait in all, and so many lines may it have.
constexpr Time waited_max{10 * 60'000};
constexpr Time last_wait{30'000};
constexpr int lines_max = 100;
constexpr std::int64_t start_unix_ms = 1'780'308'000'000;  // 2026-06-01T10:00:00Z

std::int64_t number_in(std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp<std::int64_t>(number, 0, most);
}

/// The text in a buffer that ends with the room that simdjson may read, and not a byte later.
struct Buffer {
  explicit Buffer(std::string_view text)
      : bytes(std::make_unique<char[]>(text.size() + discovery::json_padding)), size(text.size()) {
    if (!text.empty()) std::memcpy(bytes.get(), text.data(), text.size());
  }
  discovery::PaddedJson json() const { return {std::string_view(bytes.get(), size)}; }

  std::unique_ptr<char[]> bytes;
  std::size_t size;
};

}  // namespace

std::string client_of(Line line, const std::string& instance) {
  return "statebus-" + instance + (line == Line::main ? "" : "-read");
}

std::string_view next_word(std::string_view& line) {
  const auto blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  line = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  return word;
}

Scene::Scene(std::string instance) {
  settings_.instance = std::move(instance);
  settings_.bridge_version = "0.1.0";
  settings_.ha_url = "ws://hubs:8123";
  settings_.broker_url = "mqtt://broker";
  settings_.events = {"zha_event", "tag_scanned"};
  settings_.device_triggers = true;
  settings_.images.include = {"*"};
  for (const auto& [type, json] : answers_of_house("")) set_answer(type, json);
}

Scene::~Scene() = default;

Now Scene::moment() const { return {now_, start_unix_ms + now_.count()}; }

void Scene::set_answer(std::string_view type, std::string_view json) {
  answers_.insert_or_assign(std::string(type), std::string(json));
}

bool Scene::act(std::string_view line) {
  std::string_view rest = line;
  const std::string_view word = next_word(rest);
  return prepare(word, rest) || act_on_ha(word, rest) || act_on_broker(word, rest);
}

bool Scene::prepare(std::string_view word, std::string_view rest) {
  if (word == "answer") {
    const std::string_view type = next_word(rest);
    set_answer(type, rest);
    return true;
  }
  if (started_) return false;
  if (word == "consume") {
    settings_.consume.prefix = "homeassistant";
    settings_.consume.notify_refusals = true;
  } else if (word == "release") {
    set_answer("get_config", config_of_house(rest));
  } else if (word == "house") {
    for (const auto& [type, json] : answers_of_house(rest)) set_answer(type, json);
  } else if (word == "packet") {
    limits_.packet_bytes_max = static_cast<std::uint32_t>(number_in(rest, 1'000'000));
  } else {
    return false;
  }
  return true;
}

bool Scene::act_on_ha(std::string_view word, std::string_view rest) {
  if (word == "event") {
    start();
    const auto found = subscribed_.find(next_word(rest));
    if (found == subscribed_.end()) return true;
    const std::string id = std::to_string(found->second);
    tell(R"({"id":)" + id + R"(,"type":"event","event":)" + std::string(rest) + "}");
    turn();
  } else if (word == "frame") {
    start();
    tell(rest);
    turn();
  } else if (word == "picture") {
    picture_ = rest;
  } else {
    return false;
  }
  return true;
}

bool Scene::act_on_broker(std::string_view word, std::string_view rest) {
  if (word == "retained" || word == "said") {
    const std::string_view topic = next_word(rest);
    publish(topic, rest, word == "retained");
    return true;
  }
  if (word == "deny") {
    broker_.forbid(std::string(rest));
    return true;
  }
  const bool is_known = word == "wait" || word == "cut" || word == "restart" || word == "stop";
  if (!is_known) return false;
  start();
  if (word == "wait") {
    wait(Time{number_in(rest, waited_max.count())});
  } else if (word == "cut" && rest == "ha" && std::exchange(ha_number_, 0) != 0) {
    bridge_->ha_closed("the connection was lost", 0, moment(), effects_);
  } else if (word == "cut" && rest == "broker" && std::exchange(line_numbers_[0], 0) != 0) {
    broker_.cut(client_of(Line::main, instance()));
    bridge_->broker_closed(Line::main, "the connection was lost", 0, moment(), effects_);
  } else if (word == "stop") {
    bridge_->stop(moment(), effects_);
  } else if (word == "restart") {
    end_process();
    run_process();
  }
  turn();
  return true;
}

void Scene::publish(std::string_view topic, std::string_view payload, bool retain) {
  // No broker passes anything else on.
  if (!is_topic(topic)) return;
  const bool asks = topic.find("/command/") != topic.npos || topic.ends_with("/call");
  asked_ += asks ? 1 : 0;
  broker_.publish("another",
                  {.topic = std::string(topic), .payload = std::string(payload), .retain = retain});
  if (started_) turn();
}

void Scene::tell(std::string_view text) {
  if (ha_number_ == 0) return;
  const Buffer buffer(text);
  bridge_->ha_frame(buffer.json(), moment(), effects_);
}

void Scene::start() {
  if (std::exchange(started_, true)) return;
  run_process();
  wait(Time{5'000});
}

void Scene::rest() {
  start();
  wait(last_wait);
}

void Scene::run_process() {
  bridge_ = std::make_unique<PublishRole>(settings_, [] { return LoginToken{"token", ""}; });
  bridge_->start(moment(), effects_);
  turn();
}

void Scene::end_process() {
  bridge_.reset();
  effects_ = {};
  events_.clear();
  ha_number_ = 0;
  for (const Line line : {Line::main, Line::bulk}) {
    line_numbers_[static_cast<int>(line)] = 0;
    broker_.cut(client_of(line, instance()));
  }
}

void Scene::later(Event event) { events_.push_back(std::move(event)); }

/// All that is left to do at this moment.
void Scene::turn() {
  for (int steps = 0; steps < steps_at_once; ++steps) {
    bridge_->tick(moment(), effects_);
    Effects todo = std::exchange(effects_, {});
    for (const BrokerEffect& each : todo.broker) perform(each);
    for (const HaEffect& each : todo.ha) perform(each);
    for (const FetchPicture& wanted : todo.pictures) {
      if (wanted.token != "token") broken("the token of the login", wanted.path);
      later([this] {
        std::string_view rest = picture_;
        PictureAnswer told{.failure = rest.empty() ? "connection refused" : ""};
        told.status = static_cast<int>(number_in(next_word(rest), 999));
        told.content_type = next_word(rest);
        told.body = rest;
        bridge_->picture_answered(std::move(told), moment(), effects_);
      });
    }
    if (events_.empty() && bridge_->deadline(moment()) > now_) return;
    // As the real shell does, which is told of all that has come before it lets the bridge act.
    for (const Event& event : std::exchange(events_, {})) event();
  }
  broken("it comes to rest", "the bridge steps and steps at one moment");
}

void Scene::wait(Time time) {
  time = std::min(time, waited_max - waited_ + last_wait);
  waited_ += time;
  const Time end = now_ + time;
  turn();
  for (Time due = bridge_->deadline(moment()); due <= end; due = bridge_->deadline(moment())) {
    now_ = std::max(now_, due);
    turn();
  }
  now_ = end;
  turn();
}

void play(Scene& scene, const std::uint8_t* data, std::size_t size,
          const std::function<void(std::string_view line)>& door) {
  std::string_view text =
      size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
  for (int left = lines_max; left > 0 && !text.empty(); --left) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.empty() && !scene.act(line)) door(line);
  }
  scene.rest();
}

}  // namespace fuzz
