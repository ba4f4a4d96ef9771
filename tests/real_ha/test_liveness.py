"""An instance whose bridge died together with the broker, which has lost its will."""

from __future__ import annotations

import asyncio
import signal

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant

from .pair import WATCHED

pytestmark = pytest.mark.full

# What is retained is on the disk with each change, so that a broker that is killed still has it.
KEEPS = "persistence true\npersistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
PERIODS = 90  # three heartbeats, in seconds


@pytest.fixture(params=[OLDEST, NEWEST])
async def homes(request, work):
    folder = work / f"liveness-{request.param}"
    broker = Mosquitto(folder / "broker", DEFAULT_CONFIG + KEEPS)
    main = HomeAssistant("main", home_assistant_environment(request.param), folder / "main_ha")
    source = ScriptedHomeAssistant(folder / "source_ha", "--entities", "50")
    try:
        await broker.start()
        await source.start()
        await main.start()
        await main.set_up_mqtt(broker.port)
        yield folder, broker, main, source
    finally:
        await main.stop()
        await source.stop()
        await broker.stop()


async def test_the_dead_are_offline_on_main_after_three_heartbeats(homes, record_property):
    folder, broker, main, source = homes
    dying = Bridge(folder / "source", "hubs", source.url, source.token, broker.url)
    consuming = {"consume": {"prefix": "homeassistant"}}
    own = Bridge(folder / "main", "main", main.url, main.client.token, broker.url, **consuming)

    async def shown() -> set[str | None]:
        states = await main.client.states()
        return {states.get(f"sensor.generated_{number}", {}).get("state") for number in range(50)}

    async def alive() -> bool:
        return await shown() == {"0"}

    async def gone() -> bool:
        return await shown() == {"unavailable"}

    try:
        # First main's, so that nothing is announced to it in the form of another release.
        for bridge in (own, dying):
            await bridge.start()
            await bridge.online()
        await wait_until(alive, 30, "the source on main", interval=0.2)
        for process in (broker.process, dying.process):
            process.signal(signal.SIGKILL)
        await asyncio.gather(broker.process.wait(10), dying.process.wait(10))
        begun = asyncio.get_running_loop().time()
        await broker.start()
        async with Listener(broker.port, "statebus/hubs/status") as listener:
            status = listener.topics
            assert status["statebus/hubs/status"] == "online", "the broker has lost its will"
            await wait_until(alive, 30, "main to be connected again and to believe it", interval=0.2)
            patience = PERIODS + 2 - (asyncio.get_running_loop().time() - begun)
            await listener.until(lambda: status["statebus/hubs/status"] == "offline", patience, "its status")
            seconds = asyncio.get_running_loop().time() - begun
            await wait_until(gone, 5, "its entities to be unavailable on main", interval=0.2)
        title = f"called offline after it died with its broker, main {main.environment.version}"
        record_property("table", (title, f"{seconds:.0f} s"))
        assert "instance hubs has given no heartbeat" in own.output()
        await dying.start()
        await dying.online()
        await wait_until(alive, 10, "the source on main again", interval=0.2)
        told = [line for line in main.problems(*WATCHED) if "components.mqtt.client" not in line]
        assert told == []
    finally:
        await asyncio.gather(dying.stop(), own.stop())
