"""What a user sees when something is wrong at the start: one clear message each, and no hammering."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from harness.bridge import Bridge, program, write_secret
from harness.mosquitto import Mosquitto
from harness.process import free_port, wait_until
from harness.scripted import ScriptedHomeAssistant
from harness.skips import skip

from .slow_names import SlowNames


async def said(bridge: Bridge, *words: str) -> str:
    """Waits for the complaint that has all these words."""

    def found() -> str | None:
        return next((line for line in bridge.complaints() if all(word in line for word in words)), None)

    return await wait_until(found, 40, f"{words} in {bridge.log}")


async def test_a_wrong_token_is_told_once_and_tried_once(home, broker, tmp_path):
    """A failed login can ban the address for good, so there is no second one for a quarter of an hour."""
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, "wrong", broker.url)
    await bridge.start()
    line = await said(bridge, "token")
    assert "statebus token" in line and "15 minutes" in line
    await broker.stop()  # a change of the weather elsewhere is no reason to try again
    await broker.start()
    await wait_until(lambda: "connected to the broker" in bridge.output().split(line)[1], 30, "the broker")
    assert sum("token" in each for each in bridge.complaints()) == 1
    assert (await home.send({"clients": True}))["clients"] == 0
    await bridge.stop()


async def test_a_broker_that_refuses_is_told_with_what_to_do(home, tmp_path):
    config = "listener {port} 127.0.0.1\nallow_anonymous false\n"
    broker = Mosquitto(tmp_path / "broker", config)
    await broker.start()
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    await bridge.start()
    line = await said(bridge, "broker")
    assert "broker.username" in line and broker.url in line
    attempts = broker.process.output().count("New connection from")
    await asyncio.wait_for(bridge.stop(), 10)
    assert len(bridge.complaints()) == 1
    assert attempts <= 3, broker.process.output()  # one of them is the harness itself
    await broker.stop()


async def test_a_broker_that_is_not_there_is_told_once_and_awaited(home, broker, tmp_path):
    await broker.stop()
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    await bridge.start()
    line = await said(bridge, "broker")
    assert broker.url in line
    await broker.start()
    await bridge.online()
    assert len(bridge.complaints()) == 1
    await bridge.stop()


async def test_a_home_assistant_that_is_not_there_is_told_once_and_awaited(broker, tmp_path):
    home = ScriptedHomeAssistant(tmp_path / "ha", "--demo")
    home.port = free_port()
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    await bridge.start()
    assert f"127.0.0.1:{home.port}" in await said(bridge, "Home Assistant")
    await home.start()
    await bridge.online()
    assert len(bridge.complaints()) == 1
    await bridge.stop()
    await home.stop()


async def slow_names(tmp_path, names: dict[str, str], seconds: float, **more: str) -> SlowNames:
    try:
        server = SlowNames(tmp_path, names, seconds, **more)
        await server.start()
        return server
    except PermissionError as reason:
        skip(f"a resolver of the test's own needs root: {reason}")


async def test_a_name_that_resolves_slowly_delays_nothing_else(home, broker, tmp_path):
    """Paho resolves names in the thread that calls it; Home Assistant's side must not notice."""
    names = await slow_names(tmp_path, {"broker.slow.test": "127.0.0.1"}, seconds=6)
    url = f"mqtt://broker.slow.test:{broker.port}"
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, url)
    bridge.prefix = names.command_prefix()
    await bridge.start()
    await wait_until(lambda: names.asked, 10, "the name to be asked for")
    # Home Assistant's session starts while the name is still being resolved.
    await wait_until(lambda: "connected to Home Assistant" in bridge.output(), 4, "Home Assistant's side")
    assert names.answered == 0
    await bridge.online()
    assert bridge.complaints() == []
    await bridge.stop()
    await names.stop()


async def test_a_name_that_nobody_knows_is_told_for_both_sides(tmp_path):
    names = await slow_names(tmp_path, {}, seconds=0)
    bridge = Bridge(tmp_path / "bridge", "edge", "http://ha.none.test", "token", "mqtt://broker.none.test")
    bridge.prefix = names.command_prefix()
    await bridge.start()
    assert "cannot resolve ha.none.test" in await said(bridge, "Home Assistant at ws://ha.none.test")
    assert "host name" in await said(bridge, "the broker at mqtt://broker.none.test")
    assert await bridge.stop() == 0
    await names.stop()


BROKEN = {
    "unknown key": ("brokr: {urls: [mqtt://h]}", ["statebus.yaml:2:1", "brokr", "broker"]),
    "wrong type": ("broker: {urls: 7}", ["statebus.yaml:2:", "broker.urls"]),
    "an address of several": (
        "broker:\n  urls:\n    - mqtt://h\n    - reserve.lan",
        ["statebus.yaml:5:", "broker.urls", "'reserve.lan'", "mqtt://"],
    ),
    "no unit": ("calls: {timeout: 60}", ["statebus.yaml:2:", "calls.timeout", "10s"]),
    "bad instance": ("instance: Living Room", ["statebus.yaml:", "instance"]),
    "broken YAML": ("broker: {urls: [", ["statebus.yaml:"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_configuration_names_file_line_and_key(tmp_path, name):
    text, words = BROKEN[name]
    write_secret(tmp_path / "t", "token")
    file = tmp_path / "statebus.yaml"
    tail = "" if "broker" in text else "broker: {urls: [mqtt://h]}\n"
    head = "" if text.startswith("instance") else "instance: edge\n"
    file.write_text(f"{head}{text}\nhome_assistant: {{url: ws://h, token_file: t}}\n{tail}")
    done = subprocess.run([program(), "run", "-c", str(file)], capture_output=True, text=True, timeout=10)
    assert done.returncode == 2, done
    assert all(word in done.stderr for word in words), done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
