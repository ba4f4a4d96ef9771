"""An accelerated day: each of its 24 hours has a flood, a lost broker and a Home Assistant that restarts.

Nothing of the bridge may grow with the hours: memory, descriptors, threads.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

import pytest

from harness.markdown import markdown_table
from matrix.house import LEAN, RATE, House, now

HOURS = 24
EVENTS = int(os.environ.get("SOAK_EVENTS", 240_000))
WARM = 6  # hours until each kind of hour has been, and the allocator has what it keeps
GROWTH_MAX = 0.05  # of the memory after those
HEAD = ["hour", "events", "memory, MB", "descriptors", "threads", "states, s", "difference"]


@dataclass
class Hour:
    events: int
    memory: float  # resident, in MB
    descriptors: int
    threads: int
    states: float  # seconds from the end of the load until the documents were equal
    difference: int

    def cells(self, number: int) -> list[str]:
        shown = [number, f"{self.events:,}", f"{self.memory:.1f}", self.descriptors, self.threads]
        return [*map(str, shown), f"{self.states:.1f}", str(self.difference)]


async def lose_the_broker(house: House, number: int) -> None:
    """It comes back with nothing; every second time it had no time to say goodbye."""
    house.fault_begins()
    await house.broker.stop(number=signal.SIGKILL if number % 2 else signal.SIGTERM)
    await house.said("the broker at .* trying again")
    await house.broker.start()
    await house.said("connected to the broker")


async def restart_home_assistant(house: House) -> None:
    house.fault_begins()
    await house.home.send({"restart": {"down": 0.2, "loading": 0.2, "starting": 0.2}}, timeout=60)
    await house.said("connected to Home Assistant")


async def live_an_hour(house: House, number: int) -> Hour:
    await house.home.begin_load(count=EVENTS // HOURS)
    events = await house.home.load_ended(600)
    await house.home.begin_load(rate=RATE, seconds=3600)
    await lose_the_broker(house, number)
    await restart_home_assistant(house)
    if number % WARM == 0:
        house.fault_begins()
        house.bridge.process.signal(signal.SIGHUP)
        await house.said("read the configuration again")
    outcome = await house.recovers(now())
    descriptors = len(os.listdir(f"/proc/{house.bridge.process.pid}/fd"))
    return Hour(events, house.memory(), descriptors, house.told_by_kernel("Threads"), outcome.states,
                len(outcome.difference))  # fmt: skip


@pytest.mark.full
async def test_a_day_leaves_nothing_behind_in_the_process(tmp_path, record_property):
    hours: list[Hour] = []
    async with House(tmp_path) as house:
        house.bridge = house.make_bridge()
        house.bridge.prefix = LEAN
        await house.bridge.start()
        await house.bridge.online()
        try:
            for number in range(1, HOURS + 1):
                hours.append(await live_an_hour(house, number))
                print(" | ".join(hours[-1].cells(number)), flush=True)
        finally:
            table = markdown_table(HEAD, [each.cells(number) for number, each in enumerate(hours, 1)])
            record_property("table", (f"an accelerated day, {EVENTS:,} events", table))
    warm, later = hours[:WARM], hours[WARM:]
    assert [each.difference for each in hours] == [0] * HOURS
    assert sum(each.events for each in hours) >= EVENTS - HOURS
    assert {each.descriptors for each in later} <= {each.descriptors for each in warm}
    assert {each.threads for each in later} <= {each.threads for each in warm}
    assert max(each.memory for each in later[-WARM:]) <= max(each.memory for each in warm) * (1 + GROWTH_MAX)
