#include "bridge/io/broker_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bridge/broker_link.hpp"
#include "bridge/io/clock.hpp"

namespace bridge::io {
namespace {

// Paho stalls when more is outstanding than this; the window stays below.
constexpr int paho_inflight_max = 110;
constexpr int paho_buffered_max = 400;
// Larger messages than ours nobody has a reason to send us.
constexpr std::uint32_t packet_bytes_max = 8 * 1024 * 1024;
// For all addresses together: whoever wishes for a connection waits for half a minute.
constexpr std::chrono::seconds connect_timeout{20};
constexpr std::chrono::seconds disconnect_timeout{1};
// A broker that is older than MQTT 5 says that it does not know this version in MQTT 3.1.1.
constexpr int old_version_refused = 1;
constexpr int version_refused = 0x84;
constexpr const char* will_payload = "offline";
constexpr const char* system_ca_file = "/etc/ssl/certs/ca-certificates.crt";

mqtt::ssl_options tls_options(const BrokerSettings& settings) {
  mqtt::ssl_options options;
  const TlsFiles& files = settings.tls;
  options.set_trust_store(files.ca_file.empty() ? system_ca_file : files.ca_file);
  if (!files.cert_file.empty()) options.set_key_store(files.cert_file);
  if (!files.key_file.empty()) options.set_private_key(files.key_file);
  // The newest that both speak; OpenSSL's own settings name the oldest, on Debian TLS 1.2.
  options.set_ssl_version(MQTT_SSL_VERSION_DEFAULT);
  options.set_enable_server_cert_auth(true);
  // Paho's default does not compare the certificate with the host's name.
  options.set_verify(true);
  return options;
}

template <typename T>
T property_or(const mqtt::properties& properties, mqtt::property::code code, T otherwise) {
  return properties.contains(code) ? mqtt::get<T>(properties, code) : otherwise;
}

BrokerLimits limits_of(const mqtt::properties& properties) {
  using mqtt::property;
  BrokerLimits limits;
  limits.receive_maximum =
      property_or<std::uint16_t>(properties, property::RECEIVE_MAXIMUM, limits.receive_maximum);
  limits.packet_bytes_max = property_or<std::uint32_t>(properties, property::MAXIMUM_PACKET_SIZE,
                                                       limits.packet_bytes_max);
  limits.retain_available =
      property_or<std::uint8_t>(properties, property::RETAIN_AVAILABLE, 1) != 0;
  limits.wildcards_available =
      property_or<std::uint8_t>(properties, property::WILDCARD_SUBSCRIPTION_AVAILABLE, 1) != 0;
  return limits;
}

/// The message number that a token carries; 0 for tokens of other operations.
std::uint64_t number_of(const mqtt::token& token) {
  return reinterpret_cast<std::uintptr_t>(token.get_user_context());
}

void* context_of(std::uint64_t number) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
}

}  // namespace

std::string paho_url(const std::string& url) {
  const auto end = url.find("://");
  std::string scheme = end == std::string::npos ? "mqtt" : url.substr(0, end);
  std::string rest = end == std::string::npos ? url : url.substr(end + 3);
  const bool secure = scheme == "mqtts" || scheme == "ssl";
  const auto bracket = rest.rfind(']');  // of an IPv6 address
  const bool has_port =
      rest.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
  if (!has_port) rest += secure ? ":8883" : ":1883";
  return (secure ? "ssl://" : "tcp://") + rest;
}

bool is_secure(const std::string& url) { return url.starts_with("ssl://"); }

Broker::Connection::Connection(const BrokerSettings& settings, const std::string& url,
                               const BrokerOpen& open, Tell tell, Fail fail)
    : settings_(settings),
      url_(url),
      will_topic_(open.will_topic),
      tell_(std::move(tell)),
      fail_(std::move(fail)),
      client_(paho_url(url), settings.client_id + (open.line == Line::bulk ? "-read" : ""),
              mqtt::create_options(MQTTVERSION_5, paho_buffered_max)) {
  client_.set_connection_lost_handler([this](const std::string& cause) {
    tell_(
        Closed{cause.empty() ? "the connection was lost" : "the connection was lost: " + cause, 0});
  });
  client_.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
    tell_(Closed{fmt::format("it closed the connection with reason code {:#04x}", int{reason}), 0});
  });
  client_.set_message_callback([this](const mqtt::const_message_ptr& message) {
    const auto expiry_s = property_or<std::uint32_t>(message->get_properties(),
                                                     mqtt::property::MESSAGE_EXPIRY_INTERVAL, 0);
    const auto& properties = message->get_properties();
    tell_(Message{message->get_topic(), message->to_string(), message->is_retained(), expiry_s,
                  now().at,
                  property_or<std::string>(properties, mqtt::property::RESPONSE_TOPIC, {}),
                  property_or<std::string>(properties, mqtt::property::CORRELATION_DATA, {})});
  });
}

Broker::Connection::~Connection() {
  // From here on Paho's threads shall not call this object any more.
  client_.disable_callbacks();
}

void Broker::Connection::connect() {
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  options.set_keep_alive_interval(settings_.keepalive);
  share_ = std::max<Time>(connect_timeout / static_cast<int>(settings_.urls.size()),
                          std::chrono::seconds(1));
  began_ = now().at;
  options.set_connect_timeout(share_);
  options.set_max_inflight(paho_inflight_max);
  options.set_automatic_reconnect(false);
  options.set_properties(
      {{mqtt::property::SESSION_EXPIRY_INTERVAL, 0},
       {mqtt::property::MAXIMUM_PACKET_SIZE, static_cast<int>(packet_bytes_max)}});
  if (!settings_.username.empty()) options.set_user_name(settings_.username);
  if (!settings_.password.empty()) options.set_password(settings_.password);
  if (is_secure(paho_url(url_))) options.set_ssl(tls_options(settings_));
  if (!will_topic_.empty()) {
    options.set_will(
        mqtt::will_options(will_topic_, std::string(will_payload), 1, true, mqtt::properties{}));
  }
  client_.connect(std::move(options), nullptr, *this);
}

void Broker::Connection::publish(Publish message) {
  mqtt::properties properties;
  if (message.expiry_s != 0) {
    properties.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<int>(message.expiry_s)});
  }
  if (!message.correlation_data.empty()) {
    properties.add({mqtt::property::CORRELATION_DATA, message.correlation_data});
  }
  auto made = mqtt::message::create(std::move(message.topic), std::move(message.payload),
                                    message.qos, message.retain, properties);
  if (!will_topic_.empty() && made->get_topic() == will_topic_) {
    offline_token_ = made->to_string() == will_payload ? message.token : 0;
  }
  if (message.token == 0) {
    client_.publish(std::move(made));
  } else {
    client_.publish(std::move(made), context_of(message.token), *this);
  }
}

void Broker::Connection::subscribe(const Subscribe& request) {
  using Options = mqtt::subscribe_options;
  // Paho C++ 1.2.0 crashes when many filters come with options, so those that need any go alone.
  auto filters = std::make_shared<mqtt::string_collection>();
  mqtt::iasync_client::qos_collection qos;
  for (const Subscription& subscription : request.subscriptions) {
    if (subscription.own && subscription.retained) {
      filters->push_back(subscription.filter);
      qos.push_back(subscription.qos);
      continue;
    }
    const Options options(
        /*noLocal=*/!subscription.own, /*retainAsPublished=*/true,
        subscription.retained ? Options::SEND_RETAINED_ON_SUBSCRIBE : Options::DONT_SEND_RETAINED);
    client_.subscribe(subscription.filter, subscription.qos, nullptr, *this, options);
  }
  if (!filters->empty()) client_.subscribe(filters, qos, nullptr, *this);
}

void Broker::Connection::unsubscribe(const Unsubscribe& request) {
  auto filters = std::make_shared<mqtt::string_collection>();
  for (const std::string& filter : request.filters) filters->push_back(filter);
  client_.unsubscribe(filters);
}

void Broker::Connection::disconnect() {
  const std::uint64_t offline = offline_token_;
  const bool has_said_offline = offline != 0 && acknowledged_offline_ == offline;
  client_.disable_callbacks();
  if (!client_.is_connected()) return;
  try {
    // A goodbye makes the broker forget the will, so what it says is said before. (MQTT 5 has a
    // reason code, 0x04, that would have the will sent; Paho C++ 1.2 does not pass it on.)
    if (!will_topic_.empty() && !has_said_offline) {
      client_.publish(mqtt::message::create(will_topic_, will_payload, 0, true))
          ->wait_for(disconnect_timeout);
    }
    client_.disconnect()->wait_for(disconnect_timeout);
  } catch (const mqtt::exception&) {
    // The connection broke meanwhile; then the broker sends the will.
  }
}

void Broker::Connection::on_success(const mqtt::token& token) {
  if (token.get_type() == mqtt::token::CONNECT) return connected(token);
  if (const std::uint64_t number = number_of(token)) {
    if (number == offline_token_) acknowledged_offline_ = number;
    return tell_(Acknowledged{number, true});
  }
  if (token.get_type() != mqtt::token::SUBSCRIBE) return;
  const auto codes = token.get_subscribe_response().get_reason_codes();
  const auto filters = token.get_topics();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] < 0x80) continue;
    tell_refused(filters != nullptr && i < filters->size() ? (*filters)[i] : "a topic", codes[i]);
  }
}

void Broker::Connection::tell_refused(const std::string& filter, int reason) {
  tell_(Notice{Level::error,
               fmt::format("the broker at {} refused the subscription to {} with reason code "
                           "{:#04x}, so that nothing of it arrives; allow the bridge's user to "
                           "read that topic in the broker's ACL",
                           url_, filter, reason)});
}

void Broker::Connection::connected(const mqtt::token& token) {
  tell_(Opened{limits_of(token.get_connect_response().get_properties())});
}

void Broker::Connection::on_failure(const mqtt::token& token) {
  const int reason = token.get_reason_code();
  if (token.get_type() == mqtt::token::CONNECT) {
    // Of a refused login, Paho gives MQTT's reason as its return code; its own codes are negative.
    const int code = token.get_return_code();
    const int refusal = code == old_version_refused ? version_refused : std::max(reason, code);
    // MQTTASYNC_FAILURE is all that Paho says when nobody answers or TLS comes to no agreement.
    if (refusal >= 0x80) return tell_(Closed{why_refused(refusal), refusal});
    const std::string why =
        code == MQTTASYNC_FAILURE
            ? "cannot connect; check that it runs and speaks MQTT 5, its host name and port, and "
              "with mqtts:// broker.ca_file"
            : "no connection: " + mqtt::exception::error_str(code);
    // Who was silent all the time has said nothing of TLS either.
    return now().at - began_ >= share_ ? tell_(Closed{why, 0}) : fail_(why);
  }
  // Other failures come with the loss of the connection, which is told by itself.
  if (token.get_type() == mqtt::token::SUBSCRIBE && reason >= 0x80) {
    // Paho calls a refused subscription a failure when it has asked for nothing else with it.
    const auto filters = token.get_topics();
    return tell_refused(filters != nullptr && !filters->empty() ? (*filters)[0] : "a topic",
                        reason);
  }
  const std::uint64_t number = number_of(token);
  if (number != 0 && reason >= 0x80) tell_(Acknowledged{number, false});
}

}  // namespace bridge::io
