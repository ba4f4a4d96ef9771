#include "discovery/ledger.hpp"

#include <doctest/doctest.h>

using namespace discovery;

TEST_CASE("What the broker holds is kept, published or cleared by its bytes") {
  CHECK(judge(hash_of("a"), "a") == Verdict::keep);
  CHECK(judge(hash_of("a"), "b") == Verdict::publish);
  CHECK(judge(hash_of("a"), "") == Verdict::clear);
  CHECK(judge(0, "a") == Verdict::publish);
  CHECK(judge(0, "") == Verdict::keep);
  CHECK(judge(hash_of("0"), "0.0") == Verdict::publish);
}

TEST_CASE("Nothing but nothing has the hash 0") {
  CHECK(hash_of("") == 0);
  for (const char* payload : {"0", "null", "{}", "\"\"", " "}) CHECK(hash_of(payload) != 0);
}
