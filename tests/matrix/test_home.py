"""Faults of Home Assistant: gone, restarted, with another token, frozen, all changing at once."""

from __future__ import annotations

import os
import signal

import pytest

from harness.mosquitto import Listener
from harness.process import lasts
from harness.truth import documents

from .house import House, Outcome, clients_of, now


@pytest.mark.parametrize("seconds", [0, 12])
async def test_f10_home_assistant_is_gone(house, row, seconds):
    await house.settle()
    await house.home.stop()
    await house.said("Home Assistant")
    await lasts(seconds)
    await house.home.start()
    what = f"Home Assistant killed, started {f'{seconds} s later' if seconds else 'at once'}"
    row("F10", what, await house.recovers(now()))


async def test_f10_home_assistant_refuses_the_token(house, row):
    await house.settle()
    await house.home.stop()
    house.home.token = "another"
    await house.home.start()
    await house.said("15 minutes")
    assert await clients_of(house.home) == 0
    (house.bridge.folder / "ha.token").write_text("another")
    house.bridge.process.signal(signal.SIGHUP)
    row("F10", "token revoked, then a new one and SIGHUP", await house.recovers(now()))
    assert house.told().count("15 minutes") == 1


async def test_f11_home_assistant_restarts_and_has_its_states_only_at_the_end(house, row):
    await house.settle()
    async with Listener(house.broker.port, "homeassistant/#", "statebus/edge/entity/#", qos=0) as listener:
        before = len(listener.messages)
        await house.home.send({"restart": {"down": 1, "loading": 3, "starting": 3}})
        ended = now()
        outcome = await house.recovers(ended)
        gone = [each.topic for each in listener.messages[before:] if not each.payload]
        row("F11", "Home Assistant restarts, first without states", outcome)
        assert gone == []


@pytest.mark.full
async def test_f12_home_assistant_freezes(house, row):
    await house.settle()
    os.kill(house.home.pid, signal.SIGSTOP)
    await house.said("Home Assistant", 90)
    os.kill(house.home.pid, signal.SIGCONT)
    await house.said("connected to Home Assistant")
    row("F12", "Home Assistant frozen (SIGSTOP) until that was noticed", await house.recovers(now()))


@pytest.mark.full
async def test_f26_everything_changes_at_once(tmp_path, row):
    """The announcements of so many go out for a minute and more; the states do not wait for them."""
    count = 16_000
    async with House(tmp_path, count) as house:
        house.bridge = house.make_bridge()
        await house.bridge.start()
        await house.bridge.online(timeout=240)
        house.fault_begins()
        before = house.memory()
        root = "statebus/edge/state/"
        async with Listener(house.broker.port, f"{root}#", qos=0) as listener:
            seen = len(listener.messages)
            await house.home.send({"load": {"count": count}}, timeout=120)
            ended, truth = now(), await house.truth()
            found: list[str] = []

            def equal() -> bool:
                # To look at all of them after each message would take longer than the messages do.
                if len(listener.messages) - seen < count:
                    return False
                found[:] = documents(truth, listener.topics, root)
                return not found

            try:
                await listener.until(equal, 120, "all documents")
            except TimeoutError:
                found = found or documents(truth, listener.topics, root)
            seconds, messages = now() - ended, len(listener.messages) - seen
        outcome = Outcome(found, seconds, seconds, messages, (before, house.memory()))
        row("F26", f"{count} entities change at once (documents alone)", outcome)
        assert "Home Assistant" not in house.told()
