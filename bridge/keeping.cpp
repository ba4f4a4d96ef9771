#include "bridge/keeping.hpp"

#include <fmt/format.h>

namespace bridge {
namespace {

constexpr Time opening_patience{15'000};
constexpr Time silence{2'000};
// Should this client end before it has cleared it.
constexpr std::uint32_t expiry_s = 60;
// Not those of other messages of the same broker.
constexpr std::uint64_t written = 1'000'001;
constexpr std::uint64_t cleared = 1'000'002;

}  // namespace

void Keeping::start(Now now, Effects& effects) {
  silent_at_ = now.at + opening_patience;
  effects.broker.push_back(BrokerOpen{Line::bulk, {}, /*same_broker=*/true});
}

void Keeping::opened(Now now, Effects& effects) {
  if (stage_ == Stage::opening) enter(Stage::writing, now, effects);
}

void Keeping::enter(Stage stage, Now now, Effects& effects) {
  stage_ = stage;
  // The one that is acknowledged may take as long as any answer; what comes after it comes at once.
  silent_at_ = now.at + (stage == Stage::writing ? opening_patience : silence);
  auto& out = effects.broker;
  switch (stage) {
    case Stage::opening:
      return;
    case Stage::writing:
      return out.push_back(Publish{.line = Line::bulk,
                                   .token = written,
                                   .topic = topic_,
                                   .payload = "probe",
                                   .retain = true,
                                   .expiry_s = expiry_s});
    case Stage::by_wildcard:
      return out.push_back(Subscribe{Line::bulk, {{.filter = wildcard_, .qos = 0}}});
    case Stage::at_once: {
      out.push_back(Unsubscribe{Line::bulk, {wildcard_}});
      // While the broker works on one request it hears no acknowledgement, so that all of these
      // wait in its queue.
      Subscribe burst{Line::bulk, {}};
      burst.subscriptions.assign(wanted_at_once, {.filter = topic_});
      return out.push_back(std::move(burst));
    }
    case Stage::clearing:
      out.push_back(Unsubscribe{Line::bulk, {topic_}});
      return out.push_back(
          Publish{.line = Line::bulk, .token = cleared, .topic = topic_, .retain = true});
    case Stage::done:
      return out.push_back(BrokerClose{Line::bulk});
  }
}

void Keeping::closed(const std::string& why) {
  if (is_done()) return;
  failure_ = stage_ == Stage::at_once
                 ? fmt::format(
                       "it hung up on {} subscriptions in one request, as Home Assistant "
                       "makes them ({}); allow that there",
                       wanted_at_once, why)
                 : fmt::format("it hung up while one retained message was tried ({})", why);
  stage_ = Stage::done;
}

void Keeping::acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects) {
  if (token == written && stage_ == Stage::writing) {
    was_tried_ = accepted;
    enter(accepted ? Stage::by_wildcard : Stage::done, now, effects);
  } else if (token == cleared && stage_ == Stage::clearing) {
    enter(Stage::done, now, effects);
  }
}

void Keeping::arrived(const Message& message, Now now, Effects& effects) {
  if (message.topic != topic_ || message.payload.empty()) return;
  if (stage_ == Stage::by_wildcard) {
    by_wildcard_ = true;
    enter(Stage::at_once, now, effects);
  } else if (stage_ == Stage::at_once) {
    silent_at_ = now.at + silence;
    if (++at_once_ == wanted_at_once) enter(Stage::clearing, now, effects);
  }
}

void Keeping::tick(Now now, Effects& effects) {
  if (is_done() || now.at < silent_at_) return;
  switch (stage_) {
    case Stage::by_wildcard:
      return enter(Stage::at_once, now, effects);
    case Stage::at_once:
      return enter(Stage::clearing, now, effects);
    default:
      return enter(Stage::done, now, effects);
  }
}

}  // namespace bridge
