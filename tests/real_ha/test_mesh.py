"""Several Home Assistants on one broker: each shows everything once, whatever is restarted or cleared."""

from __future__ import annotations

from functools import partial

import pytest

from harness.environments import NEWEST, OLDEST
from harness.rebuilt import equality, faults_of, published_states

from .mesh import INSTANCE
from .pair import WATCHED

DEFAULTS = pytest.param((OLDEST, NEWEST), id=f"{OLDEST}-to-{NEWEST}")


async def start_with_defaults(mesh) -> list[int]:
    """Each shows both instances, and nothing of the other: nobody but themselves listens there."""
    for home in mesh.homes:
        await home.start_bridge()
    return [home.own + INSTANCE * len(mesh.homes) for home in mesh.homes]


async def start_all_to_all(mesh) -> list[int]:
    names = [home.name for home in mesh.homes]
    return await mesh.consume({name: [each for each in names if each != name] for name in names})


async def start_ring(mesh) -> list[int]:
    """Each takes only from the one before it, the first from the last."""
    names = [home.name for home in mesh.homes]
    return await mesh.consume({name: [names[number - 1]] for number, name in enumerate(names)})


def nothing_is_told(mesh) -> None:
    for home in mesh.homes:
        # The broker was restarted; nothing else is to be told of.
        told = [line for line in home.ha.problems(*WATCHED) if "components.mqtt.client" not in line]
        assert told == []


async def rest_says_the_same(mesh, record_property) -> None:
    """What is rebuilt from the one broker is, of each instance, what its own REST API says."""
    sources = {home.name: partial(published_states, home.ha.client) for home in mesh.homes}
    results = await equality(mesh.broker, mesh.folder / "state", sources)
    told = "\n".join(f"{name} ({mesh.versions[name]}): {result}" for name, result in results.items())
    record_property("table", ("statebus state against GET /api/states of all of a mesh", told))
    assert faults_of(results) == []


@pytest.mark.parametrize("mesh", [DEFAULTS], indirect=True)
async def test_two_with_all_defaults_show_nothing_twice(mesh, record_property):
    expected = await start_with_defaults(mesh)
    await mesh.disturb(expected, record_property)
    await rest_says_the_same(mesh, record_property)
    for home in mesh.homes:
        assert "own Home Assistant listens under homeassistant" in home.bridge.output()


THREE = (NEWEST, OLDEST, NEWEST)


@pytest.mark.full
@pytest.mark.parametrize("mesh", [pytest.param(THREE, id="three")], indirect=True)
@pytest.mark.parametrize("start", [start_all_to_all, start_ring], ids=["all_to_all", "ring"])
async def test_three_show_each_other_once(mesh, start, record_property):
    expected = await start(mesh)
    await mesh.disturb(expected, record_property)
    await rest_says_the_same(mesh, record_property)
    nothing_is_told(mesh)
