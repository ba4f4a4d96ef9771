#include "discovery/time.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace discovery;

namespace {

std::string json_time(Microseconds time) {
  std::string out;
  append_json_time(out, time);
  return out;
}

}  // namespace

TEST_CASE("Seconds with six decimals become exact microseconds") {
  CHECK(from_seconds(0) == 0);
  CHECK(from_seconds(1780308000) == 1780308000'000000);
  CHECK(from_seconds(1780308000.123456) == 1780308000'123456);
  CHECK(from_seconds(1780308000.000001) == 1780308000'000001);
  CHECK(from_seconds(1780308000.999999) == 1780308000'999999);
  CHECK(from_seconds(1.000001) == 1000001);
  CHECK(from_seconds(-1.5) == -1'500000);
}

TEST_CASE("Seconds with more decimals are rounded as Python rounds them") {
  // What `datetime.fromtimestamp` makes of these, and so Home Assistant's REST API shows.
  CHECK(from_seconds(1796405359.8355105) == 1796405359'835510);
  CHECK(from_seconds(1796246176.4512744) == 1796246176'451274);
  CHECK(from_seconds(1795932896.2103834) == 1795932896'210383);
  CHECK(from_seconds(1780308000.9999998) == 1780308001'000000);
}

TEST_CASE("A number that can be no time is no time") {
  CHECK(from_seconds(1e300) == 0);
  CHECK(from_seconds(-1e300) == 0);
  CHECK(from_seconds(253402300800.0) == 0);
  CHECK(from_seconds(std::numeric_limits<double>::infinity()) == 0);
  CHECK(from_seconds(std::numeric_limits<double>::quiet_NaN()) == 0);
}

TEST_CASE("Times are written as Python's isoformat does") {
  CHECK(json_time(1780308000'123456) == R"("2026-06-01T10:00:00.123456+00:00")");
  CHECK(json_time(1780308000'000000) == R"("2026-06-01T10:00:00+00:00")");
  CHECK(json_time(1780308000'000001) == R"("2026-06-01T10:00:00.000001+00:00")");
  CHECK(json_time(1780308000'500000) == R"("2026-06-01T10:00:00.500000+00:00")");
  CHECK(json_time(1709251199'000000) == R"("2024-02-29T23:59:59+00:00")");
  CHECK(json_time(1) == R"("1970-01-01T00:00:00.000001+00:00")");
  CHECK(json_time(-1) == R"("1969-12-31T23:59:59.999999+00:00")");
  CHECK(json_time(from_seconds(253402300799.0)) == R"("9999-12-31T23:59:59+00:00")");
}

TEST_CASE("No known time is null") { CHECK(json_time(0) == "null"); }
