#include "bridge/io/one_core.hpp"

#include <sched.h>

namespace bridge::io {

void stay_on_one_core() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
  const int here = sched_getcpu();
  if (here < 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(here), &one);
  sched_setaffinity(0, sizeof one, &one);
}

}  // namespace bridge::io
