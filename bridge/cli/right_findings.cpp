#include "bridge/cli/right_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace bridge::cli {
namespace {

bool is_to_write(const Trial& trial) { return trial.right.access != Access::read; }

/// A right to read cannot be tried where nothing may be written that would come back.
bool is_untried(const Trial& trial) { return !is_to_write(trial) && !trial.may_write; }

bool is_lacking(const Trial& trial) {
  return (is_to_write(trial) && !trial.may_write) || (trial.awaits() && !trial.may_read);
}

Finding lacking(const Trial& trial) {
  const bool runs_without = trial.right.standing == Standing::needed_to_check;
  return {runs_without ? Mark::note : Mark::bad, "broker",
          fmt::format("this user may not {} {}, which it needs {}{}; add to its lines in the "
                      "broker's access list: {}",
                      is_to_write(trial) && !trial.may_write ? "write" : "read",
                      trial.attempt.shown, trial.right.purpose,
                      runs_without ? " (the bridge runs without)" : "", acl_line(trial.right))};
}

}  // namespace

std::vector<Finding> right_findings(const std::vector<Trial>& trials, const std::string& place) {
  std::vector<Finding> out;
  std::set<std::string> told;  // a right of which two attempts fail is told once
  std::vector<std::string> untried;
  std::vector<std::string> options;
  std::vector<std::string> excesses;
  for (const Trial& trial : trials) {
    if (trial.right.standing == Standing::excess) {
      const bool has = trial.may_write && (is_to_write(trial) || trial.may_read);
      if (has) excesses.push_back(trial.right.purpose);
    } else if (trial.right.standing == Standing::optional) {
      const std::string& filter = trial.right.filter;
      if (trial.may_write)
        options.push_back(fmt::format("write {}, {}", filter, trial.right.purpose));
    } else if (trial.right.filter == place) {
      continue;  // without it some rights are untried, which tells of it
    } else if (is_untried(trial)) {
      untried.push_back(trial.right.filter);
    } else if (is_lacking(trial) && told.insert(acl_line(trial.right)).second) {
      out.push_back(lacking(trial));
    }
  }
  if (out.empty()) {
    out.push_back({Mark::good, "broker",
                   untried.empty()
                       ? "this user may do all that the bridge needs"
                       : "this user may do what the bridge needs, as far as was tried"});
  }
  if (!untried.empty()) {
    out.push_back(
        {Mark::note, "broker",
         fmt::format("whether this user may read {} was not tried, since it may not write "
                     "{}; add to its lines in the broker's access list: topic write {}",
                     fmt::join(untried, ", "), place, place)});
  }
  for (const std::string& option : options) {
    out.push_back({Mark::note, "broker", fmt::format("this user may {}", option)});
  }
  if (!excesses.empty()) {
    out.push_back({Mark::note, "broker",
                   fmt::format("the access list is open: this user may also {}; `statebus acl` "
                               "prints one that keeps instances apart",
                               fmt::join(excesses, ", "))});
  }
  return out;
}

}  // namespace bridge::cli
