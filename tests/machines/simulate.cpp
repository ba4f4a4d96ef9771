// Lives random lives, one for each seed from --seed on, and stops at the first that breaks an
// invariant. A failure tells its seed; `simulate --seed N` lives that life again.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <vector>

#include "tests/machines/random_life.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  unsigned seed = 1;
  unsigned schedules = 1;
  int steps = 200;
  unsigned jobs = 1;
  bool quiet = false;
  bool trace = false;
};

/// Lives every `jobs`-th life from `first` on; true when none of them broke anything.
bool live(const Options& options, unsigned first) {
  const auto start = Clock::now();
  std::size_t messages = 0;
  std::size_t steps = 0;
  unsigned lived = 0;
  for (unsigned i = first; i < options.schedules; i += options.jobs) {
    const unsigned seed = options.seed + i;
    std::string faults;
    std::string history;
    try {
      machines::RandomLife life(seed);
      if (options.trace) life.trace();
      faults = life.judge(options.steps);
      messages += life.messages();
      steps += life.bridge_steps();
      if (!faults.empty()) history = life.history();
    } catch (const std::exception& exception) {
      faults = std::string("an exception: ") + exception.what() + '\n';
    }
    if (!faults.empty()) {
      std::cout << history << "seed " << seed << ", after " << i + 1 << " schedules\n" << faults;
      std::cout.flush();
      return false;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (++lived % 1000 == 0 && first == 0 && !options.quiet) {
      std::cout << lived * options.jobs << " schedules in " << static_cast<int>(seconds) << " s"
                << std::endl;
    }
  }
  if (first == 0 && !options.quiet) {
    std::cout << messages * options.jobs << " messages, " << steps * options.jobs
              << " steps of the bridge, about" << std::endl;
  }
  return true;
}

/// Each job is a process of its own, so that none shares anything with another.
bool live_in_jobs(const Options& options) {
  std::vector<pid_t> children;
  for (unsigned job = 0; job < options.jobs; ++job) {
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0) {
      const bool well = live(options, job);
      std::cout.flush();
      _exit(well ? 0 : 1);
    }
    children.push_back(child);
  }
  bool well = true;
  for (std::size_t ended = 0; ended < children.size(); ++ended) {
    int status = 0;
    wait(&status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    // The first failure is enough.
    well = false;
    for (const pid_t child : children) kill(child, SIGTERM);
  }
  return well;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Random lives of a house, its bridge and its broker, each told by its seed.");
  app.add_option("--seed", options.seed, "of the first life")->capture_default_str();
  app.add_option("--schedules", options.schedules, "so many lives, from that seed on")
      ->capture_default_str();
  app.add_option("--steps", options.steps, "of each life")->capture_default_str();
  app.add_option("--jobs", options.jobs, "processes that share the work")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--trace", options.trace, "the history has each message of the bridge, too");
  app.add_flag("--quiet", options.quiet, "tell failures only");
  CLI11_PARSE(app, argc, argv);
  const auto start = Clock::now();
  const bool well = options.jobs == 1 ? live(options, 0) : live_in_jobs(options);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (well && !options.quiet) {
    std::cout << options.schedules << " schedules of " << options.steps << " steps in "
              << static_cast<int>(seconds) << " s: no invariant was broken" << std::endl;
  }
  return well ? 0 : 1;
}
