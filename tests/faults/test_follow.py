"""Following, seen from outside: what the program writes into registries, and what it notes of that."""

from __future__ import annotations

import json

import pytest

from harness.bridge import Bridge
from harness.client import Client
from harness.mosquitto import Listener
from harness.process import wait_until
from harness.schemas import Schemas
from harness.scripted import ScriptedHomeAssistant

SCHEMAS = Schemas()
NOTED = "statebus/tablet/followed/hubs/#"


@pytest.fixture
async def tablet(tmp_path, home, broker):
    """A home that has what announcements made of the devices of `hubs`, none of them in an area."""
    await home.send({"create": {"floors": {"floor_id": "ground", "name": "Ground floor", "level": 0}}})
    await home.send({"create": {"labels": {"label_id": "share", "name": "Share", "color": "green"}}})
    await home.send({"update": {"areas": {"kitchen": {"floor_id": "ground", "labels": ["share"]}}}})
    hubs = Bridge(tmp_path / "hubs", "hubs", home.url, home.token, broker.url)
    await hubs.start()
    await hubs.online()
    async with Listener(broker.port, "statebus/hubs/device/+") as listener:
        devices = [json.loads(payload) for payload in listener.topics.values()]
    async with ScriptedHomeAssistant(tmp_path / "tablet_ha", "--entities", 3) as tablet:
        for device in devices:
            row = {"id": f"m_{device['id']}", "name": device["name"]}
            await tablet.send({"create": {"devices": {**row, "identifiers": [["mqtt", device["object"]]]}}})
        yield tablet
    await hubs.stop()


@pytest.fixture
async def consumer(tmp_path, tablet, broker):
    own = tmp_path / "tablet", "tablet", tablet.url, tablet.token, broker.url
    bridge = Bridge(*own, consume={"prefix": "tablet_ha"})
    await bridge.start()
    await bridge.online()
    yield bridge
    await bridge.stop()


async def areas_of(tablet) -> dict[str, str | None]:
    """The area of each mirrored device, by its name at the source."""
    async with Client(tablet.url, tablet.token) as client:
        return {each["id"].removeprefix("m_"): each["area_id"] for each in (await client.devices()).values()}


async def lamp_is_in(tablet, area: str | None) -> None:
    async def is_there() -> bool:
        return (await areas_of(tablet)).get("ceiling_lamp") == area

    await wait_until(is_there, 20, f"the lamp to be in {area}", interval=0.2)


async def records(broker) -> dict[str, dict]:
    """What the consumer has noted, by kind and id; each keeps to its schema."""
    async with Listener(broker.port, NOTED) as listener:
        noted = dict(listener.topics)
    assert not [each for topic, payload in noted.items() for each in SCHEMAS.problems_at(topic, payload)]
    return {topic.split("/hubs/")[1]: json.loads(payload) for topic, payload in noted.items()}


async def test_what_is_applied_is_noted_and_survives_restarts(home, tablet, broker, consumer):
    await lamp_is_in(tablet, "living_room")
    # An area with a floor and a label.
    await home.send({"update": {"devices": {"ceiling_lamp": {"area_id": "kitchen"}}}})
    await lamp_is_in(tablet, "kitchen")

    async def all_noted() -> dict | None:
        noted = await records(broker)
        return noted if noted["device/ceiling_lamp"]["area"] == "kitchen" else None

    noted = await wait_until(all_noted, 20, "the records", interval=0.2)
    assert noted["device/ceiling_lamp"] == {"of": "m_ceiling_lamp", "area": "kitchen"}
    assert noted["area/kitchen"]["floor"] == noted["floor/ground"]["of"]
    assert noted["area/kitchen"]["labels"] == [noted["label/share"]["of"]]
    assert all(noted[f"{kind}/{name}"]["made"] for kind, name in (("floor", "ground"), ("label", "share")))

    await consumer.stop()
    await tablet.send({"update": {"devices": {"m_ceiling_lamp": {"area_id": "living_room"}}}})
    await consumer.start()
    await consumer.online()

    async def is_kept() -> bool:
        return (await records(broker))["device/ceiling_lamp"].get("kept") == ["area"]

    await wait_until(is_kept, 20, "the user's change to be noted", interval=0.2)
    assert (await areas_of(tablet))["ceiling_lamp"] == "living_room"
    assert "does not follow" not in consumer.output()


async def test_rights_are_missed_once_and_used_after_the_next_login(home, tablet, broker, consumer):
    await lamp_is_in(tablet, "living_room")
    missed = "Make the user of home_assistant.token_file an administrator"
    await tablet.send({"admin": False})
    for area in ("hall", "bedroom"):
        await home.send({"update": {"devices": {"ceiling_lamp": {"area_id": area}}}})
        await wait_until(lambda: missed in consumer.output(), 20, "the log to say so")
    await tablet.send({"admin": True})
    await tablet.send({"drop": True})
    await lamp_is_in(tablet, "bedroom")
    assert consumer.output().count(missed) == 1
