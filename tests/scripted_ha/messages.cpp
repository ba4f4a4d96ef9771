#include "tests/scripted_ha/messages.hpp"

namespace scripted_ha::messages {
namespace {

std::string with_version(std::string_view type, std::string_view version) {
  return to_text({{"type", type}, {"ha_version", version}});
}

std::string begin(std::int64_t id) { return R"({"id":)" + std::to_string(id); }

}  // namespace

std::string auth_required(std::string_view version) {
  return with_version("auth_required", version);
}

std::string auth_ok(std::string_view version) { return with_version("auth_ok", version); }

std::string auth_invalid(std::string_view message) {
  return to_text({{"type", "auth_invalid"}, {"message", message}});
}

std::string result(std::int64_t id, std::string_view json) {
  std::string text = begin(id) + R"(,"type":"result","success":true,"result":)";
  return text.append(json) += '}';
}

std::string error(const Json& id, const ServiceError& error) {
  Json payload{{"code", error.code}, {"message", error.message}};
  if (error.translation.is_object()) payload.update(error.translation);
  return to_text({{"id", id}, {"type", "result"}, {"success", false}, {"error", payload}});
}

std::string pong(std::int64_t id) { return begin(id) + R"(,"type":"pong"})"; }

std::string event_head(std::string_view event) {
  return std::string(R"({"type":"event","event":)").append(event);
}

std::string event(std::string_view head, std::int64_t id) {
  std::string text;
  text.reserve(head.size() + 16);
  return text.append(head).append(R"(,"id":)").append(std::to_string(id)) += '}';
}

std::string first_states(std::int64_t id, const std::string& states) {
  return begin(id) + R"(,"type":"event","event":{"a":{)" + states + "}}}";
}

std::string registry_list(std::int64_t id, const std::string& rows) {
  return begin(id) + R"(,"type": "result","success":true,"result": [)" + rows + "]}";
}

}  // namespace scripted_ha::messages
