"""SIGHUP reads the filter, the log's settings and the token again."""

from __future__ import annotations

import json
import signal

import yaml

from harness.bridge import Bridge
from harness.mosquitto import Listener, Mosquitto
from harness.process import wait_until
from harness.scripted import ScriptedHomeAssistant


async def test_sighup_puts_a_changed_filter_into_force_and_refuses_a_broken_one(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
        await bridge.start()
        await bridge.online()
        async with Listener(broker.port, "statebus/edge/state/#", "homeassistant/#") as listener:

            def of_lights() -> list[str]:
                return [topic for topic in listener.topics if "/light/" in topic]

            await listener.until(lambda: len(of_lights()) >= 4, 20, "documents and announcements of lights")
            before = len(of_lights())
            rewrite(bridge, publish={"filter": [{"exclude": {"domain": "light"}}]})
            bridge.process.signal(signal.SIGHUP)
            await listener.until(lambda: not of_lights(), 20, "the lights to go")
            rewrite(bridge, publish={"filtre": []})
            bridge.process.signal(signal.SIGHUP)
            await wait_until(lambda: "stays in force" in bridge.output(), 10, "the fault to be told")
            assert "did you mean 'filter'" in bridge.output()
            assert not of_lights()
            rewrite(bridge, publish={"filter": []})
            bridge.process.signal(signal.SIGHUP)
            await listener.until(lambda: len(of_lights()) == before, 20, "the lights to come back")
        assert await bridge.stop() == 0
    await broker.stop()


async def test_publish_that_is_turned_off_or_on_waits_for_a_restart_and_that_is_told(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        consume = {"prefix": "main_ha"}
        bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, consume=consume)
        await bridge.start()
        await bridge.online()
        async with Listener(broker.port, "statebus/edge/state/light/+") as listener:
            await listener.until(lambda: len(listener.topics) == 2, 20, "documents of lights")
            rewrite(bridge, publish=False)
            bridge.process.signal(signal.SIGHUP)
            told = "publish was turned off, which only a restart puts into force"
            await wait_until(lambda: told in bridge.output(), 10, "the reason to be told")
            assert "are in force" not in bridge.output()
            # The next reload finds all of them there.
            rewrite(bridge, publish={"filter": [{"exclude": {"entity": "light.ceiling_lamp"}}]})
            bridge.process.signal(signal.SIGHUP)
            await listener.until(lambda: len(listener.topics) == 1, 20, "the lamp to go")
            cleared = [each.topic for each in listener.messages if not each.payload]
            assert cleared == ["statebus/edge/state/light/ceiling_lamp"]
        assert await bridge.stop() == 0
        rewrite(bridge, publish=False)
        await bridge.start()
        await wait_until(lambda: "connected to the broker" in bridge.output(), 20, "the bridge")
        rewrite(bridge, publish={"filter": []})
        bridge.process.signal(signal.SIGHUP)
        await wait_until(lambda: "publish was turned on" in bridge.output(), 10, "the reason to be told")
        assert await bridge.stop() == 0
    await broker.stop()


async def test_sighup_puts_a_changed_level_and_format_of_the_log_into_force(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url, log={"level": "error"})
        await bridge.start()
        async with Listener(broker.port, "statebus/edge/status", "homeassistant/light/#") as listener:
            ready = "the bridge to be online and its lights to be announced"
            await listener.until(
                lambda: "online" in listener.topics.values() and len(listener.topics) > 2, 30, ready
            )
            assert bridge.output() == ""
            rewrite(bridge, log={"level": "info", "format": "json"})
            bridge.process.signal(signal.SIGHUP)
            await wait_until(lambda: "in force" in bridge.output(), 10, "the reload to be told")
            line = json.loads(bridge.output().splitlines()[0])
            assert line["level"] == "info" and line["message"].startswith("read the configuration again")
            # At this level the next reload is not told; the filter that comes with it shows on the bus.
            rewrite(bridge, log={"level": "error"}, publish={"filter": [{"exclude": {"domain": "light"}}]})
            bridge.process.signal(signal.SIGHUP)
            await listener.until(lambda: len(listener.topics) == 1, 20, "the lights to go")
        await home.send({"drop": True})  # a warning, which is not said any more
        await wait_until(lambda: clients_of(home), 20, "the bridge to be back")
        assert await bridge.stop() == 0
        assert "lost" not in bridge.output()
    await broker.stop()


async def clients_of(home: ScriptedHomeAssistant) -> int:
    return (await home.send({"clients": True}))["clients"]


async def test_a_token_that_has_become_empty_is_no_login_and_a_new_one_is_taken_at_sighup(tmp_path):
    broker = Mosquitto(tmp_path / "broker")
    await broker.start()
    async with ScriptedHomeAssistant(tmp_path / "ha", "--demo") as home:
        bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
        await bridge.start()
        await bridge.online()
        token_file = bridge.folder / "ha.token"
        token_file.write_text("")
        await home.send({"drop": True})
        told = f"does not log in: home_assistant.token_file names {token_file}, which is empty"
        await wait_until(lambda: told in bridge.output(), 20, "the reason to be told")
        assert "15 minutes" in bridge.output()
        bridge.process.signal(signal.SIGHUP)
        await wait_until(lambda: "stays in force" in bridge.output(), 10, "the fault to be told")
        token_file.write_text(home.token)
        bridge.process.signal(signal.SIGHUP)
        await wait_until(lambda: bridge.output().count("connected to Home Assistant") == 2, 20, "the login")
        assert bridge.output().count("does not log in") == 1
        assert await bridge.stop() == 0
    await broker.stop()


def rewrite(bridge: Bridge, **changes) -> None:
    settings = {**yaml.safe_load(bridge.config.read_text()), **changes}
    bridge.config.write_text(yaml.safe_dump(settings))
