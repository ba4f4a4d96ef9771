"""The two sides of the path, bridge and plain publisher, on one Mosquitto, and what measures both."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from kernel import cpu_seconds, quiet
from programs import Staged, Subscriber, announced, told_by, tool

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.scripted import ScriptedHomeAssistant

WINDOW_MAX = 100  # beyond it Paho gets slower, with any broker
WINDOWS = (5, 10, 15)  # tried besides the largest that the broker allows, which is not always the best
RATE = 1000
INSTANCE = "bench"
OPPONENT = "plain"  # as long, so that topics are


class Sides(Staged):
    """Mosquitto, a scripted Home Assistant, the bridge between them, and the subscriber."""

    def __init__(self, folder: Path, quick: bool):
        super().__init__()
        self.folder = folder
        self.entities = 1000 if quick else 5000
        self.flood = self.entities * (8 if quick else 16)  # changes of a round, some for each entity
        self.samples = folder / "samples"
        self.broker = Mosquitto(folder / "broker")
        self.house = self.make_house("house")
        self.window = WINDOW_MAX

    def make_house(self, name: str) -> ScriptedHomeAssistant:
        return ScriptedHomeAssistant(self.folder / name, "--entities", self.entities)

    async def _start(self) -> None:
        self._stack.push_async_callback(self.broker.stop)
        await self.broker.start()
        await self._stack.enter_async_context(self.house)
        await self.stamp(self.house)
        self.bridge = Bridge(self.folder, INSTANCE, self.house.url, self.house.token, self.broker.url)
        await self.bridge.start()
        self._stack.push_async_callback(self.bridge.stop)
        await self.bridge.online()
        self.subscriber = await self._stack.enter_async_context(Subscriber(self.broker.port))
        await announced(self.broker.port, INSTANCE, self.entities, 60 + self.entities / 100)
        await self.take_samples()
        await quiet(self.bridge.process.pid, 120)

    async def stamp(self, house: ScriptedHomeAssistant) -> None:
        """Gives each entity its stamp before anybody reads it: a new attribute later would have it described
        and announced once more, in between what is measured."""
        at_once = 1_000_000.0
        load = {"rate": at_once, "seconds": self.entities / at_once, "entities": self.entities, "stamp": True}
        await house.send({"load": load}, 60)

    async def take_samples(self) -> None:
        """What the bridge has retained is what the plain publisher publishes."""
        async with Listener(self.broker.port, f"statebus/{INSTANCE}/state/#", qos=0) as held:
            rows = [(topic, text) for topic, text in held.topics.items() if "sent_ns" in text]
        assert len(rows) == self.entities, f"{len(rows)} of {self.entities} documents bear a stamp"
        lines = [f"{topic.replace(INSTANCE, OPPONENT, 1)}\t{text}\n" for topic, text in sorted(rows)]
        self.samples.write_text("".join(lines))
        self.bytes = statistics.mean(len(text.encode()) for _, text in rows)

    async def wave(self, house: ScriptedHomeAssistant) -> float:
        """Every entity changes once, as fast as it is taken; seconds until the last arrival."""
        load = {"count": self.entities, "entities": self.entities, "stamp": True}
        begun = 0

        async def start():
            nonlocal begun
            begun = time.monotonic_ns()
            return await house.send({"load": load}, 60)

        got, _ = await self.subscriber.measure(self.entities, start())
        return (got["last_ns"] - begun) / 1e9

    async def flood_through(self, house: ScriptedHomeAssistant, pid: int) -> dict:
        """Waves from that house through the program of that id: messages a second, and its CPU for each."""
        cpu = cpu_seconds(pid)
        seconds = sum([await self.wave(house) for _ in range(self.flood // self.entities)])
        return {"rate": self.flood / seconds, "cpu_us": (cpu_seconds(pid) - cpu) * 1e6 / self.flood}

    async def flood_bridge(self) -> dict:
        return await self.flood_through(self.house, self.bridge.process.pid)

    async def flood_plain(self, window: int = 0, count: int = 0, tuned: bool = False) -> dict:
        """`tuned` is without Paho's tracing and with all threads on one core, as the bridge runs it."""
        count = count or self.flood
        options = ["--tuned"] if tuned else []
        arguments = ["flood", self.broker.port, self.samples, count, window or self.window]
        action = told_by(tool("plain_publisher"), *options, *arguments, one_core=tuned)
        got, told = await self.subscriber.measure(count, action)
        assert told["acknowledged"] == count, told
        seconds = (max(got["last_ns"], told["end_ns"]) - told["start_ns"]) / 1e9
        return {"rate": count / seconds, **told}

    async def choose_window(self) -> str:
        """The best of those that the broker allows, by the better of two short runs of each."""
        allowed = (await self.flood_plain(WINDOW_MAX, self.entities))["window"]
        windows = sorted({*(each for each in WINDOWS if each < allowed), allowed})
        rates = dict.fromkeys(windows, 0.0)
        for _ in range(2):
            for window in windows:
                rates[window] = max(rates[window], (await self.flood_plain(window, self.flood // 4))["rate"])
        self.window = max(rates, key=rates.get)
        tried = ", ".join(f"{window}: {rate:,.0f}/s" for window, rate in rates.items())
        return f"window of the plain program: {self.window}, the best that the broker allows ({tried})"

    async def pace_bridge(self, seconds: int) -> dict:
        load = {"rate": RATE, "seconds": seconds, "entities": 1000, "stamp": True}
        got, _ = await self.subscriber.measure(RATE * seconds, self.house.send({"load": load}, 60))
        return got

    async def pace_plain(self, seconds: int) -> dict:
        count = RATE * seconds
        action = told_by(tool("plain_publisher"), "pace", self.broker.port, self.samples, count, RATE)
        got, _ = await self.subscriber.measure(count, action)
        return got
