"""`statebus state` rebuilds the whole state from a default broker, or says what that lacks."""

from __future__ import annotations

import time

import pytest

from harness.bridge import Bridge, program
from harness.mosquitto import Listener, Mosquitto
from harness.rebuilt import Rebuilt, held_against, rebuild
from harness.scripted import ScriptedHomeAssistant

# Of limits it says nothing, as Debian's does not either.
DEFAULT = "listener {port} 127.0.0.1\nallow_anonymous true\n"


class Bus:
    """A house of so many entities, its bridge, and a default broker."""

    def __init__(self, folder, count: int):
        self.folder = folder
        self.count = count
        self.broker = Mosquitto(folder / "broker", DEFAULT)
        self.home = ScriptedHomeAssistant(folder / "ha", "--entities", str(count))
        self.bridge: Bridge | None = None
        self.seconds = 0.0  # that the bridge took to be online

    async def start(self) -> None:
        await self.broker.start()
        await self.home.start(120)
        home = self.home
        self.bridge = Bridge(self.folder / "bridge", "hubs", home.url, home.token, self.broker.url)
        begun = time.monotonic()
        await self.bridge.start()
        await self.bridge.online(timeout=30 + self.count / 100)
        self.seconds = time.monotonic() - begun

    async def stop(self) -> None:
        if self.bridge is not None:
            await self.bridge.stop()
        await self.home.stop()
        await self.broker.stop()

    async def truth(self) -> dict[str, dict]:
        """All states and attributes as the Home Assistant has them."""
        return (await self.home.send({"states": True}, timeout=120))["states"]

    async def rebuild(self, *arguments: str) -> Rebuilt:
        return await rebuild(self.broker, self.folder, *arguments)


@pytest.fixture
async def bus(request, tmp_path):
    bus = Bus(tmp_path, getattr(request, "param", 1000))
    try:
        await bus.start()
        yield bus
    finally:
        await bus.stop()


def largest() -> int:
    """With sanitizers the bridge is too slow for more; a release build has 100,000."""
    sanitized = not program().exists() or b"__asan_init" in program().read_bytes()
    return 20_000 if sanitized else 100_000


LARGE = [pytest.param(count, marks=pytest.mark.full) for count in (10_000, largest())]


@pytest.mark.parametrize("bus", [1000, *LARGE], indirect=True)
async def test_everything_is_read_back_from_a_default_broker(bus, record_property):
    # So that no two are alike: a state that stands in another's place would show.
    for first in range(0, bus.count, 10_000):
        numbers = range(first, min(first + 10_000, bus.count))
        changes = {f"sensor.generated_{number}": {"state": str(number)} for number in numbers}
        await bus.home.send({"set": changes}, timeout=120)
    last = f"statebus/hubs/state/sensor/generated_{bus.count - 1}"
    async with Listener(bus.broker.port, last) as listener:
        written = f'"state":"{bus.count - 1}"'
        await listener.until(lambda: written in listener.topics.get(last, ""), 120, "the last change")
    rebuilt = await bus.rebuild()
    equal = held_against(await bus.truth(), rebuilt.entities("hubs"))
    # What it has published it reads itself when it comes back, much more of it than may wait at once.
    await bus.bridge.stop()
    begun = time.monotonic()
    await bus.bridge.start()
    await bus.bridge.online(timeout=30 + bus.count / 1000)
    told = (
        f"{equal}: {rebuilt.seconds:.1f} s, {rebuilt.megabytes:.0f} MB; published in {bus.seconds:.0f} s, "
        f"online again in {time.monotonic() - begun:.1f} s"
    )
    record_property("table", (f"statebus state, {bus.count} entities", told))
    assert (rebuilt.code, rebuilt.lacking, equal.faults[:5], equal.entities) == (0, [], [], bus.count)


async def test_it_says_exactly_what_the_broker_lacks(bus):
    """The bridge is gone, so that nobody puts right what is cleared."""
    await bus.bridge.stop()
    states = [f"statebus/hubs/state/sensor/generated_{number}" for number in (0, 500, 999)]
    bucket, info = "statebus/hubs/index/7", "statebus/hubs/info"
    # Of all topics at once, a default broker would drop what exceeds its queue.
    async with Listener(bus.broker.port, *states, bucket, info) as listener:
        for topic in states:
            listener.publish(topic, "", retain=True)
        await listener.until(lambda: not set(states) & set(listener.topics), 10, "three documents to go")
        rebuilt = await bus.rebuild()
        assert (rebuilt.code, rebuilt.complete, rebuilt.lacking) == (1, False, states)
        assert [line for line in rebuilt.told.splitlines()] == [
            f"statebus: lacking on the broker: {topic}" for topic in states
        ]
        assert len(rebuilt.entities("hubs")) == bus.count - len(states)

        # Of a bucket that is gone, the names in it are not known; so it is what is lacking.
        listener.publish(bucket, "", retain=True)
        await listener.until(lambda: bucket not in listener.topics, 10, "a bucket of the index to go")
        lost = await bus.rebuild()
        assert lost.code == 1 and bucket in lost.lacking and set(lost.lacking) <= {bucket, *states}

        # Without info nobody knows how many buckets there are.
        listener.publish(info, "", retain=True)
        await listener.until(lambda: info not in listener.topics, 10, "the info to go")
        lost = await bus.rebuild()
        assert lost.code == 1 and info in lost.lacking


async def test_a_bridge_that_comes_back_fills_what_was_lacking(bus):
    await bus.bridge.stop()
    cleared = ["statebus/hubs/info", "statebus/hubs/index/7", "statebus/hubs/state/sensor/generated_5"]
    async with Listener(bus.broker.port) as client:
        for topic in cleared:
            client.publish(topic, "", retain=True)
        await bus.bridge.start()
        await bus.bridge.online()
    rebuilt = await bus.rebuild()
    assert (rebuilt.code, rebuilt.lacking, len(rebuilt.entities("hubs"))) == (0, [], bus.count)
