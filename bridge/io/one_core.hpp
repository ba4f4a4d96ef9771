// Keeps threads that pass each message on to each other on one core.
#pragma once

namespace bridge::io {

/// Keeps the calling thread, and those that it starts from now on, on the core on which it runs;
/// without effect where the process may use one core only. The loop, the hand and Paho's threads
/// hand over each message under common locks, and between cores that costs as much as the work
/// itself (docs/benchmarks.md).
void stay_on_one_core();

}  // namespace bridge::io
