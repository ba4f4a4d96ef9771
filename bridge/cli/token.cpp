// `statebus token`: logs in to Home Assistant once, as a browser does, and makes a long-lived
// token.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <optional>
#include <system_error>

#include "bridge/cli/commands.hpp"
#include "bridge/cli/config.hpp"
#include "bridge/cli/shell.hpp"
#include "bridge/io/address.hpp"
#include "bridge/io/http.hpp"
#include "discovery/json.hpp"

namespace bridge::cli {
namespace {

using discovery::Json;

constexpr std::size_t answer_bytes_max = 1024 * 1024;
constexpr int lifespan_days = 3650;
constexpr io::TlsKeys names{"the address", "--ca-file", "--cert-file", "--key-file"};

/// Asks at the terminal; what is typed is shown only if `echo`.
std::string ask(const std::string& question, bool echo) {
  std::cerr << question << ": " << std::flush;
  termios before{};
  const bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (is_terminal && !echo) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string answer;
  std::getline(std::cin, answer);
  if (is_terminal && !echo) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << '\n';
  }
  return answer;
}

/// `a b&c` as `a%20b%26c`.
std::string form_encoded(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.') {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

/// The steps of a login; each throws HttpError with what went wrong.
class Login {
 public:
  explicit Login(const TokenOptions& options)
      : settings_{options.url, {options.ca_file, options.cert_file, options.key_file}, names} {
    const io::Address address = io::read_url(options.url);
    client_id_ = fmt::format("{}://{}/", address.tls ? "https" : "http", address.authority());
  }

  /// Gives the code that is exchanged for a token.
  std::string log_in(const std::string& username, const std::string& password) {
    Json step = post_json("/auth/login_flow", {{"client_id", client_id_},
                                               {"handler", {"homeassistant", nullptr}},
                                               {"redirect_uri", client_id_}});
    const std::string path = "/auth/login_flow/" + discovery::text_at(step, "flow_id");
    step = post_json(path,
                     {{"client_id", client_id_}, {"username", username}, {"password", password}});
    while (discovery::text_at(step, "type") == "form") {
      const auto errors = step.find("errors");
      const bool failed = errors != step.end() && errors->is_object() && !errors->empty();
      if (failed && discovery::text_at(step, "step_id") == "init") {
        throw io::HttpError("user name or password is wrong");
      }
      // The only other step is a second factor.
      const std::string code = ask("Code of the second factor", true);
      step = post_json(path, {{"client_id", client_id_}, {"code", code}});
    }
    if (discovery::text_at(step, "type") != "create_entry") {
      throw io::HttpError("the login was refused: " + discovery::text_at(step, "reason"));
    }
    return discovery::text_at(step, "result");
  }

  std::string access_token(const std::string& code) {
    const std::string form = fmt::format("grant_type=authorization_code&code={}&client_id={}",
                                         form_encoded(code), form_encoded(client_id_));
    const Json tokens =
        read(io::post(settings_, "/auth/token", "application/x-www-form-urlencoded", form));
    refresh_token_ = discovery::text_at(tokens, "refresh_token");
    return discovery::text_at(tokens, "access_token");
  }

  std::string long_lived_token(const std::string& access, const std::string& name) {
    const Json command{{"id", 1},
                       {"type", "auth/long_lived_access_token"},
                       {"client_name", name},
                       {"lifespan", lifespan_days}};
    const auto answer = discovery::parse_json(
        io::ask_websocket(settings_, access, discovery::to_text(command)), answer_bytes_max);
    std::string made = answer ? discovery::text_at(*answer, "result") : "";
    if (!made.empty()) return made;
    const bool told = answer && answer->contains("error");
    throw io::HttpError(fmt::format(
        "Home Assistant made no token: {}; if the user has one of the name '{}', delete that "
        "on the user's page, or choose another --name",
        told ? discovery::text_at(answer->at("error"), "message") : "", name));
  }

  /// The login itself is not needed any more.
  void log_out() {
    io::post(settings_, "/auth/revoke", "application/x-www-form-urlencoded",
             "token=" + form_encoded(refresh_token_));
  }

 private:
  Json post_json(const std::string& path, const Json& body) {
    return read(io::post(settings_, path, "application/json", discovery::to_text(body)));
  }

  static Json read(const io::HttpAnswer& answer) {
    if (answer.status == 403) {
      throw io::HttpError(
          "it answers 403 Forbidden: this address is banned; see ip_bans.yaml in its "
          "configuration folder");
    }
    const auto json = discovery::parse_json(answer.body, answer_bytes_max);
    if (answer.status >= 400 || !json || !json->is_object()) {
      throw io::HttpError(
          fmt::format("it answered {} to the login; is this a Home Assistant?", answer.status));
    }
    return *json;
  }

  io::HaSettings settings_;
  std::string client_id_;
  std::string refresh_token_;
};

/// A new file that its owner alone can read; whatever was in it is gone only when a token is
/// written.
class SecretFile {
 public:
  /// Throws ConfigError when there can be no such file, so that no token is made in vain.
  explicit SecretFile(std::string name) : name_(std::move(name)) {
    descriptor_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0 || fchmod(descriptor_, S_IRUSR | S_IWUSR) != 0) fail();
  }
  ~SecretFile() { close(descriptor_); }
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;

  void write(const std::string& secret) {
    const std::string line = secret + "\n";
    const bool written =
        ftruncate(descriptor_, 0) == 0 &&
        ::write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        fsync(descriptor_) == 0;
    if (!written) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw ConfigError(fmt::format("--write {}: it cannot be written: {}", name_,
                                  std::generic_category().message(errno)));
  }

  std::string name_;
  int descriptor_ = -1;
};

}  // namespace

int token(const TokenOptions& options) {
  if (options.url.find('@') != std::string::npos) {
    return fail(2, "the URL has a login in it; leave that out, for it is asked for");
  }
  const bool in_one = options.key_file.empty();
  const std::string& key = in_one ? options.cert_file : options.key_file;
  try {
    if (!key.empty()) check_secret_mode(key, SecretModes::private_ones);
    std::optional<SecretFile> file;
    if (!options.write.empty()) file.emplace(options.write);
    const std::string username =
        options.username.empty() ? ask("User name", true) : options.username;
    const std::string password =
        options.password_file.empty()
            ? ask("Password", false)
            : read_secret(options.password_file, "--password-file", Secret::password);
    Login login(options);
    const std::string access = login.access_token(login.log_in(username, password));
    const std::string made = login.long_lived_token(access, options.name);
    login.log_out();
    if (!file) {
      std::cout << made << '\n';
    } else {
      file->write(made);
      std::cerr << "The token is in " << options.write << ".\n";
    }
    return 0;
  } catch (const std::invalid_argument& fault) {
    return fail(2, fmt::format("the URL {} {}", options.url, fault.what()));
  } catch (const SecretError& fault) {
    return fail(2, fmt::format("{} names {}", in_one ? "--cert-file" : "--key-file", fault.what()));
  } catch (const io::HttpError& fault) {
    return fail(1, fmt::format("{}: {}", options.url, fault.what()));
  }
}

}  // namespace bridge::cli
