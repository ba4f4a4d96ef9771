#include "discovery/web_address.hpp"

#include <doctest/doctest.h>

using discovery::is_web_address;

TEST_CASE("An address of a page is absolute and on a host") {
  for (const char* url : {"http://x/", "https://x.example", "http://192.168.1.2:8123/a?b=c#d",
                          "http://[fe80::1]:80/", "https://user:word@x.example/", "http://x/ü"}) {
    CHECK_MESSAGE(is_web_address(url), url);
  }
  for (const char* url :
       {"", "x", "/local/a.png", "homeassistant://config", "http://", "http:///a"}) {
    CHECK_FALSE_MESSAGE(is_web_address(url), url);
  }
}

TEST_CASE("An address that Home Assistant's parsers fail on is none") {
  for (const char* url : {"http://[", "http://[]", "http://[1]:80/", "http://[::1]x", "http://a:b/",
                          "http://a:99999", "http://a:", "http://a b/", "http://ü.example",
                          "http://x/\n", "http://x/\"", "http://:80/"}) {
    CHECK_FALSE_MESSAGE(is_web_address(url), url);
  }
}
