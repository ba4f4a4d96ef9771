"""The four pairs of versions, each started once."""

from __future__ import annotations

import zlib

import pytest

from conftest import home_assistant_environment
from harness.environments import NEWEST, OLDEST

from .mesh import Mesh
from .pair import Pair
from .plan import NAMES
from .rows import concerns

PAIRS = [(OLDEST, OLDEST), (OLDEST, NEWEST), (NEWEST, OLDEST), (NEWEST, NEWEST)]


@pytest.hookimpl(hookwrapper=True)
def pytest_collection_modifyitems(config, items):
    """Marks before pytest selects by marks, and puts in order what it has selected."""
    for item in items:
        if is_real(item):
            item.add_marker(pytest.mark.real_ha)
    yield
    needless = [item for item in items if not concerns_its_pair(item)]
    config.hook.pytest_deselected(items=needless)
    items[:] = [item for item in items if item not in needless]
    # One house after the other, in it one instance after the other, then what concerns all of them.
    housed = [item for item in items if is_real(item) and "house" in item.fixturenames]
    in_order = iter(sorted(housed, key=place_in_house))
    items[:] = [next(in_order) if item in housed else item for item in items]


def is_real(item) -> bool:
    """This file hears of the tests of other folders as well."""
    return "real_ha" in str(item.fspath)


def place_in_house(item) -> tuple[str, int]:
    parameters = item.callspec.params
    instance = parameters.get("instance")
    return parameters["house"], NAMES.index(instance) if instance else len(NAMES)


def concerns_its_pair(item) -> bool:
    """Some rows of commands.yaml are for certain versions only."""
    parameters = getattr(item, "callspec", None) and item.callspec.params
    if not parameters or not {"pair", "row"} <= set(parameters):
        return True
    return concerns(parameters["row"], *parameters["pair"])


@pytest.fixture(scope="session", params=PAIRS, ids=[f"{s}-to-{m}" for s, m in PAIRS])
async def pair(request, work):
    """A source of one version and a main of another, with the bridge just started."""
    source, main = (home_assistant_environment(version) for version in request.param)
    pair = Pair(work / "-".join(request.param), source, main)
    try:
        await pair.start()
        yield pair
    finally:
        await pair.stop()


@pytest.fixture
async def mesh(request, work):
    """Homes of the releases that the parameter names, without their bridges; anew for each test."""
    mesh = Mesh(work / f"mesh-{zlib.crc32(request.node.name.encode()):x}", request.param)
    try:
        await mesh.start()
        yield mesh
    finally:
        await mesh.stop()
