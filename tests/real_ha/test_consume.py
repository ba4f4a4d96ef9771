"""A main that consumes: it has its own bridge, whose info alone tells the source for whom it announces."""

from __future__ import annotations

import asyncio

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from .pair import WATCHED

SOURCE = "input_boolean: {lamp: {name: Lamp}}\n"


@pytest.fixture(params=[(OLDEST, NEWEST), (NEWEST, OLDEST)], ids="-to-".join)
async def homes(request, work):
    versions = [home_assistant_environment(version) for version in request.param]
    folder = work / "consume-{}-{}".format(*request.param)
    broker = Mosquitto(folder / "broker")
    source = HomeAssistant("source", versions[0], folder / "source_ha", SOURCE)
    main = HomeAssistant("main", versions[1], folder / "main_ha", "")
    await broker.start()
    await asyncio.gather(source.start(), main.start())
    await main.set_up_mqtt(broker.port)
    yield folder, broker, source, main
    await asyncio.gather(source.stop(), main.stop())
    await broker.stop()


async def test_main_shows_the_source_while_it_consumes_and_no_longer(homes):
    folder, broker, source, main = homes
    # Nothing that is said to the source's bridge names main, its prefix or its release.
    bridge = Bridge(folder / "source", "source", source.url, source.client.token, broker.url,
                    announce={"prefix": "nowhere"})  # fmt: skip
    own = folder / "main", "main", main.url, main.client.token, broker.url
    consumer = Bridge(*own, consume={"prefix": "homeassistant"})
    for each in (bridge, consumer):
        await each.start()
        await each.online()

    async def on_main() -> str | None:
        state = await main.client.state("switch.input_boolean_lamp")
        return state and state["state"]

    async def is_off() -> bool:
        return await on_main() == "off"

    await wait_until(is_off, 20, "the lamp on main", interval=0.2)
    await main.client.call("switch.turn_on", "switch.input_boolean_lamp")

    async def is_on() -> bool:
        return (await source.client.state("input_boolean.lamp"))["state"] == await on_main() == "on"

    await wait_until(is_on, 10, "the lamp to go on at the source and on main", interval=0.2)
    async with Listener(broker.port, "statebus/main/state/#", "nowhere/#") as listener:
        # A mirror is never mirrored, and nobody is told where nobody listens.
        assert not [topic for topic in listener.topics if "lamp" in topic or topic.startswith("nowhere/")]

    await consumer.stop()
    consumer = Bridge(*own, consume=False)
    await consumer.start()

    async def is_gone() -> bool:
        entries = await main.client.entities()
        return await on_main() is None and "switch.input_boolean_lamp" not in entries

    await wait_until(is_gone, 20, "the lamp to leave main", interval=0.2)
    assert main.problems(*WATCHED) == []
    await asyncio.gather(bridge.stop(), consumer.stop())
