// Times and the ids made of them, as Home Assistant writes both.
#pragma once

#include <string>

namespace scripted_ha {

/// Python's time.time(): seconds since 1970-01-01 UTC, finer than a microsecond.
using Seconds = double;

Seconds wall_clock();

/// The shortest text that reads back as the same number, as orjson writes a float.
std::string number_text(double value);

/// 2026-06-01T10:00:00.123456+00:00, without the fraction when it is 0.
std::string iso_time(Seconds time);

/// A ULID, such as 01JWM0Z3V1R2Q8T7J4N6S5A9BC: the id of a context.
std::string new_ulid(Seconds time);

}  // namespace scripted_ha
