"""What the kernel tells of a process, and waiting until one has nothing more to do."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """CPU time of the threads that a process has, in nanoseconds: /proc/PID/stat knows hundredths of a second
    only, in which an idle bridge uses nothing. What ended threads have used is not in it; the programs that
    are measured keep theirs."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def wake_ups(pid: int) -> int:
    """How often its threads have gone to sleep by themselves, and so have been woken."""
    files = Path(f"/proc/{pid}/task").glob("*/status")
    return sum(number(file, "voluntary_ctxt_switches") for file in files)


def resident_bytes(pid: int) -> int:
    return number(Path(f"/proc/{pid}/status"), "VmRSS") * 1024


def number(file: Path, field: str) -> int:
    return int(re.search(rf"^{field}:\s+(\d+)", file.read_text(), re.M)[1])


async def cpu_share(pid: int, seconds: float) -> float:
    """Of a core, over that time."""
    before, since = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.monotonic() - since)


async def quiet(pid: int, timeout: float, share: float = 0.02) -> None:
    """Waits until the process has done nothing to speak of for a second: what it had to catch up with would
    else be counted into what is measured."""
    deadline = time.monotonic() + timeout
    while (used := await cpu_share(pid, 1)) > share:
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} still uses {used:.2f} of a core after {timeout:g} s")
