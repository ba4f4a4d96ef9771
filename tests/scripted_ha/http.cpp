#include "tests/scripted_ha/http.hpp"

#include <boost/beast/http/status.hpp>

namespace scripted_ha {
namespace {

HttpReply json_reply(std::string body) { return {200, "application/json", std::move(body)}; }

}  // namespace

HttpReply bare_reply(unsigned status) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {status, HttpReply{}.content_type,
          std::to_string(status) + ": " + std::string(reason.data(), reason.size())};
}

HttpReply answer_http(const House& house, std::string_view path, std::string_view authorization) {
  constexpr std::string_view states = "/api/states";
  if (path == "/api/websocket") {
    return {400, HttpReply{}.content_type,
            "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\"."};
  }
  if (!path.starts_with("/api/")) return bare_reply(404);
  if (authorization != "Bearer " + house.options().token) return bare_reply(401);
  if (path == "/api/") return json_reply(R"({"message":"API running."})");
  if (path == "/api/config") {
    return json_reply(to_text({{"version", house.options().version},
                               {"state", name_of(house.core_state())},
                               {"location_name", house.options().location_name}}));
  }
  if (path == states) {
    std::string all;
    for (const auto& [id, state] : house.states()) {
      if (!all.empty()) all += ',';
      all += state_object(*id, *state, house.format());
    }
    return json_reply('[' + all + ']');
  }
  if (path.starts_with(states)) {
    const std::string id(path.substr(states.size() + 1));
    if (const State* state = house.state(id)) {
      return json_reply(state_object(id, *state, house.format()));
    }
    return {404, "application/json", R"({"message":"Entity not found."})"};
  }
  return bare_reply(404);
}

}  // namespace scripted_ha
