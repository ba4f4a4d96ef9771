"""Brokers that are no Mosquitto: what `statebus check` finds of each, and a bridge at those that do.

docs/brokers.md has the table of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.pages import DOCS
from harness.bridge import Bridge, write_secret
from harness.config import broker_findings, problems_of
from harness.scripted import ScriptedHomeAssistant
from matrix.broker_faults import comes_back_empty
from matrix.house import House

from .rooted import Amqtt, Ejabberd, NewRabbitMQ, RabbitMQ, Tried, made

# The first run makes a root for each, which takes a minute or two.
pytestmark = pytest.mark.full

# What is wrong with each; nothing: statebus works with it.
LACKS = {
    Ejabberd: [],
    RabbitMQ: ["speaks MQTT 5"],  # it hangs up on who does
    NewRabbitMQ: ["not to wildcards"],
    Amqtt: ["it does not speak MQTT 5"],
}


def login(broker: Tried, bridge_folder: Path) -> dict:
    if broker.watcher is None:
        return {}
    bridge_folder.mkdir(parents=True, exist_ok=True)
    write_secret(bridge_folder / "mqtt.pw", broker.watcher[1])
    return {"broker": {"username": broker.watcher[0], "password_file": "mqtt.pw"}}


@pytest.fixture(params=LACKS, ids=lambda kind: kind.__name__)
async def broker(request, tmp_path):
    broker = made(request.param, tmp_path / "broker")
    await broker.start()
    yield broker
    await broker.stop()


async def test_check_finds_what_it_lacks(broker, tmp_path):
    folder = tmp_path / "bridge"
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        settings = login(broker, folder)
        bridge = Bridge(folder, "edge", home.url, home.token, broker.url, **settings)
        code, found = broker_findings(bridge)
    problems = problems_of(found)
    lacks = LACKS[type(broker)]
    assert len(problems) == len(lacks), found
    assert all(word in text for word, text in zip(lacks, problems)), problems
    assert code == (1 if lacks else 0), found
    row = rf"^\| {type(broker).__name__.removeprefix('New')} \| .*{re.escape(broker.version().split('-')[0])}"
    assert re.search(row, (DOCS / "brokers.md").read_text(), re.M | re.I), broker.version()


@pytest.mark.parametrize("kind", [kind for kind, lacks in LACKS.items() if not lacks])
async def test_a_bridge_works_with_it_also_after_it_was_killed(kind, tmp_path):
    broker = made(kind, tmp_path / "broker")
    async with House(tmp_path, broker=broker) as house:
        settings = login(broker, tmp_path / "bridge")
        await house.settle(house.make_bridge(**settings))
        outcome = await comes_back_empty(house, 0)
    assert outcome.difference == []
