"""The two sides of a benchmark, bridge and plain publisher, on one Mosquitto, and what measures both."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from harness.bridge import Bridge, program  # noqa: E402
from harness.mosquitto import Listener, Mosquitto  # noqa: E402
from harness.process import end_with_parent  # noqa: E402
from harness.scripted import ScriptedHomeAssistant  # noqa: E402

ENTITIES = 5000
WAVES = 16  # of throughput, each changes every entity once
FLOOD = ENTITIES * WAVES
WINDOWS = (5, 10, 15, 20)  # a stock Mosquitto takes 20 unacknowledged messages
RATE = 1000
PACED_SECONDS = 3
INSTANCE = "bench"
OPPONENT = "plain"  # as long, so that topics are
# What the bridge publishes besides documents.
OTHERS = ("status", "info", "heartbeat", "areas", "floors", "labels", "index/#", "device/#", "entity/#")


def tool(name: str) -> str:
    return str(program().parent / "bench" / f"bench_{name}")


def stay_on_one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


async def plain(*arguments, one_core: bool = False) -> dict:
    """One run of the plain publisher, if wished with all of its threads on one core."""
    child = await asyncio.create_subprocess_exec(
        tool("plain_publisher"), *[str(a) for a in arguments], stdout=asyncio.subprocess.PIPE,
        preexec_fn=stay_on_one_core if one_core else None,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(child.communicate(), 120)
    if child.returncode != 0:
        raise SystemExit(f"bench: the plain publisher ended with {child.returncode}")
    return json.loads(output)


class Subscriber:
    """The measuring end."""

    async def start(self, port: int) -> None:
        self._child = await asyncio.create_subprocess_exec(
            tool("subscriber"), str(port), "statebus/+/state/#",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, preexec_fn=end_with_parent,
        )  # fmt: skip
        await self._child.stdout.readline()

    async def measure(self, count: int, action) -> tuple[dict, object]:
        """Starts `action`, waits for `count` messages and for its end; gives what both tell."""
        self._child.stdin.write(f"expect {count}\n".encode())
        await self._child.stdin.drain()
        # A child of its own must be running before the messages of the action come.
        await asyncio.sleep(0.05)
        told = asyncio.create_task(action)
        try:
            line = await asyncio.wait_for(self._child.stdout.readline(), 60)
        except asyncio.TimeoutError:
            self._child.stdin.write(b"end\n")
            line = await self._child.stdout.readline()
        got = json.loads(line)
        if got["messages"] != count or got["distinct"] != count:
            raise SystemExit(f"bench: {count} distinct values were to come, and these came: {got}")
        return got, await told

    async def stop(self) -> None:
        self._child.stdin.close()
        await self._child.wait()


@dataclass
class Heartbeat:
    """The bridge's counters, and the place of the message that told them among all that are no document."""

    sent: int
    acknowledged: int
    place: int


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """Mosquitto, a scripted Home Assistant, the bridge between them, and the subscriber."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.samples = folder / "samples"
        self.broker = Mosquitto(folder / "broker")
        self.house = ScriptedHomeAssistant(folder / "house", "--entities", ENTITIES)
        self.subscriber = Subscriber()
        self.changes = 0  # told by the scripted Home Assistant since `before`
        self.window = max(WINDOWS)

    async def __aenter__(self) -> Bench:
        await self.broker.start()
        await self.house.start()
        self.bridge = Bridge(self.folder, INSTANCE, self.house.url, self.house.token, self.broker.url)
        await self.bridge.start()
        await self.bridge.online()
        await self.subscriber.start(self.broker.port)
        # What the bridge publishes besides documents, for the count at the end; the first announcements
        # are paced, and measuring begins after them.
        self.others = Listener(
            self.broker.port, "homeassistant/#", *(f"statebus/{INSTANCE}/{each}" for each in OTHERS), qos=0
        )
        await self.others.__aenter__()
        # The first wave brings an attribute, `sent_ns`, and so new descriptions and announcements.
        await self.take_samples()
        await self.others.until(self.announced, 120, "all announcements")
        self.before = await self.heartbeat()
        self.changes = 0
        return self

    async def __aexit__(self, *_) -> None:
        await self.others.__aexit__()
        await self.subscriber.stop()
        await self.bridge.stop()
        await self.house.stop()
        await self.broker.stop()

    def announced(self) -> bool:
        return sum(topic.startswith("homeassistant/sensor/") for topic in self.others.topics) >= ENTITIES

    async def wave(self) -> tuple[float, dict]:
        """Every entity changes once, as fast as the bridge takes it; seconds until the last arrival."""
        load = {"count": ENTITIES, "entities": ENTITIES, "stamp": True}
        begun = None

        async def start():
            nonlocal begun
            begun = time.monotonic_ns()
            return await self.house.send({"load": load}, 60)

        got, told = await self.subscriber.measure(ENTITIES, start())
        self.changes += told["sent"]
        return (got["last_ns"] - begun) / 1e9, got

    async def take_samples(self) -> None:
        """What the bridge has retained is what the plain publisher publishes."""
        await self.wave()
        async with Listener(self.broker.port, f"statebus/{INSTANCE}/state/#", qos=0) as held:
            rows = [(topic, text) for topic, text in held.topics.items() if "sent_ns" in text]
        assert len(rows) == ENTITIES, len(rows)
        lines = [f"{topic.replace(INSTANCE, OPPONENT, 1)}\t{text}\n" for topic, text in sorted(rows)]
        self.samples.write_text("".join(lines))
        self.bytes = statistics.mean(len(text.encode()) for _, text in rows)

    async def flood_bridge(self) -> dict:
        pid = self.bridge.process.pid
        cpu = cpu_seconds(pid)
        seconds = sum([(await self.wave())[0] for _ in range(WAVES)])
        return {"rate": FLOOD / seconds, "cpu_us": (cpu_seconds(pid) - cpu) * 1e6 / FLOOD}

    async def flood_plain(self, window: int, count: int = FLOOD, one_core: bool = False) -> dict:
        action = plain("flood", self.broker.port, self.samples, count, window, one_core=one_core)
        got, told = await self.subscriber.measure(count, action)
        assert told["acknowledged"] == count
        seconds = (max(got["last_ns"], told["end_ns"]) - told["start_ns"]) / 1e9
        return {"rate": count / seconds, **told}

    async def choose_window(self) -> str:
        """The best of those that the broker allows, by the better of two short runs of each."""
        rates = dict.fromkeys(WINDOWS, 0.0)
        for _ in range(2):
            for window in WINDOWS:
                run = await self.flood_plain(window, FLOOD // 4)
                assert run["window"] == window, "the broker takes fewer messages at once than a stock one"
                rates[window] = max(rates[window], run["rate"])
        self.window = max(rates, key=rates.get)
        tried = ", ".join(f"{window}: {rate:,.0f}/s" for window, rate in rates.items())
        return f"{self.window} (tried {tried}; receive maximum {run['receive_maximum']})"

    async def pace_bridge(self) -> dict:
        load = {"rate": RATE, "seconds": PACED_SECONDS, "entities": 1000, "stamp": True}
        got, told = await self.subscriber.measure(RATE * PACED_SECONDS, self.house.send({"load": load}, 60))
        self.changes += told["sent"]
        return got

    async def pace_plain(self) -> dict:
        count = RATE * PACED_SECONDS
        got, _ = await self.subscriber.measure(
            count, plain("pace", self.broker.port, self.samples, count, RATE)
        )
        return got

    async def count_by_bridge(self) -> str:
        """Compares the bridge's own counters, in its heartbeat, with what Home Assistant told. Each value
        has been received once, or its round would not have counted."""
        before, now = self.before, await self.heartbeat()
        others = now.place - before.place
        published = now.sent - before.sent - others
        acknowledged = now.acknowledged - before.acknowledged - others
        verdict = "equal" if published == acknowledged == self.changes else "NOT EQUAL"
        return (f"{self.changes:,} changes told and received, {published:,} documents sent by the bridge's "
                f"counters, {acknowledged:,} acknowledged: {verdict}")  # fmt: skip

    async def heartbeat(self) -> Heartbeat:
        """Waits for the next one, at most its period of 30 s."""
        beats = len(self.heartbeats())
        await self.others.until(lambda: len(self.heartbeats()) > beats, 40, "a heartbeat")
        return self.heartbeats()[-1]

    def heartbeats(self) -> list[Heartbeat]:
        told = [
            (place, json.loads(message.payload))
            for place, message in enumerate(self.others.messages)
            if message.topic.endswith("/heartbeat")
        ]
        return [Heartbeat(text["sent"], text["acknowledged"], place) for place, text in told]
