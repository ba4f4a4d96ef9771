// Messages beside the records: answers, events and refusals that wait for the broker.
#include <doctest/doctest.h>

#include "tests/machines/outbox_fixture.hpp"

using namespace machines;

namespace {

constexpr std::size_t answer_bytes = 4 * 1024 * 1024;

struct WaitingAnswers : OutboxFixture {
  WaitingAnswers() {
    open(1);
    send('-', 0);
    (void)pump();  // it flies, and nothing else does before it is acknowledged
  }
  void send(char name, std::size_t bytes) {
    outbox.send(std::string(1, name), std::string(bytes, name));
  }
  /// Their names, in the order in which they go out.
  std::string rest() {
    std::string names;
    acknowledge();
    for (auto sent = pump(); !sent.empty(); sent = pump()) {
      names += sent.front().front();
      acknowledge();
    }
    return names;
  }
};

}  // namespace

TEST_CASE("Of large answers that wait only the newest are kept, and that is said once") {
  WaitingAnswers answers;
  for (const char name : {'a', 'b', 'c', 'd'}) answers.send(name, answer_bytes);
  (void)answers.pump();
  CHECK(answers.effects.log.empty());
  answers.send('e', 1);
  (void)answers.pump();
  REQUIRE(answers.effects.log.size() == 1);
  CHECK(answers.effects.log[0].text.find("the oldest are dropped") != std::string::npos);
  answers.send('f', answer_bytes);
  answers.send('g', 1);
  CHECK(answers.rest() == "cdefg");
  CHECK(answers.effects.log.size() == 1);
}

TEST_CASE("What has gone out takes no room") {
  WaitingAnswers answers;
  for (int i = 0; i < 10; ++i) {
    answers.send('a', answer_bytes);
    CHECK(answers.rest() == "a");
  }
  answers.outbox.close();
  answers.open(1);
  CHECK(answers.effects.log.empty());
}

TEST_CASE("An answer that is larger than all that may wait goes out alone") {
  WaitingAnswers answers;
  answers.send('a', 1);
  answers.send('b', 5 * answer_bytes);
  CHECK(answers.rest() == "b");
}
