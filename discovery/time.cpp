#include "discovery/time.hpp"

#include <array>
#include <chrono>
#include <cmath>

namespace discovery {
namespace {

void append_digits(std::string& out, std::int64_t number, int width) {
  std::array<char, 20> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

}  // namespace

Microseconds from_seconds(double seconds) {
  // Beyond the year 9999 the number is no time that Home Assistant can have written.
  if (!(std::abs(seconds) < 253402300800.0)) return 0;
  // As Python does it: the fraction alone, half to even. The product of the whole has too few bits
  // left behind the microseconds, and one in eight would be off by one.
  const double whole = std::floor(seconds);
  const double fraction = std::nearbyint((seconds - whole) * 1e6);
  return static_cast<Microseconds>(whole) * 1'000'000 + static_cast<Microseconds>(fraction);
}

void append_json_time(std::string& out, Microseconds time) {
  using namespace std::chrono;
  if (time == 0) {
    out += "null";
    return;
  }
  out += '"';
  const sys_time<microseconds> point{microseconds{time}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{point - day};
  append_digits(out, int{date.year()}, 4);
  out += '-';
  append_digits(out, unsigned{date.month()}, 2);
  out += '-';
  append_digits(out, unsigned{date.day()}, 2);
  out += 'T';
  append_digits(out, clock.hours().count(), 2);
  out += ':';
  append_digits(out, clock.minutes().count(), 2);
  out += ':';
  append_digits(out, clock.seconds().count(), 2);
  if (clock.subseconds().count() != 0) {
    out += '.';
    append_digits(out, clock.subseconds().count(), 6);
  }
  out += "+00:00\"";
}

}  // namespace discovery
