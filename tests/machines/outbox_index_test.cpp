// No topic without a name: what the outbox sends before a new topic, and what it lets wait for it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/machines/outbox_fixture.hpp"

using namespace machines;
using Texts = std::vector<std::string>;

namespace {

struct IndexFixture : OutboxFixture {
  std::string bucket_of(const std::string& topic) const {
    return topics.index(discovery::index_bucket(topic, discovery::index_buckets));
  }

  /// A topic of that name, or of one that begins so, in the same bucket as `other`.
  std::string beside(const std::string& other) const {
    for (int i = 0;; ++i) {
      std::string topic = fmt::format("{}{}", other, i);
      if (bucket_of(topic) == bucket_of(other)) return topic;
    }
  }

  Record& document(const std::string& topic, Lane lane = Lane::now) {
    payloads[topic] = "1";
    Record& made = record(topic, What::document);
    outbox.touch(made, lane);
    return made;
  }

  /// The topics of all that is sent as long as nothing is acknowledged.
  Texts pump_topics() {
    Texts topics_sent;
    do {
      for (const std::string& text : pump()) topics_sent.push_back(text.substr(0, text.find('=')));
    } while (outbox.deadline(now) <= now.at);
    return topics_sent;
  }
};

const std::string a = "statebus/hubs/state/light/a";

}  // namespace

TEST_CASE("A new topic waits while the bucket that shall name it is on its way without it") {
  for (const Lane lane : {Lane::now, Lane::paced}) {
    IndexFixture fixture;
    fixture.open(100);
    const std::string b = fixture.beside(a);
    fixture.document(a);
    CHECK(fixture.pump_topics() == Texts{fixture.bucket_of(a), a});
    fixture.document(b, lane);
    CHECK(fixture.pump_topics().empty());
    // Nothing but an acknowledgement changes that, so nobody need look before.
    CHECK(fixture.outbox.deadline(fixture.now) == bridge::never);
    fixture.acknowledge();
    CHECK(fixture.pump_topics() == Texts{fixture.bucket_of(a), b});
  }
}

TEST_CASE("New topics behind one that waits keep their order, and known ones do not wait") {
  IndexFixture fixture;
  fixture.open(100);
  const std::string b = fixture.beside(a);
  const std::string known = "statebus/hubs/state/light/known";
  fixture.document(known);
  fixture.flush();
  fixture.document(a);
  fixture.pump();
  fixture.document(b);
  fixture.document("statebus/hubs/state/light/other");
  fixture.payloads[known] = "2";
  fixture.outbox.touch(fixture.record(known, What::document));
  const Texts sent = fixture.pump_topics();
  CHECK(std::count(sent.begin(), sent.end(), known) == 1);
  CHECK(std::count(sent.begin(), sent.end(), "statebus/hubs/state/light/other") == 0);
  fixture.acknowledge();
  CHECK(fixture.pump_topics() == Texts{fixture.bucket_of(a), b, "statebus/hubs/state/light/other"});
}

TEST_CASE("All buckets go before what an emptied broker gets anew") {
  IndexFixture fixture;
  fixture.open(100);
  fixture.document(a);
  fixture.flush();
  fixture.outbox.close();
  fixture.outbox.begin_reading();
  fixture.outbox.end_reading();
  fixture.outbox.open(100, 0);
  const Texts sent = fixture.pump_topics();
  const auto document = std::find(sent.begin(), sent.end(), a);
  REQUIRE(document != sent.end());
  CHECK(std::find(sent.begin(), document, fixture.bucket_of(a)) != document);
}

TEST_CASE("A bucket that the broker does not take stops no topic") {
  IndexFixture fixture;
  fixture.open(100, 100);
  const std::string b = fixture.beside(a);
  fixture.document(a);
  fixture.flush();
  fixture.document(b);
  CHECK(fixture.pump_topics().back() == b);
}

TEST_CASE("What waits for its bucket is waited for by who waits for all") {
  IndexFixture fixture;
  fixture.open(100);
  fixture.document(a);
  fixture.pump();
  const std::string b = fixture.beside(a);
  fixture.document(b);
  fixture.outbox.watch();
  fixture.pump();
  fixture.acknowledge();
  CHECK_FALSE(fixture.outbox.caught_up());
  CHECK(fixture.pump_topics().back() == b);
  CHECK_FALSE(fixture.outbox.caught_up());
  fixture.acknowledge();
  CHECK(fixture.outbox.caught_up());
}

TEST_CASE("What was given up is nobody's when a broker comes back with it, and so can be swept") {
  OutboxFixture fixture;
  fixture.open(1);
  const std::string topic = "homeassistant/light/hubs/statebus-hubs-r1/config";
  fixture.payloads[topic] = "1";
  Record& record = fixture.record(topic, What::announcement);
  // It keeps a place in the paced lane, and with it its record.
  fixture.outbox.touch(record, Lane::paced);
  fixture.outbox.touch(record);
  fixture.outbox.drop(record);
  fixture.outbox.pump(fixture.now, fixture.effects);
  fixture.outbox.close();
  fixture.outbox.begin_reading();
  fixture.outbox.held(topic, "1", true);
  fixture.outbox.end_reading();
  REQUIRE(fixture.outbox.find(topic) != nullptr);
  CHECK(fixture.outbox.find(topic)->what == What::foreign);
}
