// Addresses of pages and pictures that an announcement or a view may name; announce.cpp and
// domains/ ask.
#pragma once

#include <string_view>

namespace discovery {

/// Whether Home Assistant takes a text as the address of a page or picture: absolute, on a host. It
/// refuses the whole entity for one that its parsers cannot read.
bool is_web_address(std::string_view url);

}  // namespace discovery
