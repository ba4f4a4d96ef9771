#include "bridge/io/room.hpp"

#include <doctest/doctest.h>

#include <thread>

using bridge::io::Room;

namespace {

/// Somebody who brings so much from a thread of his own.
class Bringer {
 public:
  Bringer(Room& room, std::uint32_t bytes)
      : thread_([this, &room, bytes] {
          room.enter(bytes);
          is_in_ = true;
          is_in_.notify_all();
        }) {}
  ~Bringer() { thread_.join(); }

  /// After more than enough time to come in.
  bool waits() const {
    for (int i = 0; i < 10'000 && !is_in_; ++i) std::this_thread::yield();
    return !is_in_;
  }
  void comes_in() const { is_in_.wait(false); }

 private:
  std::atomic<bool> is_in_{false};
  std::thread thread_;
};

}  // namespace

TEST_CASE("Who brings more than there is room for waits until enough has left") {
  Room room(100);
  room.enter(60);
  room.enter(40);
  const Bringer bringer(room, 50);
  CHECK(bringer.waits());
  room.leave(40);
  CHECK(bringer.waits());
  room.leave(60);
  bringer.comes_in();
}

TEST_CASE("What is larger than the room comes in when nothing else is there") {
  Room room(100);
  room.enter(500);
  const Bringer bringer(room, 1);
  CHECK(bringer.waits());
  room.leave(500);
  bringer.comes_in();
}

TEST_CASE("Where nobody works on it any more nobody waits") {
  Room room(100);
  room.enter(100);
  const Bringer first(room, 100);
  CHECK(first.waits());
  room.let_all_in();
  first.comes_in();
  room.enter(100);
}

TEST_CASE("After a while in which nobody waits there is as much room as before") {
  Room room(100);
  room.enter(100);
  CHECK_FALSE(room.is_empty());
  room.let_all_in();
  room.enter(20);
  room.let_in_what_fits();
  const Bringer bringer(room, 1);
  room.leave(20);
  CHECK(bringer.waits());
  room.leave(100);
  bringer.comes_in();
  room.leave(1);
  CHECK(room.is_empty());
}
