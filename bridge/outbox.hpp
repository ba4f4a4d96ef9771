// The outbox: every retained topic of the instance, and what is on its way to the broker.
//
// A change only marks a topic; its payload is made when the window has room, so that the newest
// value wins, a flood costs no memory, and what the broker already holds is not sent again. One
// message is in flight for each topic, and never more in all than the broker acknowledges without
// stalling.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "bridge/effects.hpp"
#include "bridge/rejections.hpp"
#include "discovery/home.hpp"
#include "discovery/index.hpp"
#include "discovery/ledger.hpp"
#include "discovery/topic.hpp"

namespace bridge {

/// What stands at a topic, and so who makes its payload.
enum class What : std::uint8_t {
  status,
  info,
  heartbeat,
  index,
  areas,
  floors,
  labels,
  device,
  instance,
  description,
  document,
  view,
  image,  // a picture: its bytes come later, and an empty payload leaves the topic as it is
  announcement,
  trigger,
  followed,  // what a consumer has applied of another instance
  foreign
};

/// The owner of a record whose entity or device is gone and that waits to be cleared.
constexpr std::uint32_t nobody = 0xffffffff;

/// One retained topic.
struct Record {
  std::string topic;
  What what = What::foreign;
  std::uint32_t owner = 0;     // number of the publication, device, bucket or instance entity
  discovery::Held held = 0;    // what the broker holds
  Record* after = nullptr;     // a changed announcement, which goes before its document
  std::uint32_t expiry_s = 0;  // of the retained message
  bool wanted = false;         // false: the broker shall hold nothing here
  bool queued = false;         // marked, in the lane that `paced` tells
  bool paced = false;
  bool in_flight = false;
  bool again = false;       // marked while in flight
  bool once_more = false;   // goes out although the broker holds it already
  bool indexed = false;     // stands in the index
  bool named = false;       // in the index as it went out last on this connection
  bool read = false;        // found by the last read of the broker
  bool refused = false;     // the broker did not take the last message
  bool too_large = false;   // the broker takes no message as large as the last payload
  bool withholds = false;   // and that keeps the instance from being online
  std::uint8_t places = 0;  // in both lanes; more than one after it was asked to hurry
};

/// The bytes of a message that a broker's limit is about.
inline std::size_t packet_bytes(const std::string& topic, const std::string& payload) {
  return payload.size() + topic.size() + 16;
}

/// `now` is sent as the window allows, `paced` at some 200 a second: each announcement of a new
/// entity costs main's Home Assistant up to half a millisecond.
enum class Lane { now, paced };

class Outbox {
 public:
  /// Makes the payload of a wanted record; an empty one clears the topic.
  using Render = std::function<void(const Record&, std::string& payload)>;

  Outbox(const discovery::Topics& topics, Render render);

  /// The record of a topic, made when there is none. It stays while it is wanted; one that is
  /// dropped goes once the broker has cleared its topic. Topics of devices, entities and
  /// announcements are listed in the index, whose bucket goes out before them.
  Record& record(const std::string& topic, What what, std::uint32_t owner);
  Record* find(std::string_view topic) const;

  /// Wants the record at the broker and marks it to be compared and sent.
  void touch(Record& record, Lane lane = Lane::now);
  /// The same, ahead of all that waits.
  void touch_first(Record& record);
  /// Sends what the broker holds already once more.
  void repeat(Record& record, Lane lane = Lane::now);
  /// Wants the topic empty.
  void drop(Record& record);
  /// `records` become those that are wanted; of the others, nothing is wanted any more.
  void replace(std::vector<Record*>& records, std::vector<Record*> wanted);
  /// Leaves what the broker holds as it is, until it is dropped: a change that waits is not sent
  /// any more, and nothing makes its payload.
  void release(Record& record);
  /// A message beside the records, as a rule one that is not retained: sent while connected,
  /// dropped otherwise. When too many or too large ones wait, the oldest go, and that is told.
  void send(std::string topic, std::string payload, bool retain = false,
            std::string correlation_data = {});

  /// A read of the broker begins; `held` tells what it finds, `end_reading` that this was all. What
  /// is not as it was last known to be is compared again, all but the status, which goes last. What
  /// is `listed` stays in the index until it is cleared, whoever it belongs to.
  void begin_reading();
  void held(const std::string& topic, std::string_view payload, bool listed = false);
  void end_reading();
  /// From here on messages go out, at most `window` unacknowledged ones.
  void open(unsigned window, std::uint32_t packet_bytes_max);
  /// The connection is gone: what was in flight is compared again after the next open.
  void close();
  bool is_open() const { return window_ > 0; }
  std::uint32_t packet_bytes_max() const { return packet_bytes_max_; }

  void acknowledged(std::uint64_t token, bool accepted, Now now, Effects& effects);
  /// Sends what the window and the pace allow.
  void pump(Now now, Effects& effects);
  /// When pump has something to do although nothing else happens.
  Time deadline(Now now) const;

  /// Remembers all that is marked now, but for paced announcements; `caught_up` when it has been
  /// acknowledged, however much was marked since. A house that never rests leaves no moment at
  /// which nothing is under way.
  void watch() {
    if (std::exchange(watching_, true)) return;
    watched_ = never_sent;
    now_lane_.push_back(nullptr);
  }
  void unwatch() {
    if (std::exchange(watching_, false)) std::erase(now_lane_, nullptr);
  }
  bool caught_up() const;
  /// The broker refuses descriptions or documents; it is found within seconds when it takes them.
  bool withholds_online() const { return rejections_.withholds_online(); }
  /// Grows whenever a record is refused or too large, or is no more.
  std::uint64_t rejections() const { return rejections_.changes(); }
  /// An announcement waits or is in flight.
  bool announces() const;
  /// The owners of announcements that have taken the place of others, or have gone out once more,
  /// since it was last asked.
  std::vector<std::uint32_t> take_replaced() { return std::exchange(replaced_, {}); }
  /// Nothing at all waits or is in flight.
  bool idle() const {
    return now_lane_.empty() && in_flight_ == 0 && messages_.empty() && paced_lane_.empty();
  }
  /// When the oldest unacknowledged message was sent; `never` without one.
  Time oldest_in_flight() const;

  std::size_t size() const { return records_.size(); }
  std::uint64_t sent() const { return sent_; }
  /// How many of them the broker has acknowledged and accepted.
  std::uint64_t accepted() const { return accepted_; }
  template <typename Visit>
  void each(Visit visit) {
    for (auto& [topic, record] : records_) visit(*record);
  }

 private:
  struct Flight {
    Record* record = nullptr;  // null for a message that is not retained
    discovery::Held hash = 0;  // of what is on its way
    std::uint64_t token = 0;   // 0: the place is free
    Time since{};
  };
  static constexpr std::uint64_t never_sent = ~std::uint64_t{0};
  enum class Sent { yes, not_needed, later };
  /// One pump: what both lanes share.
  struct Pass {
    Now now;
    Effects& effects;
    int budget;
    bool new_topics_wait = false;  // one of them does, so those behind it do as well
  };

  bool pump_lane(std::deque<Record*>& lane, Pass& pass);
  Sent pump_record(Record& record, Pass& pass);
  bool must_wait(const Record& record, Pass& pass) const;
  void fly(Record* record, discovery::Held hash, Publish message, Now now, Effects& effects);
  void enqueue(Record& record, Lane lane);
  void list(Record& record);
  void found(Record& record, discovery::Held held);
  void settle(Record& record);
  void mark_refused();
  Publish take_message();
  bool make_payload(Record& record, Now now, Effects& effects);
  std::string index_of(std::uint32_t bucket) const;

  Render render_;
  Rejections rejections_;
  std::unordered_map<std::string_view, std::unique_ptr<Record>> records_;  // by their own topics
  std::vector<std::vector<Record*>> buckets_{discovery::index_buckets};
  std::vector<Record*> index_records_;
  std::deque<Record*> now_lane_;  // null: where it ended when the watch began
  std::deque<Record*> paced_lane_;
  std::deque<Publish> messages_;
  std::size_t messages_bytes_ = 0;
  bool dropped_messages_ = false;  // since the connection was opened
  bool told_dropped_ = false;      // likewise: that was said
  std::vector<Flight> flights_;
  std::string payload_;
  unsigned window_ = 0;
  unsigned in_flight_ = 0;
  std::uint32_t packet_bytes_max_ = 0;
  Record* first_ = nullptr;  // goes ahead of all that waits, once it is acknowledged itself
  std::vector<std::uint32_t> replaced_;
  std::uint64_t next_token_ = 1;
  std::uint64_t sent_ = 0;
  std::uint64_t accepted_ = 0;
  bool watching_ = false;
  std::uint64_t watched_ = never_sent;  // what has a lower token is watched
  bool now_lane_waits_ = false;         // for acknowledgements, not for the window
  bool paced_lane_waits_ = false;
  double allowance_ = 0;  // announcements that may go out at once
  Time refilled_{};
};

}  // namespace bridge
