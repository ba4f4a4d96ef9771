// Connects a Survey with Home Assistant, for commands that ask it once: `check` and `explain`.
#pragma once

#include <string>
#include <utility>

#include "bridge/cli/config.hpp"
#include "bridge/io/runner.hpp"
#include "bridge/survey.hpp"

namespace bridge::cli {

class HaSurvey : private io::HaSocketListener {
 public:
  HaSurvey(boost::asio::io_context& loop, const Config& config)
      : survey_(config.settings.filter),
        session_({config.ha.url, Time{10'000}, 1}, survey_),
        ha_(loop, config.ha, *this) {
    session_.set_token([&] {
      return LoginToken{read_secret(config.token_file, "home_assistant.token_file", Secret::token,
                                    config.secret_modes),
                        ""};
    });
  }

  void start() {
    session_.start(io::now(), effects_);
    perform();
  }

  /// It is complete, or has met a trouble.
  bool is_done() const {
    return !trouble_.empty() || (survey_.is_complete() && survey_.admin() != Survey::Admin::untold);
  }
  /// Why it is not complete, for people.
  std::string trouble() const {
    return trouble_.empty() ? "did not tell its states and registries in time" : trouble_;
  }
  Survey& survey() { return survey_; }
  const Survey& survey() const { return survey_; }

 private:
  void perform() {
    Effects todo = std::exchange(effects_, {});
    for (const LogLine& line : todo.log) {
      if (line.level == Level::warning || line.level == Level::error) trouble_ = line.text;
    }
    ha_.perform(todo.ha);
  }

  void ha_socket_opened() override { session_.opened(io::now()); }
  void ha_socket_frame(discovery::PaddedJson frame) override {
    session_.frame(frame, io::now(), effects_);
    if (session_.is_live() && !std::exchange(asked_user_, true)) {
      session_.request(R"("type":"auth/current_user")", effects_);
    }
    perform();
  }
  void ha_socket_closed(const std::string& why, int status) override {
    session_.closed(why, status, io::now(), effects_);
    perform();
  }

  Survey survey_;
  HaSession session_;
  Effects effects_;
  io::HaSocket ha_;
  std::string trouble_;
  bool asked_user_ = false;
};

}  // namespace bridge::cli
