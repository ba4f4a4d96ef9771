"""Events, tags and device triggers on a real broker, and what a user without rights gets of them."""

from __future__ import annotations

import json

import pytest

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until
from harness.schemas import Schemas
from harness.scripted import ScriptedHomeAssistant

SCHEMAS = Schemas()
WANTED = {"publish": {"events": ["zha_event", "tag_scanned"], "device_triggers": True}}
PRESS = {"platform": "device", "domain": "zha", "device_id": "ceiling_lamp", "type": "press", "subtype": "b1"}
TRIGGER = "statebus/hubs/trigger/ceiling_lamp"


@pytest.fixture
async def bus(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    home = ScriptedHomeAssistant(tmp_path / "ha", "--demo")
    await broker.start()
    await home.start()
    await home.send({"triggers": {"ceiling_lamp": [PRESS, {**PRESS, "entity_id": "light.ceiling_lamp"}]}})
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, broker.url, **WANTED)
    yield home, bridge, broker
    await bridge.stop()
    await home.stop()
    await broker.stop()


def announced(listener: Listener, component: str) -> list[dict]:
    topics = [topic for topic in listener.topics if topic.startswith(f"homeassistant/{component}/hubs/")]
    assert not [each for topic in topics for each in SCHEMAS.problems_at(topic, listener.topics[topic])]
    return [json.loads(listener.topics[topic]) for topic in topics]


async def passing(listener: Listener, topic: str, part: str) -> dict:
    """The message with that part at a topic, which must be valid and not retained."""

    def found():
        return [each for each in listener.messages if each.topic == topic and part in each.payload]

    (message,) = await listener.until(found, 10, f"{part} at {topic}")
    assert message.qos == 1 and not message.retained
    assert not SCHEMAS.problems_at(topic, message.payload)
    return json.loads(message.payload)


async def test_events_and_triggers_pass_and_do_not_stay(bus):
    home, bridge, broker = bus
    async with Listener(broker.port, "statebus/#", "homeassistant/#") as listener:
        await bridge.start()
        await bridge.online()
        (tags,) = announced(listener, "tag")
        assert tags["topic"] == "statebus/hubs/fired/tag_scanned"
        await home.send({"fire": {"zha_event": {"command": "toggle", "args": [1, 2]}}})
        fired = await passing(listener, "statebus/hubs/fired/zha_event", "toggle")
        assert fired["data"] == {"command": "toggle", "args": [1, 2]}
        await home.send({"fire": {"tag_scanned": {"tag_id": "04-6A", "device_id": None}}})
        await passing(listener, tags["topic"], "04-6A")
        await listener.until(lambda: announced(listener, "device_automation"), 20, "the trigger")
        (press,) = announced(listener, "device_automation")
        await home.send({"trigger": {"ceiling_lamp": {"type": "press"}}})
        told = await passing(listener, TRIGGER, "press")
        assert told["key"] == press["payload"] and told["subtype"] == press["subtype"] == "b1"
    async with Listener(broker.port, "statebus/hubs/fired/#", "statebus/hubs/trigger/#") as later:
        assert not later.topics


async def test_a_user_without_rights_is_told_once_and_all_else_works(bus):
    home, bridge, broker = bus
    await home.send({"admin": False})
    await bridge.start()
    await bridge.online()
    await wait_until(lambda: "publish.device_triggers" in bridge.output(), 20, "the word on triggers")
    assert bridge.output().count("must be an administrator") == 2
    async with Listener(broker.port, "homeassistant/#") as listener:
        assert not announced(listener, "device_automation")
        assert announced(listener, "light")
