"""A flood of commands beside states that change: what it costs the states, in one run."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time

from harness.bad_input_table import Row
from harness.bridge import Bridge, program
from harness.mosquitto import Listener
from harness.process import lasts

from .conftest import sentences

COMMAND = "statebus/edge/command/switch/coffee_machine"
SENSOR = "sensor.climate_battery"  # one that the demo leaves alone
DOCUMENT = "statebus/edge/state/sensor/climate_battery"
FLOOD = Row(
    "B16",
    "a command",
    "hundreds a second from a real client, for as long as states change beside them",
    "refused a command for switch.coffee_machine (rate): more than 5 commands a second came for this entity "
    "(commands.per_entity), and 40 wait; N more were refused before it",
    "states are not late by them",
)
TABLES = {"test_states_are_not_late_by_a_flood_of_commands": [FLOOD]}
CHANGES = 60


def at_once() -> int:
    """How many commands go at once; sanitizers make the bridge some thirty times slower."""
    return 5 if b"__asan_init" in program().read_bytes() else 100


async def flood(port: int, counted: list[int]) -> None:
    """So many at once, a hundred times a second, until it is cancelled."""
    command = ["mosquitto_pub", "-p", str(port), "-t", COMMAND, "-q", "0", "-l"]
    client = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    number = at_once()
    lines = b'{"service":"turn_on"}\n' * number
    try:
        while True:
            client.stdin.write(lines)
            await client.stdin.drain()
            counted[0] += number
            await lasts(0.01)
    finally:
        client.stdin.close()
        client.terminate()
        await client.wait()


async def latencies(home, listener: Listener) -> list[float]:
    """How many seconds each change of a state takes from Home Assistant to a client of the broker."""
    found = []
    for number in range(CHANGES):
        value = f"{time.monotonic_ns() % 10**6}.{number}"
        await lasts(0.03)  # so that the flood is one
        begun = time.monotonic()
        await home.send({"set": {SENSOR: {"state": value}}})
        await listener.until(lambda: value in listener.topics.get(DOCUMENT, ""), 30, "the document")
        found.append(time.monotonic() - begun)
    return found


async def test_states_are_not_late_by_a_flood_of_commands(tmp_path, keep, record_property, home, broker):
    """Both are measured in one run; what more than a generous bound would be is a state path that waits."""
    bridge = Bridge(tmp_path, "edge", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, DOCUMENT, "statebus/edge/info") as listener:
        alone = statistics.median(await latencies(home, listener))
        counted, begun, called = [0], time.monotonic(), len(home.calls)
        flooding = asyncio.create_task(flood(broker.port, counted))
        beside = statistics.median(await latencies(home, listener))
        seconds = time.monotonic() - begun
        flooding.cancel()
        await asyncio.wait([flooding])

        def refused() -> int:
            return json.loads(listener.topics.get("statebus/edge/info", "{}")).get("refused", 0)

        await listener.until(lambda: refused() > counted[0] / 2, 60, "the refusals to be counted")
    await bridge.stop()
    told = sentences(bridge)
    figures = (
        f"{counted[0]} commands in {seconds:.1f} s, {len(home.calls) - called} of them run; a state takes "
        f"{alone * 1000:.1f} ms without, {beside * 1000:.1f} ms beside them (median of {CHANGES}): "
        f"{beside / alone:.1f} times; {len(told)} lines in the log"
    )
    record_property("table", ("a flood of commands", figures))
    assert counted[0] > 100 * seconds, figures
    assert beside < 10 * alone + 0.5, figures
    assert len(told) < 20 * seconds + 60, figures
    assert all("(rate)" in each for each in told), told
    keep(FLOOD, re.sub(r"\d+ more", "N more", max(told, key=len)))
