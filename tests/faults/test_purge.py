"""`statebus purge`: what an instance that is no more has left behind."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from harness.bridge import Bridge, program
from harness.mosquitto import Listener


async def purge(bridge: Bridge, *arguments: str, instance: str = "edge") -> subprocess.CompletedProcess:
    command = [str(program()), "purge", "--instance", instance, "-c", str(bridge.config), *arguments]
    settings = {"capture_output": True, "text": True, "timeout": 120, "stdin": subprocess.DEVNULL}
    return await asyncio.to_thread(subprocess.run, command, **settings)


async def test_all_of_an_instance_goes_announcements_first_and_nothing_of_another(tmp_path, home, broker):
    edge = Bridge(tmp_path / "edge", "edge", home.url, home.token, broker.url)
    hubs = Bridge(tmp_path / "hubs", "hubs", home.url, home.token, broker.url)
    foreign = "homeassistant/sensor/edge/somebody_else/config"
    async with Listener(broker.port, "statebus/#", "homeassistant/#") as listener:
        listener.publish(foreign, '{"state_topic": "x"}', retain=True)
        for each in (edge, hubs):
            await each.start()
            await each.online()
        refused = await purge(edge, "--yes")
        assert refused.returncode == 1
        assert refused.stderr.startswith("statebus: the bridge of edge runs")
        await edge.stop()

        def of(instance: str) -> set[str]:
            topics = {topic for topic in listener.topics if f"/{instance}/" in topic}
            # Heartbeats come by time, and markers are not retained.
            return {topic for topic in topics if not topic.endswith("/heartbeat") and "/reply/" not in topic}

        before = of("hubs")
        unasked = await purge(edge)
        assert unasked.returncode == 1 and "nothing is cleared without --yes" in unasked.stderr
        assert len(of("edge")) > 50

        start = len(listener.messages)
        done = await purge(edge, "--yes")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert done.stdout.endswith("edge: all is cleared\n")
        assert of("edge") == {foreign} and of("hubs") >= before
        cleared = [each.topic for each in listener.messages[start:] if not each.payload]
        kinds = ["announcement" if topic.startswith("homeassistant/") else "bus" for topic in cleared]
        assert kinds == sorted(kinds) and cleared[-1] == "statebus/edge/status"
        again = await purge(edge, "--yes")
        assert (again.returncode, again.stdout) == (0, "edge: it has left nothing on the broker\n")
    await hubs.stop()


@pytest.mark.parametrize("status", ["", "offline"])
async def test_a_bridge_whose_status_is_withheld_is_no_bridge_that_is_gone(tmp_path, home, broker, status):
    edge = Bridge(tmp_path / "edge", "edge", home.url, home.token, broker.url)
    own = {"info": '{"ha_link":"up"}', "heartbeat": '{"beat":7}', "areas": "[]", "status": status}
    async with Listener(broker.port, "statebus/#") as listener:
        for name, payload in own.items():
            listener.publish(f"statebus/edge/{name}", payload, retain=True)
        await listener.until(lambda: len(listener.topics) == sum(map(bool, own.values())), 10, "all of it")
        refused = await purge(edge, "--yes")
        assert refused.returncode == 1
        assert refused.stderr.startswith("statebus: the bridge of edge runs, as its heartbeat tells")
        assert "statebus/edge/areas" in listener.topics
        listener.publish("statebus/edge/heartbeat", "", retain=True)
        await listener.until(lambda: "statebus/edge/heartbeat" not in listener.topics, 10, "its end")
        assert (await purge(edge, "--yes")).returncode == 0


async def test_a_broker_that_does_not_answer_is_told(tmp_path, home, broker):
    edge = Bridge(tmp_path / "edge", "edge", home.url, home.token, broker.url)
    await broker.stop()
    done = await purge(edge, "--yes")
    assert done.returncode == 1 and done.stderr.startswith(f"statebus: the broker at {broker.url}: ")
