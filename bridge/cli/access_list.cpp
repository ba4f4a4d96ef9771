#include "bridge/cli/access_list.hpp"

#include <fmt/format.h>

namespace bridge::cli {

std::string access_list(const std::vector<BrokerUser>& users) {
  std::string out;
  for (const BrokerUser& user : users) {
    if (!out.empty()) out += '\n';
    // A comment must not begin behind `user`, which takes the rest of its line for the name.
    out += fmt::format("# {}\nuser {}\n", user.about, user.name);
    std::string_view purpose;
    for (const Right& right : user.rights) {
      if (right.purpose != purpose) out += fmt::format("# Needed {}:\n", right.purpose);
      purpose = right.purpose;
      out += acl_line(right) + '\n';
    }
  }
  return out;
}

}  // namespace bridge::cli
