// `statebus call`: one service call to an instance over the broker, and its answer.
#include "discovery/call.hpp"

#include <fmt/format.h>

#include <utility>

#include "bridge/cli/asking.hpp"
#include "bridge/cli/commands.hpp"
#include "discovery/topic.hpp"

namespace bridge::cli {
namespace {

using discovery::Json;

constexpr std::chrono::seconds reaching{15};
// Of an answer; more than a bridge sends.
constexpr std::size_t answer_bytes_max = 8 * 1024 * 1024;

/// Reads whether the instance is there, calls it, and hears the answer.
class Calling : public Asking {
 public:
  /// `client` is a name that no other client has.
  Calling(boost::asio::io_context& loop, const Config& config, const std::string& client,
          const discovery::Topics& topics, Json request)
      : Asking(loop, config, client, reply_topic(config, client), {topics.status()}),
        topics_(topics),
        request_(std::move(request)) {
    request_["reply_to"] = reply_topic(config, client);
    request_["id"] = client;
  }

  bool is_done() const { return is_told_ || !failure().empty(); }
  bool has_asked() const { return has_asked_; }
  const std::string& status() const { return status_; }
  const std::string& answer() const { return answer_; }

 private:
  static std::string reply_topic(const Config& config, const std::string& client) {
    return discovery::Topics(config.settings.root, config.settings.instance).reply(client);
  }

  void heard(const Message& message) override {
    if (message.topic == topics_.status()) {
      status_ = message.payload;
    } else {
      answer_ = message.payload;
      is_told_ = true;
    }
  }
  void retained_heard() override {
    has_asked_ = status_ == "online";
    is_told_ = !has_asked_;
    if (has_asked_) publish(topics_.call(), discovery::to_text(request_));
  }

  const discovery::Topics& topics_;
  Json request_;
  std::string status_;
  std::string answer_;
  bool has_asked_ = false;
  bool is_told_ = false;
};

/// One JSON object, or words with a key each. Throws std::invalid_argument with what is wrong.
Json read_pairs(const char* option, const std::vector<std::string>& words, const auto& add) {
  Json object = Json::object();
  for (const std::string& word : words) {
    if (word.starts_with('{')) {
      const auto json = discovery::parse_json(word, discovery::call_bytes_max);
      if (!json || !json->is_object() || words.size() > 1) {
        throw std::invalid_argument(
            fmt::format("{} {} is no JSON object, or not the only one", option, word));
      }
      return *json;
    }
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw std::invalid_argument(
          fmt::format("{} {} is neither KEY=VALUE nor a JSON object", option, word));
    }
    add(object, word.substr(0, equals), word.substr(equals + 1));
  }
  return object;
}

Json read_target(const std::vector<std::string>& words) {
  return read_pairs("--target", words, [](Json& target, std::string key, const std::string& value) {
    for (const char* known : {"entity", "device", "area", "floor", "label"}) {
      if (key == known) key += "_id";
      if (key == std::string(known) + "_id") return target[key].push_back(value);
    }
    throw std::invalid_argument(
        fmt::format("--target {}={}: it takes entity, device, area, floor and label", key, value));
  });
}

Json read_data(const std::vector<std::string>& words) {
  return read_pairs("--data", words,
                    [](Json& data, const std::string& key, const std::string& value) {
                      const auto json = discovery::parse_json(value, discovery::call_bytes_max);
                      data[key] = json ? *json : Json(value);
                    });
}

/// Its text, or what the instance says of it.
int print_answer(const CallOptions& options, const std::string& instance,
                 const std::string& answer) {
  if (options.json) fmt::print("{}\n", answer);
  const auto json = discovery::parse_json(answer, answer_bytes_max);
  if (!json || !json->is_object()) {
    return fail(1, fmt::format("the answer of {} is no JSON object", instance));
  }
  if (json->value("ok", false)) {
    if (options.json) return 0;
    const auto response = json->find("response");
    if (response == json->end()) {
      fmt::print("{}: {} is done\n", instance, options.service);
    } else {
      fmt::print("{}\n", response->dump(2, ' ', false, Json::error_handler_t::replace));
    }
    return 0;
  }
  const Json error = json->value("error", Json::object());
  const std::string text = discovery::text_at(error, "message");
  fail(1, fmt::format("{}: {} ({})", instance, text, discovery::text_at(error, "code")));
  if (!options.response && text.find("response") != std::string::npos) {
    fail(1, "it is a service that returns data; call it with --response");
  }
  return 1;
}

}  // namespace

int call(const std::string& config_file, const CallOptions& options) {
  const Config config = read_config(config_file);
  const std::string instance =
      options.instance.empty() ? config.settings.instance : options.instance;
  Json request{{"service", options.service}};
  try {
    if (!discovery::valid_instance(instance)) {
      throw std::invalid_argument(fmt::format("--instance {} is no instance's name", instance));
    }
    request["target"] = read_target(options.target);
    request["data"] = read_data(options.data);
  } catch (const std::invalid_argument& fault) {
    return fail(2, fault.what());
  }
  if (options.response) request["return_response"] = true;

  boost::asio::io_context loop(1);
  const discovery::Topics topics(config.settings.root, instance);
  Calling calling(loop, config, client_name(), topics, std::move(request));
  // The bridge itself answers when its Home Assistant does not, after calls.timeout.
  const auto patience = reaching + config.settings.call_timeout;
  const bool in_time = run_until(loop, patience, [&]() -> std::optional<Time> {
    return calling.is_done() ? std::nullopt : std::optional(never);
  });
  if (!calling.failure().empty()) {
    return fail(1,
                fmt::format("the broker at {}: {}", config.settings.broker_url, calling.failure()));
  }
  if (!calling.has_asked()) {
    if (!in_time) {
      return fail(1, fmt::format("the broker at {} did not answer", config.settings.broker_url));
    }
    return fail(1, calling.status().empty()
                       ? fmt::format("there is no instance {} on the bus; `statebus state` shows "
                                     "which there are",
                                     instance)
                       : fmt::format("{} is {}, so nothing was asked; start its bridge, or see "
                                     "what it says",
                                     instance, calling.status()));
  }
  if (!in_time) {
    return fail(1, fmt::format("{} did not answer; whether the service ran is not known. See what "
                               "its bridge says, and whether this user of the broker may write {}",
                               instance, topics.call()));
  }
  return print_answer(options, instance, calling.answer());
}

}  // namespace bridge::cli
