/* Before libfaketime: 0.9.10 takes a jump of the wall clock into the times of timerfd_settime as well, which go by
   the clock that has no jumps. It is told to leave that one alone, and forgets this one call. */
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *before) {
  return (int)syscall(SYS_timerfd_settime, fd, flags, wanted, before);
}
