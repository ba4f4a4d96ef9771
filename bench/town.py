"""A house of many sensors with its bridge and its broker, for what grows with entities."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from kernel import cpu_seconds, quiet
from programs import BenchError, Staged, announced, answered_by, told_by, tool

from harness.bridge import Bridge, program
from harness.mosquitto import Listener, Mosquitto
from harness.scripted import ScriptedHomeAssistant

INSTANCE = "bench"
KEPT = "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
LIMITS = "set_tcp_nodelay true\nmax_queued_messages 2000000\nmax_inflight_messages 1000\n"
BROKERS = {"default": KEPT, "open": KEPT + LIMITS}
RATE = 2000  # changes a second; an entity of a thousand changes often enough, and never twice at once


async def verified(
    broker: Mosquitto, folder: Path, shown: str = "sensor.generated_0"
) -> tuple[float, dict]:
    """`statebus state`: seconds until it has read everything and found it complete, and the instances. It
    shows one entity of each unless told otherwise: to print all takes time of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "state.yaml"
    config.write_text(f"broker: {{urls: ['{broker.url}']}}\n")
    seconds, told = await answered_by(program(), "state", "--json", shown, "-c", config)
    if not told["complete"]:
        raise BenchError(f"the rebuild of {broker.folder.name} is not complete: {told['lacking'][:5]}")
    return seconds, told["instances"]


class Town(Staged):
    """Enter it, and the broker has all that the bridge publishes; the bridge itself does not run yet."""

    def __init__(self, folder: Path, entities: int):
        super().__init__()
        self.folder = folder
        self.entities = entities
        self.patience = 60 + entities / 500
        self.broker = Mosquitto(folder / "broker", BROKERS["open"])
        self.house = ScriptedHomeAssistant(folder / "house", "--entities", entities)
        self._marks = 0

    async def _start(self) -> None:
        self._stack.push_async_callback(self.broker.stop)
        await self.broker.start()
        self._stack.push_async_callback(self.house.stop)
        await self.house.start(self.patience)
        folder, house = self.folder / "bridge", self.house
        self.bridge = Bridge(folder, INSTANCE, house.url, house.token, self.broker.url)
        await self._fill()

    async def _fill(self) -> None:
        """Announcements are paced: those of 100,000 entities take eight minutes, once."""
        await self.start_bridge()
        await announced(self.broker.port, INSTANCE, self.entities, self.patience + self.entities / 100)
        await self.bridge.stop()

    async def start_bridge(self) -> None:
        await self.bridge.start()
        self._stack.push_async_callback(self.bridge.stop)
        await self.bridge.online(self.patience)

    async def settled(self) -> None:
        """The bridge has nothing to catch up with; its memory is what it keeps."""
        await quiet(self.pid, self.patience)

    @property
    def pid(self) -> int:
        return self.bridge.process.pid

    async def retained_bytes(self, *filters: str) -> int:
        """Topics and payloads that the broker holds, all of the instance unless told else, and entity ids."""
        everything = (f"statebus/{INSTANCE}/#", f"homeassistant/+/{INSTANCE}/#")
        told = await told_by(tool("plain_reader"), self.broker.port, *(filters or everything))
        return told["bytes"] + sum(len(f"sensor.generated_{number}") for number in range(self.entities))

    async def cpu_of_event(self, seconds: int) -> float:
        """µs of the bridge for each change, at a rate at which nothing is left out."""
        cpu = cpu_seconds(self.pid)
        told = await self.house.send({"load": {"rate": RATE, "seconds": seconds}}, seconds + 60)
        await quiet(self.pid, 60)
        return (cpu_seconds(self.pid) - cpu) * 1e6 / told["sent"]

    async def reconnect(self) -> float:
        """Seconds from a broker that is there again to the document that has changed in the meantime."""
        await self.broker.stop()
        self._marks += 1
        last, value = f"sensor.generated_{self.entities - 1}", str(1_000_000_000 + self._marks)
        await self.house.send({"set": {last: {"state": value}}})
        await self.broker.start()
        begun = time.monotonic()
        topic = f"statebus/{INSTANCE}/state/{last.replace('.', '/')}"
        async with Listener(self.broker.port, topic) as heard:
            there = f'"state":"{value}"'
            await heard.until(lambda: there in heard.topics.get(topic, ""), self.patience, "the reconnect")
        return time.monotonic() - begun


class Readers:
    """Brokers that hold what a town's broker held when it ended, and who reads them."""

    def __init__(self, town: Town):
        self._town = town
        self.brokers = {name: Mosquitto(town.folder / name, config) for name, config in BROKERS.items()}

    async def __aenter__(self) -> Readers:
        try:
            for broker in self.brokers.values():
                broker.folder.mkdir(parents=True)
                shutil.copy(self._town.broker.folder / "mosquitto.db", broker.folder)
                await broker.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_) -> None:
        for broker in self.brokers.values():
            await broker.stop()

    async def bare(self) -> float:
        """Seconds of a plain subscriber, from its start on; it knows how many there are."""
        port, entities = self.brokers["open"].port, self._town.entities
        seconds, told = await answered_by(tool("plain_reader"), port, "statebus/+/state/#", entities)
        assert told["messages"] == entities, told
        return seconds

    async def bridge(self, name: str, *shown: str) -> tuple[float, dict]:
        return await verified(self.brokers[name], self._town.folder / "state", *shown)
