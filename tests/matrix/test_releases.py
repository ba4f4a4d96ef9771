"""F25: faults of the broker with the Mosquitto of other Debian releases."""

from __future__ import annotations

import pytest

from harness.mosquitto import Mosquitto
from harness.releases import SUITES, Release, mosquitto_of

from .broker_faults import SAVES_WHEN_ASKED, comes_back_empty, comes_back_old
from .house import House

# The first run makes a root for each release, which takes a minute.
pytestmark = pytest.mark.full


@pytest.fixture(scope="module", params=SUITES)
def release(request) -> Release:
    return mosquitto_of(request.param)


@pytest.fixture
async def house(release, tmp_path):
    broker = Mosquitto(tmp_path / "broker", SAVES_WHEN_ASKED)
    broker.command = release.command
    async with House(tmp_path, broker=broker) as house:
        await house.settle()
        yield house


async def test_f25_another_release_is_killed_and_comes_back_empty(house, release, row):
    house.broker.config = house.broker.config.replace("persistence true", "persistence false")
    outcome = await comes_back_empty(house, 0)
    row("F25", f"as F1, Mosquitto {release.version}", outcome)
    assert await house.is_whole() == []


async def test_f25_another_release_comes_back_with_an_old_snapshot(house, release, row):
    outcome = await comes_back_old(house)
    row("F25", f"as F2, Mosquitto {release.version}", outcome)
    assert await house.is_whole() == []
