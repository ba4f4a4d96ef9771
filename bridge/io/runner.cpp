#include "bridge/io/runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/io/http.hpp"

namespace bridge::io {
namespace {

constexpr Time stop_patience{2'000};

}  // namespace

Runner::Runner(boost::asio::io_context& loop, Settings settings, HaSettings ha,
               BrokerSettings broker, HaSession::Token token, Log log)
    : loop_(loop),
      timer_(loop),
      pulse_(loop),
      log_(std::move(log)),
      role_(std::move(settings), std::move(token)),
      ha_settings_(std::move(ha)),
      ha_(loop, ha_settings_, *this),
      broker_(loop, std::move(broker), *this) {}

void Runner::start() {
  stay_awake();
  role_.start(now(), effects_);
  finish_step();
}

void Runner::stop() {
  if (stop_by_ != never) return;
  stop_by_ = now().at + stop_patience;
  role_.stop(now(), effects_);
  finish_step();
}

void Runner::set_filter(std::vector<discovery::FilterRule> rules) {
  role_.set_filter(std::move(rules), now());
  finish_step();
}

void Runner::token_may_be_new() {
  role_.token_may_be_new(now());
  finish_step();
}

/// Does what is due and carries out all wishes, also those that carrying out brings about.
void Runner::finish_step() {
  role_.tick(now(), effects_);
  perform();
  if (on_online_ && role_.is_online()) std::exchange(on_online_, nullptr)();
  if (stop_by_ != never && (role_.is_idle() || now().at >= stop_by_)) return loop_.stop();
  arm();
}

void Runner::perform() {
  while (!effects_.ha.empty() || !effects_.broker.empty() || !effects_.log.empty() ||
         !effects_.pictures.empty()) {
    Effects todo = std::exchange(effects_, {});
    for (const LogLine& line : todo.log) log_(line);
    broker_.perform(todo.broker);
    ha_.perform(todo.ha);
    for (FetchPicture& wanted : todo.pictures) fetch_picture(std::move(wanted));
  }
}

void Runner::fetch_picture(FetchPicture wanted) {
  fetch(loop_, ha_settings_, std::move(wanted), [this](PictureAnswer answer) {
    role_.picture_answered(std::move(answer), now(), effects_);
    finish_step();
  });
}

void Runner::arm() {
  const Time due = std::min(role_.deadline(now()), stop_by_);
  // A timer that fires too early costs less than one that is set anew at each step.
  if (due >= armed_for_) return;
  armed_for_ = due;
  timer_.expires_at(std::chrono::steady_clock::time_point(due));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_for_ = never;
    finish_step();
  });
}

void Runner::stay_awake() {
  note_awake(now().at);
  pulse_.expires_after(Wakefulness::period);
  pulse_.async_wait([this](boost::system::error_code error) {
    if (!error) stay_awake();
  });
}

void Runner::note_awake(Time at) {
  const Time slept = wakefulness_.awake(at);
  if (slept == Time{}) return;
  effects_.say(Level::warning,
               fmt::format("the bridge did not run for {} s: its process was stopped; what "
                           "came meanwhile counts as that old",
                           slept.count() / 1000));
}

void Runner::ha_socket_opened() {
  role_.ha_opened(now());
  finish_step();
}

void Runner::ha_socket_frame(discovery::PaddedJson frame) {
  role_.ha_frame(frame, now(), effects_);
  finish_step();
}

void Runner::ha_socket_closed(const std::string& why, int http_status) {
  role_.ha_closed(why, http_status, now(), effects_);
  finish_step();
}

void Runner::broker_opened(Line line, const BrokerLimits& limits) {
  role_.broker_opened(line, limits, now(), effects_);
}

void Runner::broker_closed(Line line, const std::string& why, int reason) {
  role_.broker_closed(line, why, reason, now(), effects_);
}

void Runner::broker_message(Line line, const Message& message) {
  const Now at = now();
  note_awake(at.at);
  const Time waited = wakefulness_.waited(at.at);
  if (waited == Time{}) return role_.arrived(line, message, at, effects_);
  Message late = message;
  late.arrived -= waited;
  role_.arrived(line, late, at, effects_);
}

void Runner::broker_acknowledged(std::uint64_t token, bool accepted) {
  role_.acknowledged(token, accepted, now(), effects_);
}

void Runner::broker_notice(Level level, const std::string& text) { effects_.say(level, text); }

void Runner::broker_events_done() { finish_step(); }

}  // namespace bridge::io
