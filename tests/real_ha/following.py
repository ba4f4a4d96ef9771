"""A source, a main that follows it, and what their registries say."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.client import ApiError
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Mosquitto
from harness.process import wait_until

SOURCE = "demo:\ninput_boolean: {lamp: {name: Lamp}, fan: {name: Fan}}\n"
# `search` tells what refers to an area, `conversation` takes what somebody says.
MAIN = "search:\nconversation:\n"
REGISTRIES = ("area", "floor", "label", "device", "entity")
FILTER = [{"exclude": {}}, {"include": {"entity": "light.*"}}, {"include": {"domain": "input_boolean"}}]
BED, CEILING = "light.bed_light", "light.ceiling_lights"
LAMP, FAN = "switch.input_boolean_lamp", "switch.input_boolean_fan"


class Homes:
    """A source, a main that consumes, their bridges, and how often main's registries change."""

    def __init__(self, folder, source_version: str, main_version: str):
        self.folder = folder
        self.broker = Mosquitto(folder / "broker")
        versions = source_version, main_version
        source, main = (home_assistant_environment(version, ["conversation"]) for version in versions)
        self.source = HomeAssistant("source", source, folder / "source_ha", SOURCE)
        self.main = HomeAssistant("main", main, folder / "main_ha", MAIN)
        self.has_labels = OLDEST not in versions
        self.tokens: dict[str, str] = {}  # of bridges that do not log in as the first user
        self.source_settings: dict = {"publish": {"filter": FILTER}}
        self.bridges: list[Bridge] = []
        self.events: Counter = Counter()
        self.watching: list[asyncio.Task] = []

    async def start(self) -> None:
        await self.broker.start()
        await asyncio.gather(self.source.start(), self.main.start())
        await self.main.set_up_mqtt(self.broker.port)

    async def start_bridges(self) -> None:
        for home, settings in (
            (self.main, {"consume": {"prefix": "homeassistant"}, "log": {"level": "debug"}}),
            (self.source, self.source_settings),
        ):
            token = self.tokens.get(home.name, home.client.token)
            bridge = Bridge(self.folder / home.name, home.name, home.url, token, self.broker.url, **settings)
            self.bridges.append(bridge)
            await bridge.start()
            await bridge.online()

    @property
    def consumer(self) -> Bridge:
        return self.bridges[0]

    async def restart_consumer(self) -> None:
        await self.consumer.stop()
        await self.consumer.start()
        await self.consumer.online()

    async def stop(self) -> None:
        for task in self.watching:
            task.cancel()
        for bridge in self.bridges:
            with contextlib.suppress(ProcessLookupError):
                await bridge.stop()
        await asyncio.gather(self.source.stop(), self.main.stop())
        await self.broker.stop()

    def watch(self) -> None:
        """Counts the events of main's registries from now on."""

        async def count(name: str) -> None:
            async for _ in self.main.client.events(f"{name}_registry_updated"):
                self.events[name] += 1

        self.watching = [asyncio.create_task(count(name)) for name in REGISTRIES]

    async def unwatch(self) -> Counter:
        for task in self.watching:
            task.cancel()
        self.watching = []
        counted, self.events = self.events, Counter()
        return counted


async def device_of(home: HomeAssistant, entity_id: str) -> dict:
    entry = (await home.client.entities())[entity_id]
    return (await home.client.devices())[entry["device_id"]]


async def area_names(home: HomeAssistant) -> dict[str, str]:
    return {area_id: area["name"] for area_id, area in (await home.client.areas()).items()}


async def make(home: HomeAssistant, what: str, name: str, **more) -> str:
    """A new area, floor or label; gives its id."""
    made = await home.client.ask(f"config/{what}_registry/create", name=name, **more)
    return made[f"{what}_id"]


async def put_device(home: HomeAssistant, entity_id: str, **fields) -> None:
    device = await device_of(home, entity_id)
    await home.client.ask("config/device_registry/update", device_id=device["id"], **fields)


async def put_entity(home: HomeAssistant, entity_id: str, **fields) -> None:
    await home.client.ask("config/entity_registry/update", entity_id=entity_id, **fields)


async def until(what: str, seen: Callable, timeout: float = 20):
    """Waits until `seen` gives something true; what it asks for and is not there yet is no fault."""

    async def look():
        with contextlib.suppress(KeyError, ApiError):
            return await seen()

    return await wait_until(look, timeout, what, interval=0.2)


async def in_area(home: HomeAssistant, entity_id: str, name: str | None) -> bool:
    """Whether the entity's device, or the entity where it has none, is in the area of that name."""
    entry = (await home.client.entities())[entity_id]
    thing = (await home.client.devices())[entry["device_id"]] if entry["device_id"] else entry
    return (await area_names(home)).get(thing["area_id"]) == name


PAIRS = [(OLDEST, NEWEST), (NEWEST, OLDEST), (NEWEST, NEWEST)]


@pytest.fixture(params=PAIRS, ids="-to-".join)
async def homes(request, work):
    name = "-".join(request.param)
    async with following(work / f"follow-{name}-{abs(hash(request.node.name))}", request.param) as homes:
        yield homes


@contextlib.asynccontextmanager
async def following(folder: Path, versions: tuple[str, str]):
    """All of it, with a device and an entity without one in the source's and in main's larder."""
    homes = Homes(folder, *versions)
    try:
        await homes.start()
        larder = await make(homes.source, "area", "Larder")
        await put_device(homes.source, BED, area_id=larder)
        await put_entity(homes.source, "input_boolean.lamp", area_id=larder)
        await homes.start_bridges()
        await until("the bed light in main's larder", lambda: in_area(homes.main, BED, "Larder"))
        await until("the lamp in main's larder", lambda: in_area(homes.main, LAMP, "Larder"))
        yield homes
    finally:
        await homes.stop()
