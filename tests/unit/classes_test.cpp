#include "discovery/classes.hpp"

#include <doctest/doctest.h>

#include "tests/support.hpp"

using namespace discovery;
using tests::Json;

namespace {

constexpr Version between{2025, 9};

struct Case {
  const char* device_class = nullptr;
  const char* unit = nullptr;
  const char* state_class = nullptr;
  Version source = tests::newest;
  Version consumer = tests::newest;
  const Domain* domain = &kinds::sensor;
};

/// What is announced of the case: device class, unit and state class.
struct Seen {
  Json device_class;
  Json unit;
  Json state_class;
  bool number;
};

void set(Description& description, const char* name, const char* text) {
  if (text != nullptr) description.learned.capabilities.set(name, to_text(Json(text)));
}

Description describe(const Case& c) {
  Description description;
  set(description, "device_class", c.device_class);
  set(description, "unit_of_measurement", c.unit);
  set(description, "state_class", c.state_class);
  return description;
}

Seen see(const Case& c) {
  const Description description = describe(c);
  const Consumer consumer{"homeassistant", c.consumer};
  const Facts facts{description, *c.domain, consumer, c.source};
  return {device_class(facts), unit(facts), state_class(facts), expects_number(facts)};
}

Json class_of(const Case& c) { return see(c).device_class; }

}  // namespace

TEST_CASE("A class that fits its unit is kept") {
  CHECK(class_of({"temperature", "°C"}) == "temperature");
  CHECK(class_of({"temperature", "°C", nullptr, tests::newest, tests::oldest}) == "temperature");
  CHECK(class_of({"monetary", "EUR"}) == "monetary");
  CHECK(class_of({"enum", nullptr}) == "enum");
  CHECK(class_of({"power_factor", nullptr}) == "power_factor");
}

TEST_CASE("A class that does not fit its unit is left out, and the unit stays") {
  CHECK(class_of({"temperature", "bar"}).is_null());
  CHECK(class_of({"temperature", nullptr}).is_null());
  CHECK(class_of({"aqi", "%"}).is_null());
  CHECK(see({"temperature", "bar"}).unit == "bar");
}

TEST_CASE("A class of a kind without units needs none") {
  CHECK(class_of({"battery", nullptr, nullptr, tests::newest, tests::oldest,
                  &kinds::binary_sensor}) == "battery");
  CHECK(class_of({"outlet", "x", nullptr, tests::newest, tests::oldest, &kinds::switch_}) ==
        "outlet");
}

TEST_CASE("A class that the kind on main has not is left out") {
  CHECK(class_of({"motion", nullptr}).is_null());
  CHECK(class_of(
            {"temperature", nullptr, nullptr, tests::newest, tests::newest, &kinds::binary_sensor})
            .is_null());
  CHECK(class_of({"", nullptr}).is_null());
  CHECK(class_of({"it's \"new\" {{ x }}", nullptr}).is_null());
}

TEST_CASE("A class that came later is left out for an older consumer") {
  const Case humidity{"absolute_humidity", "g/m³"};
  CHECK(class_of(humidity) == "absolute_humidity");
  Case older = humidity;
  older.consumer = {2025, 8};
  CHECK(class_of(older).is_null());
  older.consumer = between;
  CHECK(class_of(older) == "absolute_humidity");
  CHECK(class_of(
            {"glass_break", nullptr, nullptr, tests::newest, tests::oldest, &kinds::binary_sensor})
            .is_null());
}

TEST_CASE("A consumer no older than the source knows every class that the source uses") {
  Case radon{"radon", "Bq/m³"};
  radon.source = radon.consumer = {2026, 10};
  CHECK(class_of(radon) == "radon");
  radon.source = {2026, 11};
  CHECK(class_of(radon).is_null());
}

TEST_CASE("A unit that a class gained later is taken where the source is no newer") {
  Case monoxide{"carbon_monoxide", "mg/m³"};
  CHECK(class_of(monoxide) == "carbon_monoxide");
  monoxide.consumer = tests::oldest;
  CHECK(class_of(monoxide).is_null());
  monoxide.unit = "ppm";
  CHECK(class_of(monoxide) == "carbon_monoxide");
}

TEST_CASE("State classes are checked by release alone") {
  CHECK(see({nullptr, "°C", "measurement"}).state_class == "measurement");
  CHECK(see({nullptr, "°", "measurement_angle"}).state_class == "measurement_angle");
  CHECK(
      see({nullptr, "°", "measurement_angle", tests::newest, tests::oldest}).state_class.is_null());
  CHECK(see({nullptr, "%", "measurement_angle"}).state_class.is_null());
  CHECK(see({nullptr, nullptr, "nonsense"}).state_class.is_null());
  CHECK(see({}).state_class.is_null());
}

TEST_CASE("Micro is spelt as the consumer's release spells it") {
  CHECK(see({nullptr, "\u03bcg/m³", nullptr, tests::newest, tests::oldest}).unit == "\u00b5g/m³");
  CHECK(see({nullptr, "\u03bcg/m³"}).unit == "\u03bcg/m³");
  CHECK(see({nullptr, "\u00b5g/m³", nullptr, tests::oldest, tests::oldest}).unit == "\u00b5g/m³");
  CHECK(see({nullptr, "\u03bcV\u03bc", nullptr, tests::newest, {2025, 8}}).unit == "\u00b5V\u00b5");
  CHECK(see({nullptr, "\u03bcV", nullptr, tests::newest, between}).unit == "\u03bcV");
}

TEST_CASE("A class fits its unit in either spelling of micro") {
  for (const char* unit : {"\u00b5g/m³", "\u03bcg/m³"}) {
    CHECK(class_of({"pm25", unit}) == "pm25");
    CHECK(class_of({"pm25", unit, nullptr, tests::newest, tests::oldest}) == "pm25");
  }
}

TEST_CASE("No unit is no unit") {
  CHECK(see({}).unit.is_null());
  CHECK(see({nullptr, ""}).unit.is_null());
}

TEST_CASE("Main takes a sensor for a number by the class, state class or unit that it is told") {
  CHECK(see({"temperature", "°C"}).number);
  CHECK(see({nullptr, "%"}).number);
  CHECK(see({nullptr, nullptr, "total"}).number);
  CHECK_FALSE(see({}).number);
  CHECK_FALSE(see({"nonsense"}).number);
  for (const char* word : {"date", "enum", "timestamp", "uptime"}) {
    CHECK_FALSE(see({word, "x", "measurement"}).number);
  }
}

TEST_CASE("The generated lists hold what both releases know") {
  CHECK(known_words.size() > 100);
  CHECK(class_units.size() > 50);
  for (const ClassUnits& row : class_units) {
    CAPTURE(row.device_class);
    CHECK_FALSE(row.units.empty());
  }
}
