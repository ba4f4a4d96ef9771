// What happens by itself in the demo house: temperatures drift, somebody walks about.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <random>
#include <string>

#include "tests/scripted_ha/house.hpp"

namespace scripted_ha {

class Demo {
 public:
  Demo(boost::asio::io_context& context, House& house) : house_(house), timer_(context) {}

  /// Makes a change every 0.2 to 1 s, as long as Home Assistant is RUNNING.
  void start();

  /// Makes one change.
  void step();

 private:
  void drift(const std::string& entity_id, double step, double min, double max);
  void toggle(const std::string& entity_id);
  void walk();  // somebody comes or goes, and the light in the hall follows
  void press_switch();

  House& house_;
  boost::asio::steady_timer timer_;
  std::mt19937 random_{20261123};
};

}  // namespace scripted_ha
