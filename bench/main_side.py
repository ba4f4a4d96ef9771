"""Main: a real Home Assistant with nothing but its MQTT integration, and what an update costs it.

CPU time of its process, less what it takes when nothing comes, is divided by the number of updates; one
update changes one value of one entity.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from kernel import cpu_seconds, cpu_share
from programs import BenchError, Staged

from forms import Form
from harness.environments import NEWEST, environment
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto
from harness.process import wait_until

ENTITIES = 200
RATE = 1000  # updates a second; main's Home Assistant keeps up with some 4,000
AT_ONCE = 20  # updates that come together, so that waiting for the next does not take all the time


class MainSide(Staged):
    """Enter it: the broker, main, and a client that publishes what is written by hand."""

    def __init__(self, folder: Path, seconds: float = 4):
        super().__init__()
        self.broker = Mosquitto(folder / "broker")
        self.home = HomeAssistant("main", environment(NEWEST), folder / "main")
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._seconds = seconds
        self._idle = 0.0
        self._value = 0

    async def _start(self) -> None:
        self._stack.push_async_callback(self.broker.stop)
        await self.broker.start()
        self._stack.push_async_callback(self.home.stop)
        await self.home.start()
        await self.home.set_up_mqtt(self.broker.port)
        self.client.connect("127.0.0.1", self.broker.port)
        self.client.loop_start()
        self._stack.callback(self.client.loop_stop)
        self.client.publish("cost/status", "online", retain=True)

    async def announce(self, form: Form) -> None:
        messages = [message for number in range(ENTITIES) for message in form.messages(number, 0)]
        messages += [form.announcement(number) for number in range(ENTITIES)]
        for topic, payload in messages:
            self.client.publish(topic, payload, retain=True)
        await self.until_shown(form.name, form.entity_id, form.shows, 0)

    async def until_shown(self, what: str, entity_id: Callable, shows: Callable, value: int) -> None:
        """Waits until main shows this value for all ENTITIES."""

        async def is_shown() -> bool:
            states = await self.home.client.states()
            return all(shows(states.get(entity_id(number)), value) for number in range(ENTITIES))

        await wait_until(is_shown, 60, f"{what}: {value} on main", interval=0.3)

    async def rest(self) -> None:
        """Learns what main takes when nothing comes."""
        self._idle = await cpu_share(self.home.process.pid, self._seconds)

    async def cost(self, update: Callable[[list[int], int], Awaitable]) -> tuple[float, int]:
        """ms of main's CPU for an update, and the last value that was written; `update` is given numbers of
        entities, and the value that they are to have."""
        pid, count = self.home.process.pid, 0
        before, since = cpu_seconds(pid), time.monotonic()
        for _ in range(int(RATE * self._seconds / ENTITIES)):
            self._value += 1
            for first in range(0, ENTITIES, AT_ONCE):
                await update(list(range(first, first + AT_ONCE)), self._value)
                count += AT_ONCE
                await asyncio.sleep(max(0.0, since + count / RATE - time.monotonic()))
        # What the broker has not passed on yet is heard in this time.
        await asyncio.sleep(0.5)
        passed = time.monotonic() - since
        used = cpu_seconds(pid) - before - self._idle * passed
        if passed > 1.25 * count / RATE + 0.5:
            raise BenchError(f"{count} updates took {passed:.1f} s, they were to come at {RATE} a second")
        return used * 1000 / count, self._value

    async def cost_of_form(self, form: Form) -> float:
        async def update(numbers: list[int], value: int) -> None:
            for number in numbers:
                for topic, payload in form.changes(number, value):
                    self.client.publish(topic, payload, retain=True)

        cost, value = await self.cost(update)
        await self.until_shown(form.name, form.entity_id, form.shows, value)
        return cost
