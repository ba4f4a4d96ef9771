"""Pictures over a real broker: their bytes, what is sent again, what is refused, and how they go."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager

import yaml

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.scripted import ScriptedHomeAssistant

DOOR = "statebus/edge/image/camera/door"
MAP = "statebus/edge/image/image/map"
IMAGES = {"include": ["camera.door", "image.*"], "max_bytes": 5_000_000, "every": "1s"}
JPEG = bytes(range(256)) * 64  # not one of its bytes must be taken for a text's


def write(ha: ScriptedHomeAssistant, name: str, content: bytes) -> bytes:
    """The picture that Home Assistant has from now on, whole at any moment."""
    part = ha.folder / "part"
    part.write_bytes(content)
    part.replace(ha.folder / name)
    return content


def at(listener: Listener, topic: str) -> bytes:
    return listener.topics.get(topic, "").encode(errors="surrogateescape")


async def shows(listener: Listener, topic: str, content: bytes, timeout: float = 20) -> None:
    await listener.until(lambda: at(listener, topic) == content, timeout, f"{len(content)} bytes at {topic}")


@asynccontextmanager
async def home(folder):
    """A scripted Home Assistant with a camera and an image, a bridge that publishes both, a listener."""
    broker = Mosquitto(folder / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(folder / "ha") as ha:
        write(ha, "camera.door.jpg", JPEG)
        write(ha, "image.map.png", b"map 1")
        await ha.send({"pictures": str(ha.folder)})
        await ha.send({"add": {"entity_id": "camera.door", "state": "idle"}})
        await ha.send({"add": {"entity_id": "image.map", "state": "2026-11-24T09:00:00+00:00"}})
        bridge = Bridge(folder / "bridge", "edge", ha.url, ha.token, broker.url, publish={"images": IMAGES})
        await bridge.start()
        try:
            await bridge.online()
            async with Listener(broker.port, "statebus/edge/#", "homeassistant/#", qos=0) as listener:
                await shows(listener, DOOR, JPEG)
                await shows(listener, MAP, b"map 1")
                yield ha, bridge, listener
        finally:
            assert await bridge.stop() == 0
            await broker.stop()


def sent(listener: Listener, topic: str) -> list[int]:
    return [len(each.payload) for each in listener.messages if each.topic == topic]


async def test_a_picture_is_sent_with_its_bytes_and_only_when_it_is_another_one(tmp_path):
    async with home(tmp_path) as (ha, _, listener):
        await shows(listener, DOOR, write(ha, "camera.door.jpg", JPEG + b"2"))
        # The map is another one without telling; the door has been looked at several times since.
        write(ha, "image.map.png", b"map 2")
        for size in (3, 4, 5):
            await shows(listener, DOOR, write(ha, "camera.door.jpg", b"x" * size))
        assert at(listener, MAP) == b"map 1"
        await ha.send({"set": {"image.map": {"state": "2026-11-24T10:00:00+00:00"}}})
        await shows(listener, MAP, b"map 2")
        assert sent(listener, DOOR) == [len(JPEG), len(JPEG) + 1, 3, 4, 5]
        assert sent(listener, MAP) == [5, 5]


async def test_a_large_picture_arrives_whole_and_states_go_on(tmp_path):
    async with home(tmp_path) as (ha, bridge, listener):
        large = write(ha, "camera.door.jpg", os.urandom(4_900_000))
        await shows(listener, DOOR, large)
        await ha.send({"set": {"camera.door": {"state": "recording"}}})
        state = "statebus/edge/state/camera/door"
        await listener.until(lambda: '"recording"' in listener.topics[state], 10, "the next state")
        await shows(listener, DOOR, write(ha, "camera.door.jpg", b"small"))
        assert "lost" not in bridge.output()


async def test_what_is_too_large_or_no_picture_is_refused_and_the_last_one_stays(tmp_path):
    async with home(tmp_path) as (ha, bridge, listener):
        write(ha, "camera.door.jpg", bytes(5_000_001))
        why = "the picture of camera.door is not published: it is larger than 5000000 bytes"
        beat = "statebus/edge/heartbeat"
        await listener.until(lambda: '"images_refused":0' not in listener.topics[beat], 45, "a count")
        assert bridge.output().count(why) == 1
        assert at(listener, DOOR) == JPEG


async def test_pictures_go_when_the_configuration_does_not_name_them_any_more(tmp_path):
    async with home(tmp_path) as (ha, bridge, listener):
        announced = [topic for topic in listener.topics if topic.startswith("homeassistant/camera/")]
        assert len(announced) == 1
        await bridge.stop()
        config = yaml.safe_load(bridge.config.read_text())
        config["publish"]["images"]["include"] = ["image.*"]
        bridge.config.write_text(yaml.safe_dump(config))
        await bridge.start()
        await listener.until(lambda: DOOR not in listener.topics, 30, "the picture to be cleared")
        # Gone before the picture, for main's Home Assistant would read by it.
        assert announced[0] not in listener.topics
        assert announced[0].replace("/camera/", "/sensor/") in listener.topics
        # Nothing of the image has changed, so main takes it for no new one.
        assert sent(listener, MAP) == [5]


async def test_a_picture_goes_with_its_entity(tmp_path):
    async with home(tmp_path) as (ha, _, listener):
        await ha.send({"remove": "camera.door"})
        await listener.until(lambda: DOOR not in listener.topics, 30, "the picture to be cleared")
        assert at(listener, MAP) == b"map 1"
