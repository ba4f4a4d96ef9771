"""`statebus check` finds a broker that lacks what statebus needs, each with a broker that does lack it."""

from __future__ import annotations

import asyncio

import pytest

from harness.bridge import Bridge, write_secret
from harness.config import broker_findings, problems_of
from harness.mosquitto import DEFAULT_CONFIG, Listener, Mosquitto, RestrictedMosquitto


def check(bridge: Bridge) -> tuple[int, list[str]]:
    """The exit code, and what is wrong with the broker."""
    code, found = broker_findings(bridge)
    return code, problems_of(found)


LACKING = {
    "retain_available false": ["keeps no retained messages", "retain_available true"],
    # 20 are under way, and the rest waits.
    "max_queued_messages 100": ["of 500 messages at once", "keeps 120", "max_queued_messages"],
    "max_queued_messages 479": ["keeps 499"],
    "max_queued_messages 480": None,
}


@pytest.mark.parametrize("setting", LACKING)
async def test_a_mosquitto_that_was_told_to_lack_something(tmp_path, home, setting):
    broker = Mosquitto(tmp_path / "broker", f"{DEFAULT_CONFIG}{setting}\n")
    await broker.start()
    code, problems = check(Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url))
    if LACKING[setting] is None:
        assert (code, problems) == (0, [])
    else:
        assert code == 1 and len(problems) == 1, problems
        assert all(word in problems[0] for word in LACKING[setting])
    await broker.stop()


async def test_what_is_tried_leaves_nothing_and_is_nothing_to_a_bridge(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    await bridge.start()
    await bridge.online()
    async with Listener(broker.port, "statebus/edge/#") as listener:
        before, heard = dict(listener.topics), len(listener.messages)
        assert await asyncio.to_thread(check, bridge) == (0, [])
        tried = "statebus/edge/reply/kept/probe"

        def sent() -> list[str]:
            return [each.payload for each in listener.messages[heard:] if each.topic == tried]

        await listener.until(lambda: len(sent()) == 2, 10, "what was tried to be cleared")
        assert sent() == ["probe", ""]
        own = {topic for topic in listener.topics if "/reply/" not in topic and "/command/" not in topic}
        assert own == set(before)
    async with Listener(broker.port, "statebus/+/reply/#", "statebus/probe-edge/#") as listener:
        assert not listener.topics
    await bridge.stop()


async def test_where_it_may_not_write_its_rights_are_told_and_no_lack(tmp_path, home):
    broker = RestrictedMosquitto(tmp_path / "broker", "topic read statebus/#\n")
    await broker.start()
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, **broker.login)
    write_secret(tmp_path / "bridge" / "mqtt.pw", broker.password)
    code, problems = check(bridge)
    assert code == 1 and problems
    assert not [text for text in problems if "retained" in text or "at once" in text], problems
    await broker.stop()
