"""What the tests of bad input begin with, and how their rows are kept."""

from __future__ import annotations

import pytest

from harness.bad_input_table import Row
from harness.bridge import Bridge
from harness.mosquitto import Mosquitto
from harness.scripted import ScriptedHomeAssistant


@pytest.fixture(scope="module")
async def home(tmp_path_factory):
    async with ScriptedHomeAssistant(tmp_path_factory.mktemp("ha"), "--demo") as home:
        yield home


@pytest.fixture(scope="module")
async def broker(tmp_path_factory):
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    await broker.start()
    yield broker
    await broker.stop()


def sentences(bridge: Bridge) -> list[str]:
    """What it has warned of, without time and level."""
    return [line.split(" ", 3)[3] for line in bridge.complaints()]


def name_of(nodeid: str) -> str:
    """The test without what tells its rows apart."""
    return nodeid.split("bad_input/")[-1].split("[")[0]


@pytest.fixture
def keep(request, record_property):
    """Records what the user has seen of a row, and fails where that is something else than declared."""

    def keep(row: Row, seen: str) -> None:
        record_property("bad_input", row.record(name_of(request.node.nodeid), seen))
        assert seen == row.message

    return keep
