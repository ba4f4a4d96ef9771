#include "tests/scripted_ha/http.hpp"

#include <boost/beast/http/status.hpp>
#include <fstream>
#include <iterator>

namespace scripted_ha {
namespace {

HttpReply json_reply(std::string body) { return {200, "application/json", std::move(body)}; }

/// What stands in the folder of pictures under the entity's id; its ending tells its type.
HttpReply picture_reply(const House& house, std::string_view entity_id) {
  constexpr std::pair<const char*, const char*> types[] = {
      {".jpg", "image/jpeg"}, {".png", "image/png"}, {".txt", "text/plain"}};
  for (const auto& [ending, type] : types) {
    std::ifstream file(house.options().pictures + "/" + std::string(entity_id) + ending,
                       std::ios::binary);
    if (file) return {200, type, {std::istreambuf_iterator<char>(file), {}}};
  }
  return bare_reply(404);
}

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
  for (const std::string_view proxy : {"/api/camera_proxy/", "/api/image_proxy/"}) {
    if (path.starts_with(proxy)) return picture_reply(house, path.substr(proxy.size()));
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
