"""What most of these tests begin with."""

from __future__ import annotations

import pytest

from harness.mosquitto import Mosquitto
from harness.scripted import ScriptedHomeAssistant


@pytest.fixture
async def home(tmp_path):
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        yield home


@pytest.fixture
async def broker(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    yield broker
    await broker.stop()
