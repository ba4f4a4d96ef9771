#include "bridge/images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "discovery/document.hpp"

namespace bridge {
namespace {

constexpr Time longest_wait{10 * 60'000};
// Of an MQTT message, with its topic.
constexpr std::size_t header_bytes = 1024;

bool is_camera(std::string_view entity_id) { return entity_id.starts_with("camera."); }

std::string path_of(const std::string& entity_id) {
  return (is_camera(entity_id) ? "/api/camera_proxy/" : "/api/image_proxy/") + entity_id;
}

constexpr std::size_t longest_type = 64;

/// image/jpeg of `Image/JPEG; charset=…`; empty when it is no picture.
std::string image_type_of(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find_first_of("; ")));
  std::transform(type.begin(), type.end(), type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
  const auto slash = type.find('/');
  const bool is_image = type.substr(0, slash) == "image" && slash < type.size() - 1 &&
                        type.size() <= longest_type &&
                        type.find_first_not_of(legal, slash + 1) == std::string::npos;
  return is_image ? type : std::string();
}

}  // namespace

Images::Images(const Settings& settings, discovery::Home& home, Publications& publications,
               const Outbox& outbox)
    : settings_(settings), home_(home), publications_(publications), outbox_(outbox) {}

void Images::render(const Record& record, std::string& payload) {
  const std::string& entity_id = publications_.owner_of(record).entity_id;
  auto found = sources_.find(entity_id);
  if (found == sources_.end()) {
    const Backoff backoff(settings_.images.every, longest_wait, settings_.seed + sources_.size());
    found = sources_.emplace(entity_id, Source{.backoff = backoff}).first;
  }
  Source& source = found->second;
  payload = std::exchange(source.waits, {});
  if (!payload.empty()) return;
  source.asked = true;
  next_ = std::min(next_, source.due);
}

void Images::logged_in(const std::string& token) {
  if (std::exchange(token_, token) != token) locked_out_ = false;
}

void Images::broker_lost() {
  for (auto& [entity_id, source] : sources_) {
    source.shown.clear();
    source.waits.clear();
  }
}

Images::Sources::iterator Images::next_due() {
  auto next = sources_.end();
  for (auto source = sources_.begin(); source != sources_.end(); ++source) {
    const bool is_earlier = next == sources_.end() || source->second.due < next->second.due;
    if (source->second.asked && is_earlier) next = source;
  }
  next_ = next == sources_.end() ? never : next->second.due;
  return next;
}

void Images::tick(bool may_fetch, Now now, Effects& effects) {
  while (can_fetch(may_fetch) && next_ <= now.at) {
    const auto next = next_due();
    if (next_ <= now.at) look(next, now, effects);
  }
}

Time Images::deadline(bool may_fetch) const { return can_fetch(may_fetch) ? next_ : never; }

void Images::look(Sources::iterator source, Now now, Effects& effects) {
  const std::string entity_id = source->first;
  Source& subject = source->second;
  const Publication* publication = publications_.find(entity_id);
  if (publication == nullptr || publication->image == nullptr) {
    sources_.erase(source);
    return;
  }
  const discovery::Entity* entity = home_.find(entity_id);
  const bool is_silent =
      entity == nullptr || !entity->state || discovery::is_silent(*entity->state);
  const bool camera = is_camera(entity_id);
  subject.asked = camera;
  // An image's state is the time of its picture.
  const bool has_news = !is_silent && (camera || entity->state->value != subject.shown);
  if (has_news || camera) subject.due = now.at + settings_.images.every;
  if (!has_news) return;
  fetching_ = entity_id;
  fetching_state_ = entity->state->value;
  effects.pictures.push_back(
      {.path = path_of(entity_id), .token = token_, .bytes_max = bytes_max()});
}

/// The user's limit, or what the broker takes in one message when that is less.
std::size_t Images::bytes_max() const {
  const auto wanted = static_cast<std::size_t>(settings_.images.max_bytes);
  const std::size_t packet = outbox_.packet_bytes_max();
  return packet <= header_bytes ? wanted : std::min(wanted, packet - header_bytes);
}

/// Empty: it is a picture.
std::string Images::problem_of(const PictureAnswer& answer) {
  if (answer.too_large) {
    ++refused_;
    return fmt::format(
        "it is larger than {} bytes, the limit of publish.images.max_bytes or of "
        "the broker's max_packet_size",
        bytes_max());
  }
  if (!answer.failure.empty()) return answer.failure;
  if (answer.status != 200) {
    return fmt::format("Home Assistant answered with status {}", answer.status);
  }
  if (!image_type_of(answer.content_type).empty() && !answer.body.empty()) return {};
  ++refused_;
  return answer.body.empty() ? "it is empty" : "what came is no picture, by its content type";
}

void Images::answered(PictureAnswer answer, Now now, Effects& effects) {
  const std::string entity_id = std::exchange(fetching_, {});
  const auto found = sources_.find(entity_id);
  if (found == sources_.end()) return;
  Source& source = found->second;
  if (const std::string problem = problem_of(answer); !problem.empty()) {
    // A token that is refused over and over may get the address banned.
    locked_out_ = answer.status == 401;
    return failed(entity_id, source, problem, now, effects);
  }
  source.told = false;
  source.backoff.reset();
  source.shown = std::exchange(fetching_state_, {});
  source.waits = std::move(answer.body);
  publications_.image_came(entity_id, image_type_of(answer.content_type), now);
}

void Images::failed(const std::string& entity_id, Source& source, const std::string& problem,
                    Now now, Effects& effects) {
  source.asked = true;
  source.due = now.at + source.backoff.next();
  next_ = std::min(next_, source.due);
  if (std::exchange(source.told, true)) return;
  const char* const next = locked_out_
                               ? "none is fetched until the bridge logs in with another token"
                               : "it is tried again, at intervals that grow to 10 minutes";
  effects.say(Level::warning,
              fmt::format("the picture of {} is not published: {}; {}", entity_id, problem, next));
}

}  // namespace bridge
