"""How a bridge leaves the broker: `online` never stays behind."""

from __future__ import annotations

import pytest

from harness.bridge import Bridge
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto
from harness.mqtt_door import MqttDoor

STATUS = "statebus/edge/status"
LAMP = "statebus/edge/state/light/ceiling_lamp"


@pytest.fixture
async def broker(tmp_path):
    """One that has one message on its way at a time."""
    broker = Mosquitto(tmp_path / "broker", DEFAULT_CONFIG + "max_inflight_messages 1\n")
    await broker.start()
    yield broker
    await broker.stop()


async def online(tmp_path, home, door: MqttDoor, listener: Listener, **config) -> Bridge:
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, door.url, **config)
    await bridge.start()
    await bridge.online()
    await listener.until(lambda: listener.topics.get(STATUS) == "online", 10, "online")
    return bridge


async def get_stuck(home, door: MqttDoor, listener: Listener) -> None:
    """The broker takes one more document and acknowledges nothing any more."""
    door.swallows_acknowledgements = True
    await home.send({"set": {"light.ceiling_lamp": {"state": "off"}}})
    await listener.until(lambda: '"off"' in listener.topics[LAMP], 10, "the document")


async def test_offline_that_the_broker_has_taken_is_said_once(tmp_path, home, broker):
    async with MqttDoor(broker.port) as door, Listener(broker.port, STATUS, "marker") as listener:
        bridge = await online(tmp_path, home, door, listener)
        assert await bridge.stop() == 0
        listener.publish("marker", "after all else")
        await listener.until(lambda: "marker" in listener.topics, 10, "the marker")
        statuses = [message.payload for message in listener.messages if message.topic == STATUS]
        assert statuses[statuses.index("online") :] == ["online", "offline"]


async def test_offline_that_waits_behind_a_stuck_message_is_said_at_the_end(tmp_path, home, broker):
    async with MqttDoor(broker.port) as door, Listener(broker.port, STATUS, LAMP) as listener:
        bridge = await online(tmp_path, home, door, listener)
        await get_stuck(home, door, listener)
        assert await bridge.stop() == 0
        await listener.until(lambda: listener.topics[STATUS] == "offline", 10, "offline")


async def test_a_broker_that_stops_acknowledging_is_left_with_offline(tmp_path, home, broker):
    async with MqttDoor(broker.port) as door, Listener(broker.port, STATUS, LAMP) as listener:
        bridge = await online(tmp_path, home, door, listener, broker={"keepalive": "2s"})
        await get_stuck(home, door, listener)
        await listener.until(lambda: listener.topics[STATUS] == "offline", 20, "offline")
        assert "stopped acknowledging" in bridge.output()
        door.swallows_acknowledgements = False
        await listener.until(lambda: listener.topics[STATUS] == "online", 40, "online again")
        assert await bridge.stop() == 0
