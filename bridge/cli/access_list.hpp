// The users of a home's broker and their rights, as an access list of Mosquitto (acl_file).
// `statebus acl` writes it.
#pragma once

#include <string>
#include <vector>

#include "bridge/rights.hpp"

namespace bridge::cli {

struct BrokerUser {
  std::string name;
  std::string about;  // whose it is, for a comment
  std::vector<Right> rights;
};

/// All users with a comment for each purpose. Names and filters are valid.
std::string access_list(const std::vector<BrokerUser>& users);

}  // namespace bridge::cli
