// A random life of a house, its bridge and its broker; each seed is always the same life.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/machines/simulation.hpp"

namespace machines {

class RandomLife {
 public:
  explicit RandomLife(unsigned seed);

  void live(int steps);
  /// All comes to rest, and each entity has all that it can have.
  void rest();

  /// What the broker holds, without that which changes by itself.
  FakeBroker::Retained held();
  /// What a new bridge makes of the same house before an empty broker.
  FakeBroker::Retained fresh();

  /// Topics that were cleared although Home Assistant had what they tell of, with the time.
  const std::vector<std::string>& wrongs() const { return wrongs_; }
  /// What happened and when, for whoever looks for the cause of a failure.
  std::string history() const;

 private:
  struct Thing {
    std::string id;        // its entity id
    std::string registry;  // its registry id; empty without entry
    bool enabled = true;
    bool loaded = true;  // its integration has given it a state
    Time since{};        // it has had its id, and been there, for so long
  };

  SimulationOptions options();
  unsigned number(unsigned below) { return static_cast<unsigned>(random_() % below); }
  Time roll(unsigned below_ms) { return Time{number(below_ms)}; }
  Thing& any() { return things_[number(static_cast<unsigned>(things_.size()))]; }
  void step();
  void note(const std::string& text);
  void set_state(Thing& thing, bool complete);
  std::string free_id(const std::string& domain);
  void add();
  void change() { change(any()); }
  void change(Thing& thing);
  void remove();
  void rename();
  void disable();
  void rearrange();
  /// The integration of a registered entity ends; another change brings the state back.
  void unload();
  void cut_ha();
  void restart_ha();
  void cut_broker();
  void empty_broker();
  void stop_broker();
  void start_broker();
  void freeze_broker() { simulation_.freeze_broker(true); }
  void kill();
  void judge(const bridge::Publish& message);

  std::mt19937 random_;
  Simulation simulation_;
  std::vector<Thing> things_;
  std::vector<std::string> wrongs_;
  std::vector<std::string> history_;
  int made_ = 0;
};

}  // namespace machines
