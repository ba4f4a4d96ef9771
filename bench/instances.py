"""The same number of entities over one, ten and a hundred instances on one broker, each with its own bridge.

It has no target of its own: its plots show what an instance costs besides its entities.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

from figures import Chart, Outcome, Plan
from kernel import cpu_seconds, quiet, resident_bytes
from programs import BenchError, announced
from town import BROKERS, verified

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.scripted import ScriptedHomeAssistant

NAMES = ("instances",)
COUNTS = (1, 10, 100)
QUICK_COUNTS = (1, 5, 20)
ENTITIES = 10_000  # in all
QUICK_ENTITIES = 400
RATE = 1000  # changes a second, in all


class Instance:
    def __init__(self, number: int, folder: Path, entities: int, broker: Mosquitto):
        self.name = f"i{number}"
        self.entities = entities
        self.house = ScriptedHomeAssistant(folder / self.name / "house", "--entities", entities)
        self._folder = folder / self.name
        self._broker = broker

    async def start(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self.house)
        # Else all would have the same entity ids, and the same devices for main.
        prefix = {"publish": {"entity_id_prefix": f"{self.name}_"}}
        house, broker = self.house, self._broker.url
        self.bridge = Bridge(self._folder, self.name, house.url, house.token, broker, **prefix)
        await self.bridge.start()
        stack.push_async_callback(self.bridge.stop)

    @property
    def pid(self) -> int:
        return self.bridge.process.pid


async def measure(plan: Plan, folder: Path, say) -> Outcome:
    entities = QUICK_ENTITIES if plan.quick else ENTITIES
    counts = QUICK_COUNTS if plan.quick else COUNTS
    rows = {}
    for count in counts:
        rows[count] = await measure_count(count, entities, folder / str(count), plan.quick)
        told = ", ".join(f"{name} {value:.2f}" for name, value in rows[count].items())
        say(f"instances: {count}, with {entities:,} entities in all: {told}")
    lines = {name: [(count, row[name]) for count, row in rows.items()] for name in rows[counts[0]]}
    title = f"{entities:,} entities in all, by the number of instances"
    return Outcome(charts=[Chart("instances.svg", title, "instances", "see the names", lines)])


async def measure_count(count: int, entities: int, folder: Path, quick: bool) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        broker = Mosquitto(folder / "broker", BROKERS["open"])
        stack.push_async_callback(broker.stop)
        await broker.start()
        instances = [Instance(each, folder, entities // count, broker) for each in range(count)]
        for instance in instances:
            await instance.start(stack)
        for instance in instances:
            await instance.bridge.online(120)
            await announced(broker.port, instance.name, instance.entities, 60 + entities / 100)
        await all_quiet(instances)
        memory = statistics.median(resident_bytes(instance.pid) for instance in instances)
        cpu = await cpu_of_event(instances, 3 if quick else 10)
        seconds, found = await verified(broker, folder / "state")
        if len(found) != count:
            raise BenchError(f"a rebuild of {count} instances has found {len(found)}")
        return {
            "MB for each bridge": memory / 1e6,
            "µs of CPU for an event": cpu,
            "s to rebuild all": seconds,
            "s until all are back": await reconnect(instances, broker),
        }


async def all_quiet(instances: list[Instance]) -> None:
    await asyncio.gather(*(quiet(instance.pid, 120) for instance in instances))


async def cpu_of_event(instances: list[Instance], seconds: int) -> float:
    before = sum(cpu_seconds(instance.pid) for instance in instances)
    load = {"load": {"rate": RATE / len(instances), "seconds": seconds}}
    told = await asyncio.gather(*(instance.house.send(load, seconds + 60) for instance in instances))
    await all_quiet(instances)
    used = sum(cpu_seconds(instance.pid) for instance in instances) - before
    return used * 1e6 / sum(each["sent"] for each in told)


async def reconnect(instances: list[Instance], broker: Mosquitto) -> float:
    """Seconds from a broker that is there again to what has changed at each instance in the meantime."""
    await broker.stop()
    value = "123456789"
    for instance in instances:
        await instance.house.send({"set": {"sensor.generated_0": {"state": value}}})
    await broker.start()
    begun = time.monotonic()
    there = f'"state":"{value}"'
    async with Listener(broker.port, "statebus/+/state/sensor/generated_0") as heard:

        def all_there() -> bool:
            return sum(there in payload for payload in heard.topics.values()) == len(instances)

        await heard.until(all_there, 120, "all instances to be back")
    return time.monotonic() - begun
