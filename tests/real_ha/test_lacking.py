"""What main has missed of the announcements comes without a restart of anything, because its bridge asks."""

from __future__ import annotations

import asyncio
import json
import re
import signal

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, RestrictedMosquitto
from harness.process import wait_until

from .pair import WATCHED

SOURCE = "input_boolean: {lamp: {name: Lamp}, fan: {name: Fan}}\ninput_button: {bell: {name: Bell}}\n"
LAMP, FAN, SIGN = "switch.input_boolean_lamp", "switch.input_boolean_fan", "binary_sensor.source_connectivity"
ALL = "topic readwrite #\n"
SWITCHES = re.compile(r"homeassistant/(switch|\+)/\+/")  # as a main of either release subscribes
NO_SWITCHES = ALL + "topic deny homeassistant/switch/#\n"


@pytest.fixture(params=[(OLDEST, NEWEST), (NEWEST, OLDEST)], ids="-to-".join)
async def homes(request, work):
    versions = [home_assistant_environment(version) for version in request.param]
    folder = work / f"lacking-{request.param[0]}"
    broker = RestrictedMosquitto(folder / "broker", ALL)
    broker.config += "log_type all\n"  # who subscribes to what
    source = HomeAssistant("source", versions[0], folder / "source_ha", SOURCE)
    main = HomeAssistant("main", versions[1], folder / "main_ha", "")
    await broker.start()
    await asyncio.gather(source.start(), main.start())
    await main.set_up_mqtt(broker.port, username="hubs", password=broker.password)
    # Main's first: it tells the source's for which release to announce.
    bridges = [
        Bridge(folder / "main", "main", main.url, main.client.token, broker.url,
               consume={"prefix": "homeassistant"}),
        Bridge(folder / "source", "source", source.url, source.client.token, broker.url),
    ]  # fmt: skip
    for bridge in bridges:
        await bridge.start()
        await bridge.online()
    yield broker, main, bridges[0]
    await asyncio.gather(*(bridge.stop() for bridge in bridges))
    await asyncio.gather(source.stop(), main.stop())
    await broker.stop()


def live(main: HomeAssistant, *entity_ids: str):
    async def are_live() -> bool:
        states = await main.client.states()
        return all(each in states and states[each]["state"] != "unavailable" for each in entity_ids)

    return are_live


def forget(main: HomeAssistant, entity_id: str) -> None:
    """As if it had never been there, with nobody told of that."""
    file = main.folder / ".storage" / "core.entity_registry"
    registry = json.loads(file.read_text())
    entities = registry["data"]["entities"]
    registry["data"]["entities"] = [each for each in entities if each["entity_id"] != entity_id]
    assert len(registry["data"]["entities"]) == len(entities) - 1
    file.write_text(json.dumps(registry))


async def test_what_the_broker_has_kept_from_main_comes_when_main_asks(homes):
    broker, main, main_bridge = homes
    await wait_until(live(main, LAMP, FAN, SIGN), 30, "all of the source on main", interval=0.2)
    before = (await main.client.entities())[LAMP]

    # Main misses two announcements at its start: of one that it knows, and of one that it does not.
    await main.stop()
    forget(main, FAN)
    broker.allow(NO_SWITCHES)
    broker.process.signal(signal.SIGHUP)
    log = broker.folder / "mosquitto.log"
    earlier = len(SWITCHES.findall(log.read_text()))
    await main.start()
    await wait_until(live(main, SIGN), 30, "the rest of the source on main", interval=0.2)
    # What comes first when main subscribes is what the broker holds, and the rules of that moment count.
    await wait_until(lambda: len(SWITCHES.findall(log.read_text())) > earlier, 30, "main to ask for switches")
    broker.allow(ALL)
    broker.process.signal(signal.SIGHUP)

    async with Listener(broker.port, "statebus/source/command/#", retained=False) as listener:
        asks = "Home Assistant lacks 2 entities that source has announced"
        await wait_until(lambda: asks in main_bridge.output(), 120, "main's bridge to miss them")
        await wait_until(live(main, LAMP, FAN), 10, "both to come", interval=0.2)
        topics = sorted(message.topic for message in listener.messages)
    after = await main.client.entities()
    assert [topic.split("/")[-2:] for topic in topics] == [
        [unique_id, "announce"] for unique_id in sorted(after[each]["unique_id"] for each in (LAMP, FAN))
    ]
    assert after[LAMP]["id"] == before["id"]
    # They are what they were: commands arrive.
    await main.client.call("switch.turn_on", FAN)

    async def is_on() -> bool:
        return (await main.client.state(FAN))["state"] == "on"

    await wait_until(is_on, 10, "the fan to go on", interval=0.2)
    assert main.problems(*WATCHED) == []
    assert "still lacks" not in main_bridge.output()
