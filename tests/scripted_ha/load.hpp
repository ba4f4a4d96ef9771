// A load of state changes, faster than a real Home Assistant could make them.
//
// Each change is a new running number as the state of the next of some sensors. The texts are made
// by hand, past the bus of the house, but the house holds the same states afterwards.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/scripted_ha/server.hpp"

namespace scripted_ha {

struct LoadPlan {
  double rate = 0;  // changes per second; 0: as fast as the clients take them
  double seconds = 1;
  std::size_t entities = 0;  // the first so many sensors; 0: all
  bool stamp = false;        // an attribute `sent_ns`: CLOCK_MONOTONIC in nanoseconds
  std::uint64_t count = 0;   // so many changes, as fast as clients take them; 0: by rate and time
  std::size_t queue_max = 2048;  // no change is made while so many messages wait at a client
};

class Load {
 public:
  /// Called with the number of changes made and the seconds that it took.
  using Done = std::function<void(std::uint64_t sent, double seconds)>;

  Load(boost::asio::io_context& context, Server& server) : server_(server), timer_(context) {}

  /// Begins; false while another one runs or when there are no sensors.
  bool start(LoadPlan plan, Done done);
  void stop() { plan_.seconds = plan_.count = 0; }
  bool running() const { return running_; }

 private:
  /// A sensor and the part of its message that never changes.
  struct Target {
    std::string entity_id;
    std::string head;
  };

  void tick();
  void wait();
  /// False when the house has no such state, as while it restarts.
  bool change(const Target& target);
  std::uint64_t due(double elapsed) const;

  Server& server_;
  boost::asio::steady_timer timer_;
  LoadPlan plan_;
  Done done_;
  std::vector<Target> targets_;
  std::chrono::steady_clock::time_point started_;
  std::uint64_t sent_ = 0;
  std::uint64_t number_ = 0;  // never repeats, also over several loads
  std::string text_;
  bool running_ = false;
};

}  // namespace scripted_ha
