// One client's conversation with the house: texts of frames in, messages out, no sockets.
//
// It does what Home Assistant's websocket_api/auth.py, connection.py and commands.py do. server.hpp
// carries the messages; tests may also talk to it directly.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tests/scripted_ha/entity_filter.hpp"
#include "tests/scripted_ha/services.hpp"

namespace scripted_ha {

class Connection {
 public:
  using Send = std::function<void(std::string message)>;

  /// `house` and `services` must outlive it.
  Connection(House& house, Services& services, Send send);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends auth_required.
  void open();

  /// Takes one text frame: an object or an array of them. False: Home Assistant would now close
  /// the connection, after the login failed or on invalid JSON.
  bool receive(std::string_view frame);

  bool authenticated() const { return authenticated_; }

  /// Whether the client asked for frames that hold several messages.
  bool coalesces() const { return coalesces_; }

  /// Sends a change that the house did not tell (load.hpp) to the subscriptions that it concerns.
  void send_change(const std::string& entity_id, std::string_view event_head);

  bool has_entity_subscription() const;

 private:
  struct Command;
  struct Subscription {
    std::string event_type;  // empty: subscribe_entities
    EntityFilter filter;
  };
  using Handle = void (Connection::*)(std::int64_t id, const Json& message);

  static const Command* find_command(std::string_view name);
  bool known(const Command& command) const;
  bool log_in(const Json& message);
  void handle(const Json& message);
  std::optional<std::string> problem(const Command& command, const Json& message) const;
  void tell(const Event& event);
  void refuse(const Json& id, std::string code, std::string message);

  // The commands, in protocol_commands.cpp.
  void supported_features(std::int64_t id, const Json& message);
  void current_user(std::int64_t id, const Json& message);
  void long_lived_token(std::int64_t id, const Json& message);
  void get_config(std::int64_t id, const Json& message);
  void get_states(std::int64_t id, const Json& message);
  void list_registry(std::int64_t id, const Json& message);
  void get_services(std::int64_t id, const Json& message);
  void subscribe_events(std::int64_t id, const Json& message);
  void mqtt_debug_info(std::int64_t id, const Json& message);
  void list_triggers(std::int64_t id, const Json& message);
  void subscribe_trigger(std::int64_t id, const Json& message);
  void subscribe_entities(std::int64_t id, const Json& message);
  void unsubscribe_events(std::int64_t id, const Json& message);
  void call_service(std::int64_t id, const Json& message);
  void fire_event(std::int64_t id, const Json& message);
  void ping(std::int64_t id, const Json& message);

  // Those that write the registries, in protocol_registries.cpp.
  bool may_write(std::int64_t id);
  static Kind written(const Json& message);
  bool is_name_taken(Kind kind, const Json& name, const Json& own_id) const;
  void create_place(std::int64_t id, const Json& message);
  void update_place(std::int64_t id, const Json& message);
  void delete_place(std::int64_t id, const Json& message);
  void update_device(std::int64_t id, const Json& message);
  void update_entity(std::int64_t id, const Json& message);
  void remove_entity(std::int64_t id, const Json& message);
  void search_related(std::int64_t id, const Json& message);

  House& house_;
  Services& services_;
  Send send_;
  House::ListenerId listener_;
  bool authenticated_ = false;
  bool coalesces_ = false;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, Subscription> subscriptions_;
};

/// One command of the protocol.
struct Connection::Command {
  std::string_view name;
  std::string_view fields;  // separated by spaces; a required one ends in *
  Handle handle;
  Version since{};
};

}  // namespace scripted_ha
