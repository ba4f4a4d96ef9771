"""Several Home Assistants on one broker: each shows everything once, whatever is restarted or cleared."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from .pair import WATCHED

# The same in each home, as homes go; so main's names for them are told apart by a prefix.
HOUSE = """\
input_boolean: {guests: {name: Guests}, away: {name: Away}}
input_number: {level: {name: Level, min: 0, max: 9, step: 1}}
template: [{sensor: [{name: Rooms, unique_id: rooms, state: "{{ 7 }}"}]}]
"""
# Of each instance: its connectivity, and three sensors.
INSTANCE = 4
# As zigbee2mqtt announces it, to every Home Assistant that listens under the usual prefix.
SHARED = {
    "homeassistant/switch/0x01/switch/config": '{"name": "Plug", "unique_id": "0x01_zigbee2mqtt", '
    '"state_topic": "zigbee2mqtt/0x01", "command_topic": "zigbee2mqtt/0x01/set", '
    '"device": {"identifiers": ["zigbee2mqtt_0x01"], "name": "Plug"}}'
}


class Home:
    """A Home Assistant and its bridge."""

    def __init__(self, name: str, version: str, folder, broker: Mosquitto):
        self.name = name
        self.folder = folder / name
        self.broker = broker
        self.ha = HomeAssistant(name, home_assistant_environment(version), folder / f"{name}_ha", HOUSE)
        self.bridge: Bridge | None = None
        self.own = 0  # how many entities are its own

    async def start(self) -> None:
        await self.ha.start()
        await self.ha.set_up_mqtt(self.broker.port)

    async def start_bridge(self, **config) -> None:
        publish = {"entity_id_prefix": f"{self.name}_"}
        url, token = self.ha.url, self.ha.client.token
        self.bridge = Bridge(self.folder, self.name, url, token, self.broker.url, publish=publish, **config)
        await self.bridge.start()
        await self.bridge.online()

    async def restart_bridge(self) -> None:
        await self.bridge.stop()
        await self.bridge.start()
        await self.bridge.online()

    async def count(self) -> int:
        return len(await self.ha.client.states())

    async def mirrored(self) -> Counter:
        """How often each entity of another instance is here, by its unique id."""
        entries = await self.ha.client.entities()
        return Counter(e["unique_id"] for e in entries.values() if e["unique_id"].startswith("statebus-"))

    async def stop(self) -> None:
        if self.bridge is not None:
            await self.bridge.stop()
        await self.ha.stop()


async def clear(broker: Mosquitto, *filters: str) -> None:
    """Somebody clears a tree of topics."""
    async with Listener(broker.port, *filters) as listener:
        for topic in list(listener.topics):
            listener.publish(topic, "", retain=True)


async def hold(homes: list[Home], expected: list[int], what: str) -> None:
    """Waits until each has exactly that many states, and has had them for 8 s: longer than a trial."""
    since = None

    async def is_steady() -> bool:
        nonlocal since
        counts = [await home.count() for home in homes]
        now = asyncio.get_running_loop().time()
        since = (since or now) if counts == expected else None
        return since is not None and now - since >= 8

    try:
        await wait_until(is_steady, 120, what, interval=0.5)
    except TimeoutError as reason:
        counts = {home.name: await home.count() for home in homes}
        raise AssertionError(f"after {what}: {counts}, not {expected}") from reason


@pytest.fixture
async def mesh(request, work):
    folder = work / f"mesh-{len(request.param)}"
    broker = Mosquitto(folder / "broker")
    homes = [Home(f"h{number}", version, folder, broker) for number, version in enumerate(request.param)]
    await broker.start()
    async with Listener(broker.port) as client:
        for topic, payload in SHARED.items():
            client.publish(topic, payload, retain=True)
    await asyncio.gather(*(home.start() for home in homes))
    for home in homes:

        async def has_plug(home=home) -> bool:
            entries = await home.ha.client.entities()
            return any(each["unique_id"] == "0x01_zigbee2mqtt" for each in entries.values())

        await wait_until(has_plug, 30, "the device that all share", interval=0.2)
        home.own = await home.count()
    yield broker, homes
    await asyncio.gather(*(home.stop() for home in homes))
    await broker.stop()


async def disturb(broker: Mosquitto, homes: list[Home], expected: list[int], record_property) -> None:
    """All that may happen to a mesh; the counts are the same after each of it."""
    first, *_, last = homes

    async def switch_all() -> None:
        for home in homes:
            for entity_id in ("input_boolean.guests", "input_boolean.away"):
                await home.ha.client.call("input_boolean.toggle", entity_id)

    async def restart_broker() -> None:
        await broker.stop()
        await broker.start()

    async def nothing() -> None:
        pass

    steps = {
        "start": nothing,
        "changes": switch_all,
        "a restart of a bridge": first.restart_bridge,
        "a restart of a Home Assistant": last.ha.restart,
        "a restart of the broker": restart_broker,
        "clearing the topics of an instance": lambda: clear(broker, f"statebus/{first.name}/#"),
        "clearing all announcements": lambda: clear(broker, *(f"+/+/{home.name}/+/config" for home in homes)),
        "a restart of all bridges": lambda: asyncio.gather(*(home.restart_bridge() for home in homes)),
    }
    table = [f"{'after':36}" + "".join(f"{home.name:>8}" for home in homes)]
    for what, step in steps.items():
        await step()
        await hold(homes, expected, what)
        table.append(f"{what:36}" + "".join(f"{count:8}" for count in expected))
    record_property("table", ("entities of a mesh", "\n".join(table)))
    for home in homes:
        doubled = [unique_id for unique_id, count in (await home.mirrored()).items() if count > 1]
        assert doubled == []


@pytest.mark.parametrize("mesh", [(OLDEST, NEWEST)], ids=["-to-".join((OLDEST, NEWEST))], indirect=True)
async def test_two_with_all_defaults_show_nothing_twice(mesh, record_property):
    broker, homes = mesh
    for home in homes:
        await home.start_bridge()
    # Each shows both instances, and nothing of the other: nobody but themselves listens there.
    expected = [home.own + INSTANCE * len(homes) for home in homes]
    await disturb(broker, homes, expected, record_property)
    for home in homes:
        assert "own Home Assistant listens under homeassistant" in home.bridge.output()


@pytest.mark.full
@pytest.mark.parametrize("mesh", [(NEWEST, OLDEST, NEWEST)], ids=["three"], indirect=True)
async def test_three_in_a_mesh_show_each_other_once(mesh, record_property):
    broker, homes = mesh
    for home in homes:
        # The shared device stays in the registry, and shows as unavailable.
        await home.ha.listen_under(f"{home.name}_ha", broker.port)
        await home.start_bridge(consume={"prefix": f"{home.name}_ha"})
    own = {home.name: home.own for home in homes}
    await wait_until(lambda: all("online" in home.bridge.output() for home in homes), 30, "all bridges")
    # `published` of the others and their instances' entities; what is left out is asked of the bridges.
    async with Listener(broker.port, "statebus/+/state/#") as listener:
        published = Counter(topic.split("/")[1] for topic in listener.topics)
    expected = [
        own[home.name] + sum(published[o.name] + INSTANCE for o in homes if o is not home) for home in homes
    ]
    await disturb(broker, homes, expected, record_property)
    for home in homes:
        # The broker was restarted; nothing else is to be told of.
        told = [line for line in home.ha.problems(*WATCHED) if "components.mqtt.client" not in line]
        assert told == []
