"""A camera and an image of one real Home Assistant are a camera and an image on another one, byte by byte.

The source's own come by MQTT, on a broker that main does not know, so that the test chooses their pictures.
"""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from conftest import home_assistant_environment
from harness.bridge import Bridge
from harness.environments import NEWEST, OLDEST
from harness.home_assistant import HomeAssistant
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until

from .pair import WATCHED

JPEG = "\xff\xd8 not much of a JPEG "
PNG = "\x89PNG not much of one "
SOURCES = {
    "homeassistant/camera/door/config": {"topic": "own/door", "name": "Door", "unique_id": "door"},
    "homeassistant/image/map/config": {
        "image_topic": "own/map", "content_type": "image/png", "name": "Map", "unique_id": "map",
    },
}  # fmt: skip
IMAGES = {"include": ["camera.*", "image.*"], "every": "1s"}


class Pictures:
    def __init__(self, folder, source, main):
        self.broker = Mosquitto(folder / "broker")
        self.source_broker = Mosquitto(folder / "source_broker")
        self.source = HomeAssistant("edge", source, folder / "edge", "camera:\nimage:\n")
        self.main = HomeAssistant("main", main, folder / "main", "camera:\nimage:\n")
        self.folder = folder
        self.bridge: Bridge | None = None

    async def start(self) -> None:
        await asyncio.gather(self.broker.start(), self.source_broker.start())
        await asyncio.gather(self.source.start(), self.main.start())
        await self.source.set_up_mqtt(self.source_broker.port)
        await self.main.set_up_mqtt(self.broker.port)
        for topic, payload in SOURCES.items():
            await self.publish(topic, json.dumps(payload))
        await self.show("1")

        async def all_there() -> bool:
            return {"camera.door", "image.map"} <= set(await self.source.client.states())

        await wait_until(all_there, 20, "the source's own camera and image", interval=0.2)
        self.bridge = Bridge(
            self.folder / "bridge", "edge", self.source.url, self.source.client.token, self.broker.url,
            announce={"ha_version": self.main.environment.version}, publish={"images": IMAGES},
        )  # fmt: skip
        await self.bridge.start()
        await self.bridge.online()

    async def stop(self) -> None:
        if self.bridge is not None:
            await self.bridge.stop()
        await asyncio.gather(self.source.stop(), self.main.stop())
        await asyncio.gather(self.broker.stop(), self.source_broker.stop())

    async def publish(self, topic: str, payload: str | bytes) -> None:
        async with Listener(self.source_broker.port, topic) as client:
            client.publish(topic, payload, retain=True)
            # What was retained there before comes first, and says nothing of what is on its way.
            text = payload if isinstance(payload, str) else payload.decode("utf-8", "surrogateescape")
            await client.until(lambda: client.topics.get(topic) == text, 10, topic)

    async def show(self, mark: str) -> None:
        """The pictures that the source has from now on."""
        await self.publish("own/door", (JPEG + mark).encode("latin-1"))
        await self.publish("own/map", (PNG + mark).encode("latin-1"))


async def picture(home: HomeAssistant, entity_id: str) -> tuple[str, bytes] | None:
    """What a browser would get: the type and the bytes."""
    path = f"/api/{entity_id.split('.')[0]}_proxy/{entity_id}"
    headers = {"Authorization": f"Bearer {home.client.token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(home.url + path) as answer:
        return (answer.content_type, await answer.read()) if answer.status == 200 else None


async def told_of(pictures: Pictures, entity_id: str) -> str:
    """Where a picture was seen, for a test that waits for it in vain."""
    topic = f"statebus/edge/image/{entity_id.replace('.', '/')}"
    async with Listener(pictures.broker.port, topic) as held:
        on_broker = held.topics.get(topic)
    at_source, on_main = await picture(pictures.source, entity_id), await picture(pictures.main, entity_id)
    return f"source {at_source}, broker {on_broker!r}, main {on_main}; the bridge: {pictures.bridge.output()}"


@pytest.fixture(params=[(OLDEST, NEWEST), (NEWEST, OLDEST)], ids=lambda pair: "-to-".join(pair))
async def pictures(request, work):
    source, main = (home_assistant_environment(version) for version in request.param)
    pictures = Pictures(work / "-".join(("pictures", *request.param)), source, main)
    try:
        await pictures.start()
        yield pictures
    finally:
        await pictures.stop()


async def test_main_has_the_bytes_of_the_sources_pictures(pictures):
    for mark in ("1", "2"):
        await pictures.show(mark)
        for entity_id, start in (("camera.door", JPEG), ("image.map", PNG)):
            wanted = (start + mark).encode("latin-1")

            async def has_arrived() -> bool:
                shown = await picture(pictures.main, entity_id)
                return shown is not None and shown[1] == wanted

            try:
                await wait_until(has_arrived, 20, f"the picture of {entity_id} on main", interval=0.2)
            except TimeoutError as late:
                raise AssertionError(f"{late}; {await told_of(pictures, entity_id)}") from late
            assert await picture(pictures.source, entity_id) == await picture(pictures.main, entity_id)
    assert not pictures.main.problems(*WATCHED)
