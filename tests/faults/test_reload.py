"""SIGHUP reads the filter and the log's settings again."""

from __future__ import annotations

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


def rewrite(bridge: Bridge, **changes) -> None:
    settings = {**yaml.safe_load(bridge.config.read_text()), **changes}
    bridge.config.write_text(yaml.safe_dump(settings))
