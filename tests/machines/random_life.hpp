// A random life of a house, its bridge and its broker; each seed is always the same life.
//
// The seed also draws what kind of life it is: how large the house is, how slow and how uneven the
// connections are, and what happens often, seldom or never. So lives differ more than their steps.
#pragma once

#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/machines/life_watch.hpp"
#include "tests/machines/simulation.hpp"

namespace machines {

class RandomLife {
 public:
  explicit RandomLife(unsigned seed);

  void live(int steps);
  /// All comes to rest, and each entity has all that it can have.
  void rest();

  /// What the broker holds, without that which changes by itself and what others keep there.
  FakeBroker::Retained held();
  /// What a new bridge makes of the same house before an empty broker; the life ends with it.
  FakeBroker::Retained fresh();

  /// Lives, rests and compares: what was wrong, a line for each; empty when nothing was.
  std::string judge(int steps);

  /// The history has each message of the bridge as well.
  void trace() {
    watch_.set_trace([this](const std::string& text) { note(text); });
  }
  /// What happened and when, for whoever looks for the cause of a failure.
  std::string history() const;
  std::size_t messages() const { return watch_.messages(); }
  std::size_t bridge_steps() const { return simulation_.steps(); }

 private:
  struct Thing {
    std::string id;        // its entity id
    std::string registry;  // its registry id; empty without entry
    bool enabled = true;
    bool loaded = true;  // its integration has given it a state
    Time since{};        // it has had its id, and been there, for so long
  };
  static constexpr unsigned longest_afterlife_ms = 700;

  using Act = void (RandomLife::*)();
  struct Weighted {
    Act act;
    unsigned weight;
  };

  SimulationOptions options();
  void draw_acts();
  unsigned number(unsigned below) { return static_cast<unsigned>(random_() % below); }
  Time roll(unsigned below_ms) { return Time{number(below_ms)}; }
  Time pause();
  Thing& any() { return things_[number(static_cast<unsigned>(things_.size()))]; }
  void step();
  void note(const std::string& text);
  void set_state(Thing& thing, bool complete);
  std::string free_id(const std::string& domain);
  bool is_described(const std::string& path, const std::string& name) const;
  std::string why_not_cleared(const std::string& topic) const;
  std::string compare_with_source();
  std::string compare_with_fresh();

  // What happens in the house (life_acts.cpp).
  void add();
  void change() { change(any()); }
  void change(Thing& thing);
  void remove();
  void rename();
  void disable();
  void rearrange();
  /// The integration of a registered entity ends; another change brings the state back.
  void unload();

  // What happens to the connections and to those at their ends (life_links.cpp).
  void cut_ha();
  void restart_ha();
  /// It runs, and its integrations come up only then: the first states that it tells are none.
  void start_empty();
  void freeze_ha();
  /// A way carries nothing for a while, and then all of it.
  void stall();
  void cut_broker();
  void empty_broker();
  void keep_broker();
  /// The broker comes back with what it had saved some time ago.
  void restore_broker();
  void stop_broker();
  void start_broker();
  void freeze_broker();
  void kill();
  void end();

  // What others ask for and do at the broker.
  void command();
  void call();
  void ask(const bridge::Publish& message, int mark, bool is_call, bool has_id);
  void overwrite();

  std::mt19937 random_;
  Simulation simulation_;
  LifeWatch watch_;
  std::vector<Weighted> acts_;
  unsigned weights_ = 0;
  std::vector<Thing> things_;
  std::size_t most_things_ = 0;
  unsigned names_ = 0;         // that are drawn from, of each domain
  std::set<std::string> ids_;  // all that ever were, with those of the registry
  FakeBroker::Retained saved_;
  std::vector<std::string> history_;
  Time empty_again_at_{};
  int made_ = 0;
  int asked_ = 0;
};

}  // namespace machines
