"""A broker that does not let the bridge read or write something: told with what to do, and no `online`."""

from __future__ import annotations

import asyncio
import json

import pytest

from harness.bridge import Bridge, program, write_secret
from harness.mosquitto import Arrived, DEFAULT_CONFIG, Listener, Mosquitto, RestrictedMosquitto
from harness.mqtt_door import MqttDoor
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant

from .test_bad_starts import said

STATUS = "statebus/hubs/status"
# What `check` needs beside the bridge's own rights.
READS_ALL = "topic read statebus/+/info\ntopic read statebus/+/status\ntopic readwrite statebus/+/reply/#\n"
ANNOUNCEMENTS = "topic readwrite homeassistant/+/hubs/#\n"


@pytest.fixture
async def home(tmp_path):
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        yield home


async def restricted(tmp_path, home, rules: str) -> tuple[RestrictedMosquitto, Bridge]:
    """A broker with these rules for the user of a bridge that is not started yet."""
    broker = RestrictedMosquitto(tmp_path / "broker", rules)
    await broker.start()
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, broker.url, **broker.login)
    write_secret(bridge.folder / "mqtt.pw", broker.password)
    return broker, bridge


async def problems(bridge: Bridge) -> list[str]:
    """What `statebus check` calls problems."""
    command = [str(program()), "check", "--json", "-c", str(bridge.config)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    found = [finding["text"] for finding in json.loads(out) if finding["mark"] == "problem"]
    assert process.returncode == (1 if found else 0)
    return found


async def test_check_finds_that_commands_may_not_be_read(tmp_path, home):
    rules = f"topic write statebus/hubs/#\n{READS_ALL}{ANNOUNCEMENTS}"
    broker, bridge = await restricted(tmp_path, home, rules)
    (problem,) = await problems(bridge)
    assert "may not read statebus/hubs/command/#" in problem and "topic readwrite statebus/hubs/#" in problem
    await broker.stop()


async def test_check_finds_that_announcements_may_not_be_written(tmp_path, home):
    broker, bridge = await restricted(tmp_path, home, f"topic readwrite statebus/hubs/#\n{READS_ALL}")
    (problem,) = await problems(bridge)
    assert "may not write homeassistant/+/hubs/#" in problem
    await broker.stop()


async def test_check_finds_nothing_wrong_with_all_rights(tmp_path, home):
    rules = f"topic readwrite statebus/hubs/#\n{READS_ALL}{ANNOUNCEMENTS}"
    broker, bridge = await restricted(tmp_path, home, rules)
    async with Listener(broker.port, "homeassistant/#", "statebus/#") as listener:
        assert await problems(bridge) == []

        def unkept() -> list[Arrived]:
            # One message is retained for a moment, to see whether the broker does it.
            return [message for message in listener.messages if "/reply/kept/" not in message.topic]

        def probes() -> list[str]:
            return [message.topic for message in unkept() if message.payload == "probe"]

        await listener.until(lambda: len(probes()) == 4, 10, "the probes")
        assert not any(message.retained for message in unkept())
        assert not any(topic.endswith("/config") for topic in probes())
    await broker.stop()


async def test_a_bridge_whose_documents_are_refused_is_not_online_and_says_so_once(tmp_path, home):
    every = f"topic readwrite statebus/hubs/#\n{ANNOUNCEMENTS}"
    broker, bridge = await restricted(tmp_path, home, f"{every}topic deny statebus/hubs/state/#\n")
    async with Listener(broker.port, STATUS) as listener:
        await bridge.start()
        line = await said(bridge, "not online")
        assert "ACL" in line
        await listener.until(lambda: listener.topics.get(STATUS) == "offline", 10, "offline")
        # All 28 documents were refused; that is no reason for 28 lines.
        assert len(bridge.complaints()) <= 6
        await broker.stop()
        broker.allow(every)
        await broker.start()
        await bridge.online()
    await bridge.stop()
    await broker.stop()


async def test_a_refused_subscription_to_commands_is_told_with_what_to_do(tmp_path, home):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with MqttDoor(broker.port, refused="/command/#") as door:
        bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, door.url)
        await bridge.start()
        line = await said(bridge, "subscription to statebus/hubs/command/#")
        assert "ACL" in line and door.url in line and "0x87" in line
        await bridge.online()
        assert len(bridge.complaints()) == 1
        await bridge.stop()
        found = await problems(bridge)
        assert any("subscription to statebus/hubs/command/#" in text for text in found)
    await broker.stop()


async def test_a_document_that_is_too_large_is_no_old_state(tmp_path, home):
    """Main takes an empty document for an entity that is unavailable."""
    broker = Mosquitto(tmp_path / "broker", DEFAULT_CONFIG + "max_packet_size 6000\n")
    await broker.start()
    bridge = Bridge(tmp_path / "bridge", "hubs", home.url, home.token, broker.url)
    topic = "statebus/hubs/state/light/ceiling_lamp"
    async with Listener(broker.port, topic) as listener:
        await bridge.start()
        await bridge.online()
        await listener.until(lambda: topic in listener.topics, 10, "the document")
        large = {"state": "on", "attributes": {"story": "x" * 8000}}
        await home.send({"set": {"light.ceiling_lamp": large}})
        await listener.until(lambda: topic not in listener.topics, 10, "the old state to go")
        await wait_until(lambda: "max_packet_size" in bridge.output(), 10, "the reason")
        await home.send({"set": {"light.ceiling_lamp": {"state": "off", "attributes": {}}}})
        await listener.until(lambda: '"off"' in listener.topics.get(topic, ""), 10, "the new state")
    await bridge.stop()
    await broker.stop()
