"""What is far larger than anything in a home, from a real broker and through a real WebSocket."""

from __future__ import annotations

import json

import pytest

from harness.bad_input_table import Row
from harness.bridge import Bridge
from harness.mosquitto import Listener

from .conftest import sentences

TOPIC = "a retained topic"
HOME = "Home Assistant's connection"
MEGABYTE = 1_000_000

RETAINED = [
    (9 * MEGABYTE, "statebus/edge/state/light/ghost", True,
     Row("B3", TOPIC, "9 MB at a topic of this instance", "",
         "the broker does not deliver it, for the bridge takes 8 MB at most; it stays where it is")),
    (5 * MEGABYTE, "statebus/edge/state/light/ghost", False,
     Row("B3", TOPIC, "5 MB at a topic of this instance", "", "read and cleared, as any that is left over")),
    (5 * MEGABYTE, "statebus/media/info", True,
     Row("B3", TOPIC, "5 MB as the info of another instance, on its way", "", "passed over")),
]  # fmt: skip
FRAME = Row("B3", HOME, "a frame of 17 MB", "", "taken: registries of large homes are as long")
TABLES = {
    "test_what_is_too_large_at_the_broker_keeps_nobody_from_being_online": [each for *_, each in RETAINED],
    "test_a_large_frame_is_taken": [FRAME],
}


@pytest.mark.parametrize("size, topic, stays, row", RETAINED, ids=lambda each: getattr(each, "input", ""))
async def test_what_is_too_large_at_the_broker_keeps_nobody_from_being_online(
    tmp_path, keep, home, broker, size, topic, stays, row
):
    async with Listener(broker.port, "statebus/#", qos=0) as listener:
        listener.publish(topic, "x" * size, retain=True)
        await listener.until(lambda: topic in listener.topics, 30, "the broker to have it")
        bridge = Bridge(tmp_path, "edge", home.url, home.token, broker.url)
        await bridge.start()
        await bridge.online()
        if not stays:
            await listener.until(lambda: topic not in listener.topics, 30, "it to be cleared")
        await bridge.stop()
        assert (topic in listener.topics) == stays
        listener.publish(topic, "", retain=True)
        await listener.until(lambda: topic not in listener.topics, 30, "the broker to be as before")
    keep(row, "\n".join(sentences(bridge)))


async def test_a_large_frame_is_taken(tmp_path, keep, home, broker):
    document = "statebus/edge/state/sensor/climate_battery"
    bridge = Bridge(tmp_path, "edge", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, document, qos=0) as listener:
        large = {"state": "1", "attributes": {"text": "x" * (17 * MEGABYTE)}}
        await home.send({"set": {"sensor.climate_battery": large}})
        await listener.until(lambda: len(listener.topics[document]) > 17 * MEGABYTE, 60, "the document")
        await home.send({"set": {"sensor.climate_battery": {"state": "44", "attributes": {"unit": "%"}}}})
        await listener.until(lambda: len(listener.topics[document]) < 1_000, 60, "the next one")
        assert json.loads(listener.topics[document])["state"] == "44"
    await bridge.stop()
    keep(FRAME, "\n".join(sentences(bridge)))
