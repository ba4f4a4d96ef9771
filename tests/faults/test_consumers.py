"""Instances that consume: the others announce under their prefixes, and no longer than they ask for it."""

from __future__ import annotations

import json

import pytest

from harness.bridge import Bridge
from harness.mosquitto import Listener
from harness.scripted import ScriptedHomeAssistant

from .test_explain import explain

LIGHTS = 2


@pytest.fixture
async def hubs(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "hubs", "hubs", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    yield bridge
    await bridge.stop()


@pytest.fixture
async def tablet(tmp_path):
    """The home of another instance."""
    async with ScriptedHomeAssistant(tmp_path / "tablet_ha", "--entities", 3) as home:
        yield home


def consuming(tmp_path, home, broker, **consume) -> Bridge:
    return Bridge(tmp_path / "tablet", "tablet", home.url, home.token, broker.url, consume=consume)


def lights(listener: Listener, prefix: str) -> int:
    return sum(topic.startswith(f"{prefix}/light/hubs/") for topic in listener.topics)


def announced(listener: Listener, prefix: str) -> list[str]:
    return [topic for topic in listener.topics if topic.startswith(f"{prefix}/") and "/hubs/" in topic]


def explained(bridge: Bridge, entity_id: str) -> dict:
    return json.loads(explain(bridge, entity_id, "--json").stdout)


async def test_announcements_follow_the_prefix_of_who_consumes(tmp_path, hubs, tablet, broker):
    async with Listener(broker.port, "homeassistant/#", "tablet_ha/#", "statebus/hubs/#") as listener:
        await listener.until(lambda: lights(listener, "homeassistant") >= LIGHTS, 20, "the lights")
        before = announced(listener, "homeassistant")
        bridge = consuming(tmp_path, tablet, broker, prefix="tablet_ha")
        await bridge.start()

        def moved(source: str, target: str) -> bool:
            return not announced(listener, source) and len(announced(listener, target)) == len(before)

        await listener.until(lambda: moved("homeassistant", "tablet_ha"), 30, "all to move to the consumer")
        told = explained(hubs, "light.hall")
        assert [each["prefix"] for each in told["consumers"]] == ["tablet_ha"]
        assert {each["broker"] for each in told["topics"]} == {"equal"}

        # Away is not gone: it consumes until it says otherwise.
        await bridge.stop()
        assert moved("homeassistant", "tablet_ha")
        bridge = consuming(tmp_path, tablet, broker, prefix="tablet_ha", **{"from": ["media"]})
        await bridge.start()
        await listener.until(lambda: not announced(listener, "tablet_ha"), 30, "what is not wanted to go")
        assert not announced(listener, "homeassistant")
        assert explained(hubs, "light.hall")["reason"]["code"] == "no_consumer"

        await bridge.stop()
        bridge = Bridge(tmp_path / "tablet", "tablet", tablet.url, tablet.token, broker.url, consume=False)
        await bridge.start()
        await listener.until(lambda: moved("tablet_ha", "homeassistant"), 30, "all to move back")
        await bridge.stop()


async def test_a_bridge_that_starts_later_announces_for_the_consumer_alone(tmp_path, home, tablet, broker):
    bridge = consuming(tmp_path, tablet, broker, prefix="tablet_ha")
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, "homeassistant/+/hubs/#", "tablet_ha/#") as listener:
        hubs = Bridge(tmp_path / "hubs", "hubs", home.url, home.token, broker.url)
        await hubs.start()
        await listener.until(lambda: lights(listener, "tablet_ha") >= LIGHTS, 20, "the lights")
        await hubs.stop()
        assert not [each for each in listener.messages if each.topic.startswith("homeassistant/")]
    await bridge.stop()


async def test_a_bridge_that_only_consumes_clears_what_it_has_published(tmp_path, tablet, broker):
    bridge = Bridge(tmp_path / "tablet", "tablet", tablet.url, tablet.token, broker.url)
    async with Listener(broker.port, "statebus/tablet/#", "homeassistant/#") as listener:
        await bridge.start()

        def announcements() -> list[str]:
            return [topic for topic in listener.topics if topic.startswith("homeassistant/")]

        await listener.until(lambda: len(announcements()) > 3, 30, "its own entities")
        await bridge.stop()
        bridge = Bridge(tmp_path / "tablet", "tablet", tablet.url, tablet.token, broker.url,
                        publish=False, consume={"prefix": "tablet_ha"})  # fmt: skip
        await bridge.start()

        def kinds() -> set[str]:
            kinds = {topic.split("/")[2] for topic in listener.topics if topic.startswith("statebus/")}
            return kinds - {"reply"}  # markers are not retained

        own = {"status", "info", "heartbeat", "index"}
        await listener.until(lambda: kinds() == own, 60, "the rest to go")
        assert not announcements()

        def told() -> tuple[list[str], int]:
            info = json.loads(listener.topics["statebus/tablet/info"])
            return info["roles"], info["published"]

        await listener.until(lambda: told() == (["consume"], 0), 30, "the info")
        assert listener.topics["statebus/tablet/status"] == "online"
        await bridge.stop()
