"""Several Home Assistants on one broker, each with its bridge: what happens to them, and what they count."""

from __future__ import annotations

import asyncio
from collections import Counter

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

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

    async def kill_bridge(self) -> None:
        self.bridge.kill()
        await self.bridge.process.wait(10)
        await self.bridge.start()
        await self.bridge.online()

    async def has_plug(self) -> bool:
        entries = await self.ha.client.entities()
        return any(each["unique_id"] == "0x01_zigbee2mqtt" for each in entries.values())

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


class Mesh:
    """A default broker with a device that all share, and the homes on it."""

    def __init__(self, folder, versions: tuple[str, ...]):
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        self.homes = [Home(f"h{number}", each, folder, self.broker) for number, each in enumerate(versions)]

    async def start(self) -> None:
        await self.broker.start()
        async with Listener(self.broker.port) as client:
            for topic, payload in SHARED.items():
                client.publish(topic, payload, retain=True)
        await asyncio.gather(*(home.start() for home in self.homes))
        for home in self.homes:
            await wait_until(home.has_plug, 30, "the device that all share", interval=0.2)
            home.own = await home.count()

    async def stop(self) -> None:
        await asyncio.gather(*(home.stop() for home in self.homes))
        await self.broker.stop()

    async def published(self) -> Counter:
        """How many entities each instance has on the bus."""
        async with Listener(self.broker.port, "statebus/+/state/#") as listener:
            return Counter(topic.split("/")[1] for topic in listener.topics)

    async def consume(self, takes: dict[str, list[str]]) -> list[int]:
        """Each home shows those that `takes` names, under a prefix of its own; gives the counts to expect."""
        for home in self.homes:
            # The shared device stays in the registry, and shows as unavailable.
            await home.ha.listen_under(f"{home.name}_ha", self.broker.port)
            await home.start_bridge(consume={"prefix": f"{home.name}_ha", "from": takes[home.name]})
        published = await self.published()
        return [
            home.own + sum(published[name] + INSTANCE for name in takes[home.name]) for home in self.homes
        ]

    @property
    def versions(self) -> dict[str, str]:
        return {home.name: home.ha.environment.version for home in self.homes}

    async def restart_broker(self) -> None:
        await self.broker.stop()
        await self.broker.start()

    async def switch_all(self) -> None:
        for home in self.homes:
            for entity_id in ("input_boolean.guests", "input_boolean.away"):
                await home.ha.client.call("input_boolean.toggle", entity_id)

    async def clear_announcements(self) -> None:
        await clear(self.broker, *(f"+/+/{home.name}/+/config" for home in self.homes))

    async def disturb(self, expected: list[int], record_property) -> None:
        """All that may happen to a mesh; the counts are the same after each of it."""
        first, *_, last = self.homes

        async def nothing() -> None:
            pass

        steps = {
            "start": nothing,
            "changes": self.switch_all,
            "a restart of a bridge": first.restart_bridge,
            "a restart of a Home Assistant": last.ha.restart,
            "a restart of the broker": self.restart_broker,
            "clearing the topics of an instance": lambda: clear(self.broker, f"statebus/{first.name}/#"),
            "clearing all announcements": self.clear_announcements,
            "a restart of all bridges": lambda: asyncio.gather(*(h.restart_bridge() for h in self.homes)),
        }
        await self.go_through(steps.items(), expected, record_property)

    async def go_through(self, steps, expected: list[int], record_property) -> None:
        """Each step, and the counts after it; prints them, also those of a step that fails."""
        table = [f"{'after':44}" + "".join(f"{home.name:>8}" for home in self.homes)]
        try:
            for what, step in steps:
                await step()
                await hold(self.homes, expected, what)
                counts = [await home.count() for home in self.homes]
                table.append(f"{what:44}" + "".join(f"{count:8}" for count in counts))
        finally:
            record_property("table", (f"entities of a mesh, {expected} in all", "\n".join(table)))
        await self.nothing_is_doubled()

    async def nothing_is_doubled(self) -> None:
        for home in self.homes:
            assert [id for id, count in (await home.mirrored()).items() if count > 1] == []
