"""A main that consumes: it has its own bridge, whose info alone tells the source for whom it announces."""

from __future__ import annotations

import asyncio

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge, program
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from .pair import WATCHED

SOURCE = "input_boolean: {lamp: {name: Lamp}, fan: {name: Fan}}\n"


@pytest.fixture(params=[(OLDEST, NEWEST), (NEWEST, OLDEST)], ids="-to-".join)
async def homes(request, work):
    versions = [home_assistant_environment(version) for version in request.param]
    folder = work / f"consume-{request.param[0]}-{abs(hash(request.node.name))}"
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


async def test_what_a_user_deletes_on_main_stays_deleted_until_it_is_restored(homes):
    folder, broker, source, main = homes
    lamp = "switch.input_boolean_lamp"
    bridge = Bridge(folder / "source", "source", source.url, source.client.token, broker.url,
                    announce={"ha_version": main.environment.version})  # fmt: skip
    await bridge.start()
    await bridge.online()

    async def on_main() -> dict | None:
        return (await main.client.entities()).get(lamp)

    before = await wait_until(on_main, 20, "the lamp on main", interval=0.2)
    await main.client.ask("config/entity_registry/update", entity_id=lamp, icon="mdi:flash")
    await main.client.ask("config/entity_registry/remove", entity_id=lamp)
    seen = "input_boolean.lamp was deleted on main"
    await wait_until(lambda: seen in bridge.output(), 20, "the bridge to see it")
    # Whatever starts anew: it is not announced again.
    await bridge.stop()
    await bridge.start()
    await bridge.online()
    await main.restart()

    async def has_fan() -> bool:
        return "switch.input_boolean_fan" in await main.client.states()

    await wait_until(has_fan, 30, "the other on main", interval=0.2)
    assert await on_main() is None
    await source.client.call("input_boolean.turn_on", "input_boolean.lamp")
    command = [str(program()), "restore", "input_boolean.lamp", "-c", str(bridge.config)]
    restoring = await asyncio.create_subprocess_exec(*command)
    assert await restoring.wait() == 0
    after = await wait_until(on_main, 20, "the lamp to come back", interval=0.2)
    assert after["unique_id"] == before["unique_id"]

    async def is_on() -> bool:
        return (await main.client.state(lamp))["state"] == "on"

    await wait_until(is_on, 10, "its state", interval=0.2)
    await bridge.stop()
    assert main.problems(*WATCHED) == []
