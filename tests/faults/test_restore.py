"""`statebus restore`, against the running bridge."""

from __future__ import annotations

import subprocess

from harness.bridge import Bridge, program
from harness.mosquitto import Listener

LIGHT = "light.ceiling_lamp"


def restore(bridge: Bridge, entity_id: str) -> subprocess.CompletedProcess:
    command = [str(program()), "restore", entity_id, "-c", str(bridge.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


async def test_what_was_deleted_on_main_comes_back(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    filters = "homeassistant/light/edge/+/config", "statebus/edge/entity/#"
    async with Listener(broker.port, *filters) as listener:
        await bridge.start()
        await bridge.online()

        def announced() -> list[str]:
            return [topic for topic, text in listener.topics.items() if "command/light/ceiling_lamp" in text]

        [topic] = await listener.until(announced, 20, "the announcement")
        result = restore(bridge, LIGHT)
        assert (result.returncode, result.stdout) == (0, f"{LIGHT}: nobody has deleted it; nothing to do\n")

        listener.publish(topic, "", retain=True)
        description = "statebus/edge/entity/light/ceiling_lamp"
        await listener.until(lambda: "deleted_under" in listener.topics[description], 20, "the deletion")
        assert topic not in listener.topics
        result = restore(bridge, LIGHT)
        assert (result.returncode, result.stdout) == (0, f"{LIGHT}: announced again under homeassistant\n")
        assert await listener.until(announced, 20, "the announcement again") == [topic]

        listener.publish(topic, "", retain=True)
        await listener.until(lambda: "deleted_under" in listener.topics[description], 20, "the deletion")
        await bridge.stop()
        result = restore(bridge, LIGHT)
        assert result.returncode == 1
        assert result.stderr.startswith("statebus: the bridge of edge is not online")


async def test_what_is_not_there_is_told(tmp_path, home, broker):
    bridge = Bridge(tmp_path / "bridge", "edge", home.url, home.token, broker.url)
    for entity_id, text in (
        ("light.none", "edge has no light.none on the bus; `statebus explain light.none` says why"),
        ("lamp", "lamp is no entity id; one looks like light.kitchen"),
    ):
        result = restore(bridge, entity_id)
        assert (result.returncode, result.stderr) == (1, f"statebus: {text}\n")
    await broker.stop()
    result = restore(bridge, LIGHT)
    assert result.returncode == 1
    assert result.stderr.startswith(f"statebus: the broker at {broker.url}: ")
