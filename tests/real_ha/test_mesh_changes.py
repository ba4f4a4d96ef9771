"""Ten minutes of whatever may happen to a mesh, by chance; and a main that comes, moves and goes."""

from __future__ import annotations

import asyncio
import random

import pytest

from harness.environments import NEWEST, OLDEST
from harness.mosquitto import Listener
from harness.process import wait_until

from .mesh import INSTANCE, clear, hold
from .test_mesh import DEFAULTS, THREE, rest_says_the_same, start_all_to_all, start_with_defaults

pytestmark = pytest.mark.full

SECONDS = 600
SEED = 20261126


class Chances:
    """Changes, restarts of any part, alone or together, and clearings of any tree of topics."""

    def __init__(self, mesh, seed: int):
        self.mesh = mesh
        self.chance = random.Random(seed)

    def steps(self, seconds: float):
        """Names and steps, until so much time has gone by."""
        end = asyncio.get_running_loop().time() + seconds
        number = 0
        while asyncio.get_running_loop().time() < end:
            number += 1
            name, step = self.chance.choice([self.changes, self.parts, self.parts, self.clearing])()
            yield f"{number}. {name}", step

    def changes(self):
        return "changes", self.mesh.switch_all

    def parts(self):
        """One part or two at once. A Home Assistant and its own bridge need each other, and come in turn."""
        home, other = self.chance.sample(self.mesh.homes, 2)
        one = self.chance.choice(self.parts_of(home))
        two = self.chance.choice([None, ("the broker", self.mesh.restart_broker), *self.parts_of(other)])
        if two is None:
            return one
        return f"{one[0]} and {two[0]}", lambda: asyncio.gather(one[1](), two[1]())

    def parts_of(self, home):
        name = home.name
        return [
            (f"{name}'s bridge", home.restart_bridge),
            (f"{name}'s bridge, killed", home.kill_bridge),
            (f"{name}'s Home Assistant", home.ha.restart),
        ]

    def clearing(self):
        name = self.chance.choice(self.mesh.homes).name
        own = ["#", "state/#", "entity/#", "index/#", "device/#", "view/#", "info", "status"]
        trees = [f"statebus/{name}/{each}" for each in own]
        tree = self.chance.choice([*trees, "statebus/#", f"+/+/{name}/+/config", ""])
        if not tree:
            return "clearing all announcements", self.mesh.clear_announcements
        return f"clearing {tree}", lambda: clear(self.mesh.broker, tree)


@pytest.mark.parametrize("mesh", [DEFAULTS, pytest.param(THREE, id="three")], indirect=True)
async def test_counts_are_exact_after_ten_minutes_of_anything(mesh, record_property):
    start = start_with_defaults if len(mesh.homes) == 2 else start_all_to_all
    expected = await start(mesh)
    await hold(mesh.homes, expected, "the start")
    await mesh.go_through(Chances(mesh, SEED).steps(SECONDS), expected, record_property)
    await rest_says_the_same(mesh, record_property)


async def left_over(mesh, name: str, but: str) -> list[str]:
    """Announcements of an instance under any other prefix than this one."""
    async with Listener(mesh.broker.port, f"+/+/{name}/+/config") as listener:
        return [topic for topic in listener.topics if not topic.startswith(f"{but}/")]


@pytest.mark.parametrize("mesh", [(OLDEST, NEWEST), (NEWEST, OLDEST)], ids="-to-".join, indirect=True)
async def test_a_main_that_comes_moves_and_goes_leaves_nothing_behind(mesh, record_property):
    source, main = mesh.homes
    await source.ha.listen_under("source_alone", mesh.broker.port)
    await source.start_bridge(announce={"prefix": "nowhere"})
    published = (await mesh.published())[source.name]
    alone, showing = [source.own, main.own], [source.own, main.own + published + INSTANCE]

    table = []

    async def counts_are(expected: list[int], prefix: str, what: str) -> None:
        await hold(mesh.homes, expected, what)
        counts = [await home.count() for home in mesh.homes]
        table.append(f"{what:32} source {counts[0]}, main {counts[1]}")
        await mesh.nothing_is_doubled()

        async def is_clear() -> bool:
            return not await left_over(mesh, source.name, prefix)

        await wait_until(is_clear, 20, f"nothing but {prefix} to be left after {what}", interval=0.5)

    async def consume(prefix: str) -> None:
        if main.bridge is not None:
            await main.bridge.stop()
        await main.start_bridge(consume={"prefix": prefix})

    await hold(mesh.homes, alone, "a start without main's bridge")
    await consume("homeassistant")
    await counts_are(showing, "homeassistant", "main's coming")
    ids = await registry_ids(main)
    await main.ha.listen_under("moved", mesh.broker.port)
    await consume("moved")
    await counts_are(showing, "moved", "a move, Home Assistant first")
    assert await registry_ids(main) == ids, "nothing of the user's is lost"
    await consume("back")
    await main.ha.listen_under("back", mesh.broker.port)
    await counts_are(showing, "back", "a move, the bridge first")
    assert set(await registry_ids(main)) == set(ids)
    await main.bridge.stop()
    await main.start_bridge(consume=False)
    await counts_are(alone, "nowhere", "main's going")
    record_property("table", ("a main that comes, moves and goes", "\n".join(table)))


async def registry_ids(home) -> dict[str, str]:
    """Its registry's ids of mirrored entities, by unique id."""
    entries = (await home.ha.client.entities()).values()
    return {e["unique_id"]: e["id"] for e in entries if e["unique_id"].startswith("statebus-")}
