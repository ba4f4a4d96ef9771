"""The four pairs of versions, each started once."""

from __future__ import annotations

import pytest

from conftest import home_assistant_environment
from harness.environments import NEWEST, OLDEST

from .pair import Pair

PAIRS = [(OLDEST, OLDEST), (OLDEST, NEWEST), (NEWEST, OLDEST), (NEWEST, NEWEST)]


def pytest_collection_modifyitems(items):
    for item in items:
        if "real_ha" in str(item.fspath):
            item.add_marker(pytest.mark.real_ha)


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
