// The watch over a life: looks at each message as it passes and notes what must never happen,
// whatever came before. What must hold once all rests is for random_life.hpp to compare.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/machines/simulation.hpp"

namespace machines {

class LifeWatch : public Witness {
 public:
  /// `clears` is asked about each topic that is cleared; it tells what is wrong with that, or
  /// nothing.
  LifeWatch(const Simulation& simulation, std::function<std::string(const std::string&)> clears)
      : simulation_(simulation), clears_(std::move(clears)) {}

  /// Hears of each message that leaves, in words.
  void set_trace(std::function<void(const std::string&)> trace) { trace_ = std::move(trace); }

  /// A command or call of this number is about to be published. The number goes with it, as the
  /// transition of a light, and so is seen again wherever it leads.
  void expect(int number, bool is_call, bool has_id);
  /// All has come to rest: each call has had its answer by now.
  void rested();

  void wrong(const std::string& invariant, const std::string& what);
  /// `invariant: what was seen`, in the order in which it happened.
  const std::vector<std::string>& wrongs() const { return wrongs_; }
  std::size_t messages() const { return messages_; }
  /// The bridge knows what Home Assistant had at this time.
  Time ha_known_at() const;

  void published(const bridge::Publish& message) override;
  void acknowledged(const std::string& topic) override;
  void delivered(const bridge::Message& message) override;
  void asked(const std::string& frame) override;
  void heard() override { ha_heard_at_ = simulation_.now(); }
  void broker_opened(unsigned window) override;
  void ended(Ending what) override;

 private:
  struct Asked {
    bool is_call = false;
    bool has_id = false;
    bool excused = false;  // a connection was lost while it was on its way
    int arrivals = 0;
    int deliveries = 0;  // of them, those that may be carried out
    int runs = 0;        // since ids were last forgotten
    int all_runs = 0;
    int answers = 0;
    int good_answers = 0;
    int refusals = 0;
    Time expires{};
  };

  bool is_own(const std::string& topic) const;
  void look_at_order(const bridge::Publish& message);
  void answered(const bridge::Publish& message);
  void refused(const bridge::Publish& message);

  const Simulation& simulation_;
  std::function<std::string(const std::string&)> clears_;
  std::function<void(const std::string&)> trace_;
  std::vector<std::string> wrongs_;
  std::map<int, Asked> asked_;
  std::set<std::string, std::less<>> in_flight_;         // retained topics
  std::unordered_map<std::string, std::string> newest_;  // of each document, when it last changed
  std::size_t unacknowledged_ = 0;
  std::size_t window_ = 0;
  std::size_t messages_ = 0;
  int refusals_ = 0;
  Time ha_since_ = bridge::never;  // of the present session; never without one
  Time ha_heard_at_{};
  Time ha_lost_at_{};  // when the session before was last heard
};

}  // namespace machines
